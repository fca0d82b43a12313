//! Names of ports: `bus:device`, with options after a question mark.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
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
/// | `replay=<file>` | delivers the frames of a capture: libpcap or pcapng, a file or a pipe |
/// | `strict=yes` | with `replay`: fails at a frame that is cut or invalid, instead of delivering what was captured |
/// | `record=<file>` | writes the sent frames to a capture, which is replaced when the port starts |
/// | `flap=<ms>` | is unplugged for a moment at this interval in milliseconds (bus `sim` only) |
///
/// In a value, `%` and two hexadecimal digits stand for a byte: `%26` for `&`, `%25` for `%`.
///
/// ```
/// use netmap_userspace::{PortName, WireEnd};
///
/// let name: PortName = "sim:nic?wire=loop".parse()?;
/// assert_eq!(name.to_string(), "sim:nic?wire=loop");
/// let name: PortName = "sim:nic?replay=a%26b.pcap".parse()?;
/// assert!(matches!(name.wire, WireEnd::Captures { replay: Some(file), .. } if file.as_os_str() == "a&b.pcap"));
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
        /// Whether a frame to receive that is cut or invalid is an error.
        strict: bool,
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
    let (mut wire, mut flap, mut strict) = (WireEnd::None, None, None);
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let (key, value) = option.split_once('=').ok_or_else(|| {
            format!("`{option}` is not `key=value`; write `%26` for a `&` in a value")
        })?;
        let value = unescape(key, value)?;
        match (key, bus) {
            ("flap", _) if flap.is_some() => return Err("`flap` is given twice".to_owned()),
            ("flap", BusKind::Sim) => flap = Some(milliseconds(&value.to_string_lossy())?),
            ("flap", _) => return Err("`flap` works on the bus `sim` only".to_owned()),
            ("strict", _) if strict.is_some() => return Err("`strict` is given twice".to_owned()),
            ("strict", _) => {
                strict = Some(match value.to_str() {
                    Some("yes") => true,
                    Some("no") => false,
                    _ => return Err("`strict` is `yes` or `no`".to_owned()),
                });
            }
            _ => wire = end_of(wire, key, value)?,
        }
    }
    if let Some(given) = strict {
        match &mut wire {
            WireEnd::Captures {
                replay: Some(_),
                strict,
                ..
            } => *strict = given,
            _ => return Err("`strict` needs `replay`".to_owned()),
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

/// The value of option `key` with its escapes replaced.
fn unescape(key: &str, text: &str) -> Result<OsString, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        let (Some(high), Some(low)) = (digit(0), digit(1)) else {
            return Err(format!(
                "a `%` in the value of `{key}` needs two hexadecimal digits; write `%25` for a `%`"
            ));
        };
        bytes.push((high * 16 + low) as u8);
        rest = &after[2..];
    }
    match (key, bytes.is_empty(), bytes.contains(&0)) {
        ("wire" | "cable" | "replay" | "record", true, _) => Err(format!("`{key}` has no value")),
        (_, _, true) => Err(format!("the value of `{key}` has a zero byte")),
        _ => Ok(OsString::from_vec(bytes)),
    }
}

/// A value with escapes for the bytes that would end it, that begin an escape, or that are not printable text.
fn escape(value: &OsStr) -> String {
    let mut text = String::new();
    for chunk in value.as_bytes().utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '%' | '&' => push_escapes(&mut text, &[character as u8]),
                _ if character.is_control() => {
                    push_escapes(&mut text, character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => text.push(character),
            }
        }
        push_escapes(&mut text, chunk.invalid());
    }
    text
}

fn push_escapes(text: &mut String, bytes: &[u8]) {
    text.extend(bytes.iter().map(|byte| format!("%{byte:02x}")));
}

