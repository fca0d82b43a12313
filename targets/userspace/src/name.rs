//! Names of ports: `bus:device`, with options after a question mark.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::Error;

/// The name of a port: its bus, its device, and where its wire ends.
///
/// | name | port |
/// | --- | --- |
/// | `sim:<nic>` | a simulated NIC in this process: the first variant of its spec |
/// | `sim:<nic>/<variant>` | another variant |
/// | `qemu:<device>` | one of QEMU's NICs, in a separate process |
///
/// Options follow as `?key=value`, separated by `&`:
///
/// | option | wire |
/// | --- | --- |
/// | `wire=none` | not connected (default) |
/// | `wire=loop` | returns every frame to the port |
/// | `wire=source` | delivers 60-byte broadcast frames endlessly, and drops sent frames |
/// | `cable=<name>` | connects to the other port of this process with the same cable name |
/// | `replay=<file>` | delivers the frames of a capture |
/// | `record=<file>` | writes the sent frames to a capture |
/// | `flap=<ms>` | is unplugged for a moment at this interval in milliseconds (bus `sim` only) |
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
    /// The device's name on the bus.
    pub device: String,
    /// The variant of the device; the first one if `None`.
    pub variant: Option<String>,
    /// Where the wire ends.
    pub wire: WireEnd,
    /// The interval at which the wire is unplugged.
    pub flap: Option<Duration>,
}

/// A bus in a port's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusKind {
    /// `sim`.
    Sim,
    /// `qemu`.
    Qemu,
}

/// Where the wire of a port without hardware ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum WireEnd {
    /// Not connected.
    #[default]
    None,
    /// A loopback.
    Loop,
    /// A source of frames.
    Source,
    /// The other port with the same cable name.
    Cable(String),
    /// Captures.
    Captures {
        /// The capture to receive.
        replay: Option<PathBuf>,
        /// The capture for sent frames.
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
        _ => return Err(format!("unknown bus `{bus}`: use `sim` or `qemu`")),
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
        return Err("the variant after the `/` is missing".to_owned());
    }
    let (mut wire, mut flap) = (WireEnd::None, None);
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let (key, value) = option
            .split_once('=')
            .ok_or_else(|| format!("`{option}` is not `key=value`"))?;
        match (key, bus) {
            ("flap", BusKind::Sim) => flap = Some(milliseconds(value)?),
            ("flap", _) => return Err("`flap` works on the bus `sim` only".to_owned()),
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

/// Adds an option to the options before it.
fn end_of(before: WireEnd, key: &str, value: &str) -> Result<WireEnd, String> {
    use WireEnd::Captures;
    let end = match (key, value) {
        ("wire" | "cable" | "replay" | "record", "") => {
            return Err(format!("`{key}` has no value"));
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
        ("replay", file) => Captures {
            replay: Some(file.into()),
            record: None,
        },
        ("record", file) => Captures {
            replay: None,
            record: Some(file.into()),
        },
        _ => {
            return Err(format!(
                "unknown option `{key}`: use `wire`, `cable`, `replay`, `record` or `flap`"
            ));
        }
    };
    match (before, end) {
        (WireEnd::None, end) => Ok(end),
        (
            Captures {
                replay,
                record: None,
            },
            Captures {
                replay: None,
                record,
            },
        )
        | (
            Captures {
                replay: None,
                record,
            },
            Captures {
                replay,
                record: None,
            },
        ) => Ok(Captures { replay, record }),
        _ => Err(format!(
            "`{key}` would be a second end of the wire; give one"
        )),
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
        match options.is_empty() {
            true => Ok(()),
            false => write!(f, "?{}", options.join("&")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_name_prints_unchanged() {
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
    fn an_invalid_name_is_refused_with_what_is_valid() {
        for (name, why) in [
            ("8254x", "`sim:<nic>`"),
            ("usb:8254x", "unknown bus `usb`"),
            ("sim:", "device is missing"),
            ("sim:8254x/", "variant after the `/`"),
            ("sim:8254x?flap=0", "number of milliseconds"),
            ("sim:8254x?flap=often", "not `often`"),
            ("qemu:e1000?flap=50", "on the bus `sim` only"),
            ("sim:8254x?loop", "not `key=value`"),
            ("sim:8254x?wire=", "no value"),
            ("sim:8254x?wire=copper", "not `copper`"),
            ("sim:8254x?wires=loop", "unknown option `wires`"),
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
