//! Names of ports: `bus:device`, with options behind a question mark.

use std::fmt;
use std::iter;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::Error;

/// Which bus, which device on it, and where its wire ends.
///
/// | name | port |
/// | --- | --- |
/// | `sim:<nic>` | a simulated NIC in this process: the first variant of its spec |
/// | `sim:<nic>/<variant>` | another variant |
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
/// | `flap=<ms>` | of the bus `sim` comes loose again and again, after so many milliseconds |
///
/// ```
/// use netmap_userspace::PortName;
///
/// let name: PortName = "sim:nic?wire=loop".parse()?;
/// assert_eq!(name.to_string(), "sim:nic?wire=loop");
/// assert!("pci".parse::<PortName>().is_err());
/// # Ok::<(), netmap_userspace::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortName {
    /// The bus.
    pub bus: BusKind,
    /// The device, in the words of the bus.
    pub device: String,
    /// The variant of the device; its first if there is none.
    pub variant: Option<String>,
    /// Where the wire ends.
    pub wire: WireEnd,
    /// How often the wire comes loose for a moment.
    pub flap: Option<Duration>,
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

impl PortName {
    /// The name without options.
    pub fn nic(&self) -> PortName {
        PortName {
            wire: WireEnd::None,
            flap: None,
            ..self.clone()
        }
    }
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
    let (device, variant) = match (bus, device.split_once('/')) {
        (BusKind::Sim, Some((device, variant))) => (device, Some(variant)),
        _ => (device, None),
    };
    if device.is_empty() {
        return Err("the device is missing".to_owned());
    }
    if variant.is_some_and(str::is_empty) {
        return Err("the variant behind the `/` is missing".to_owned());
    }
    let (mut wire, mut flap) = (WireEnd::None, None);
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let (key, value) = option
            .split_once('=')
            .ok_or_else(|| format!("`{option}` is not `key=value`"))?;
        match (key, bus) {
            ("flap", BusKind::Sim) => flap = Some(milliseconds(value)?),
            ("flap", _) => return Err("only a wire of the bus `sim` has `flap`".to_owned()),
            _ => wire = end_of(wire, key, value)?,
        }
    }
    Ok(PortName {
        bus,
        device: device.to_owned(),
        variant: variant.map(str::to_owned),
        wire,
        flap,
    })
}

fn milliseconds(value: &str) -> Result<Duration, String> {
    match value.parse() {
        Ok(ms @ 1..) => Ok(Duration::from_millis(ms)),
        _ => Err(format!("`flap` is a number of milliseconds, not `{value}`")),
    }
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
                "there is no option `{key}`, only `wire`, `cable`, `replay`, `record` and `flap`"
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
        if let Some(variant) = &self.variant {
            write!(f, "/{variant}")?;
        }
        let mut options = Vec::new();
        match &self.wire {
            WireEnd::None => {}
            WireEnd::Loop => options.push("wire=loop".to_owned()),
            WireEnd::Source => options.push("wire=source".to_owned()),
            WireEnd::Cable(name) => options.push(format!("cable={name}")),
            WireEnd::Captures { replay, record } => {
                for (key, file) in [("replay", replay), ("record", record)] {
                    if let Some(file) = file {
                        options.push(format!("{key}={}", file.display()));
                    }
                }
            }
        }
        if let Some(flap) = self.flap {
            options.push(format!("flap={}", flap.as_millis()));
        }
        for (option, before) in options.iter().zip(iter::once('?').chain(iter::repeat('&'))) {
            write!(f, "{before}{option}")?;
        }
        Ok(())
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
            "sim:8254x/82545EM?wire=loop&flap=50",
            "sim:8254x?flap=1",
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
            ("sim:8254x/", "variant behind the `/`"),
            ("sim:8254x?flap=0", "number of milliseconds"),
            ("sim:8254x?flap=often", "not `often`"),
            ("qemu:e1000?flap=50", "only a wire of the bus `sim`"),
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