/// Adds an option to the options before it.
fn end_of(before: WireEnd, key: &str, value: OsString) -> Result<WireEnd, String> {
    use WireEnd::Captures;
    let captures = |replay, record| Captures {
        replay,
        record,
        strict: false,
    };
    let text = value.to_string_lossy();
    let end = match (key, &*text) {
        ("wire", "none") => WireEnd::None,
        ("wire", "loop") => WireEnd::Loop,
        ("wire", "source") => WireEnd::Source,
        ("wire", _) => {
            return Err(format!(
                "a wire is `none`, `loop` or `source`, not `{text}`"
            ));
        }
        ("cable", _) => match value.to_str() {
            Some(name) => WireEnd::Cable(name.to_owned()),
            None => return Err(format!("the name of the cable `{text}` is not UTF-8")),
        },
        ("replay", _) => captures(Some(PathBuf::from(value)), None),
        ("record", _) => captures(None, Some(PathBuf::from(value))),
        _ => {
            return Err(format!(
                "unknown option `{key}`: use `wire`, `cable`, `replay`, `strict`, `record` or `flap`"
            ));
        }
    };
    match (before, end) {
        (WireEnd::None, end) => Ok(end),
        (
            Captures {
                replay,
                record: None,
                ..
            },
            Captures {
                replay: None,
                record,
                ..
            },
        )
        | (
            Captures {
                replay: None,
                record,
                ..
            },
            Captures {
                replay,
                record: None,
                ..
            },
        ) => Ok(captures(replay, record)),
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
            WireEnd::Cable(name) => options.push(format!("cable={}", escape(name.as_ref()))),
            WireEnd::Captures {
                replay,
                record,
                strict,
            } => {
                for (key, file) in [("replay", replay), ("record", record)] {
                    if let Some(file) = file {
                        options.push(format!("{key}={}", escape(file.as_ref())));
                    }
                }
                if *strict {
                    options.push("strict=yes".to_owned());
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
    use proptest::prelude::*;

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
            "qemu:e1000?replay=a%26b%25c%0a%ff.pcap&strict=yes",
            "sim:8254x?cable=%26&flap=1",
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
            ("sim:8254x?flap=50&flap=50", "twice"),
            ("sim:8254x?loop", "not `key=value`"),
            ("sim:8254x?wire=", "no value"),
            ("sim:8254x?wire=copper", "not `copper`"),
            ("sim:8254x?wires=loop", "unknown option `wires`"),
            ("sim:8254x?wire=loop&cable=a", "second end"),
            ("sim:8254x?cable=a&replay=b", "second end"),
            ("sim:8254x?replay=a&wire=loop", "second end"),
            ("sim:8254x?replay=a&replay=b", "second end"),
            ("sim:8254x?replay=a&b.pcap", "write `%26`"),
            ("sim:8254x?replay=100%.pcap", "write `%25`"),
            ("sim:8254x?replay=a%2", "two hexadecimal digits"),
            ("sim:8254x?replay=a%+1", "two hexadecimal digits"),
            ("sim:8254x?record=a%00b", "zero byte"),
            ("sim:8254x?cable=%ff", "not UTF-8"),
            ("sim:8254x?replay=a&strict=1", "`yes` or `no`"),
            ("sim:8254x?replay=a&strict=no&strict=yes", "twice"),
            ("sim:8254x?record=a&strict=yes", "needs `replay`"),
        ] {
            let error = name.parse::<PortName>().unwrap_err().to_string();
            assert!(error.contains(why), "{name}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_name_prints_as_it_parses_with_any_file(
            replay in proptest::collection::vec(1u8.., 1..40),
            record in proptest::collection::vec(1u8.., 1..40),
            strict in any::<bool>(),
        ) {
            let file = |bytes| Some(PathBuf::from(OsString::from_vec(bytes)));
            let name = PortName {
                bus: BusKind::Qemu,
                device: "e1000".to_owned(),
                variant: None,
                wire: WireEnd::Captures { replay: file(replay), record: file(record), strict },
                flap: None,
            };
            let printed = name.to_string();
            prop_assert!(!printed.contains(char::is_control));
            prop_assert_eq!(printed.parse::<PortName>().unwrap(), name);
        }

        #[test]
        fn a_cable_may_have_any_name(cable in "[^\\x00]{1,20}") {
            let name = PortName {
                wire: WireEnd::Cable(cable),
                ..PortName::from_str("sim:nic").unwrap()
            };
            prop_assert_eq!(name.to_string().parse::<PortName>().unwrap(), name);
        }
    }
}
