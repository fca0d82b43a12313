//! Names of ports: `bus:device`, with options behind a question mark.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::Error;

/// Which bus, which device on it, and where its wire ends.
///
/// | name | port |
/// | --- | --- |
/// | `sim:<nic>` | a simulated NIC in this process |
/// | `qemu:<device>` | a NIC of QEMU's, in a process of its own |
///
/// Options follow as `?key=value`, more after `&`:
///
/// | option | the wire |
/// | --- | --- |
/// | `wire=none` | leads nowhere (default) |
/// | `wire=loop` | leads every frame back |
/// | `wire=source` | leads nowhere, and 60-byte frames to everyone keep coming |
/// | `cable=<name>` | ends in the other port of this process with that name |
/// | `replay=<file>` | brings the frames of a capture |
/// | `record=<file>` | keeps the frames sent in a capture |
///
/// ```
/// use netmap_userspace::PortName;
///
/// let name: PortName = "sim:8254x?wire=loop".parse()?;
/// assert_eq!(name.to_string(), "sim:8254x?wire=loop");
/// assert!("pci".parse::<PortName>().is_err());
/// # Ok::<(), netmap_userspace::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortName {
    /// The bus.
    pub bus: BusKind,
    /// The device, in the words of the bus.
    pub device: String,
    /// Where the wire ends.
    pub wire: WireEnd,
}

/// A bus that ports can be opened on by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusKind {
    /// `sim`.
    Sim,
    /// `qemu`.
    Qemu,
}

/// Where the wire of a port ends that has no hardware.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum WireEnd {
    /// Nowhere.
    #[default]
    None,
    /// At its own beginning.
    Loop,
    /// At a source of frames.
    Source,
    /// At the other port of the same name.
    Cable(String),
    /// In captures.
    Captures {
        /// What arrives.
        replay: Option<PathBuf>,
        /// Where frames sent go.
        record: Option<PathBuf>,
    },
}

impl FromStr for PortName {
    type Err = Error;

    fn from_str(name: &str) -> Result<PortName, Error> {
        parse(name).map_err(|why| Error::Name {
            name: name.to_owned(),
            why,
        })
    }
}

fn parse(name: &str) -> Result<PortName, String> {
    let (bus, rest) = name
        .split_once(':')
        .ok_or("a name is `sim:<nic>` or `qemu:<device>`")?;
    let bus = match bus {
        "sim" => BusKind::Sim,
        "qemu" => BusKind::Qemu,
        _ => return Err(format!("there is no bus `{bus}`, only `sim` and `qemu`")),
    };
    let (device, options) = rest.split_once('?').unwrap_or((rest, ""));
    if device.is_empty() {
        return Err("the device is missing".to_owned());
    }
    let mut wire = WireEnd::None;
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let (key, value) = option
            .split_once('=')
            .ok_or_else(|| format!("`{option}` is not `key=value`"))?;
        wire = end_of(wire, key, value)?;
    }
    Ok(PortName {
        bus,
        device: device.to_owned(),
        wire,
    })
}

/// What an option makes of the options before it.
fn end_of(before: WireEnd, key: &str, value: &str) -> Result<WireEnd, String> {
    let second_end = || format!("`{key}` gives the wire a second end");
    let end = match (key, value) {
        ("wire" | "cable" | "replay" | "record", "") => {
            return Err(format!("`{key}` has no value"));
        }
        ("replay" | "record", file) => {
            let (mut replay, mut record) = match before {
                WireEnd::None => (None, None),
                WireEnd::Captures { replay, record } => (replay, record),
                _ => return Err(second_end()),
            };
            let captures = match key {
                "replay" => &mut replay,
                _ => &mut record,
            };
            if captures.replace(PathBuf::from(file)).is_some() {
                return Err(second_end());
            }
            return Ok(WireEnd::Captures { replay, record });
        }
        ("wire", "none") => WireEnd::None,
        ("wire", "loop") => WireEnd::Loop,
        ("wire", "source") => WireEnd::Source,
        ("wire", _) => {
            return Err(format!(
                "a wire is `none`, `loop` or `source`, not `{value}`"
            ));
        }
        ("cable", name) => WireEnd::Cable(name.to_owned()),
        _ => {
            return Err(format!(
                "there is no option `{key}`, only `wire`, `cable`, `replay` and `record`"
            ));
        }
    };
    match before {
        WireEnd::None => Ok(end),
        _ => Err(second_end()),
    }
}

impl fmt::Display for BusKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BusKind::Sim => "sim",
            BusKind::Qemu => "qemu",
        })
    }
}

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.bus, self.device)?;
        match &self.wire {
            WireEnd::None => Ok(()),
            WireEnd::Loop => f.write_str("?wire=loop"),
            WireEnd::Source => f.write_str("?wire=source"),
            WireEnd::Cable(name) => write!(f, "?cable={name}"),
            WireEnd::Captures { replay, record } => {
                let options = [("replay", replay), ("record", record)];
                let given = options
                    .iter()
                    .filter_map(|(key, file)| file.as_ref().map(|file| (key, file)));
                for ((key, file), before) in given.zip(['?', '&']) {
                    write!(f, "{before}{key}={}", file.display())?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_right_prints_as_it_was() {
        for name in [
            "sim:8254x",
            "qemu:e1000?wire=loop",
            "sim:82599?wire=source",
            "sim:8254x?cable=a",
            "sim:8254x?replay=in.pcap",
            "sim:8254x?record=/tmp/out.pcap",
            "sim:8254x?replay=in.pcap&record=out.pcap",
        ] {
            assert_eq!(name.parse::<PortName>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn a_name_that_is_wrong_is_told_what_would_be_right() {
        for (name, why) in [
            ("8254x", "`sim:<nic>`"),
            ("usb:8254x", "no bus `usb`"),
            ("sim:", "device is missing"),
            ("sim:8254x?loop", "not `key=value`"),
            ("sim:8254x?wire=", "no value"),
            ("sim:8254x?wire=copper", "not `copper`"),
            ("sim:8254x?wires=loop", "no option `wires`"),
            ("sim:8254x?wire=loop&cable=a", "second end"),
            ("sim:8254x?cable=a&replay=b", "second end"),
            ("sim:8254x?replay=a&wire=loop", "second end"),
            ("sim:8254x?replay=a&replay=b", "second end"),
        ] {
            let error = name.parse::<PortName>().unwrap_err().to_string();
            assert!(error.contains(why), "{name}: {error}");
        }
    }
}
