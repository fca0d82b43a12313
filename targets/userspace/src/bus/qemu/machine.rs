//! The machine around the NIC: QEMU's arguments, and starting the process until the device responds.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use netmap_core::MacAddress;
use rustix::fs::{MemfdFlags, memfd_create};

use super::bus::QemuBus;
use super::error::{Error, Result};
use super::pci::{Function, SLOT};
use super::process::{Process, Streams};
use super::qtest::Qtest;
use super::wire::{Plug, Wire};
use crate::Region;
use crate::region::path_of;

const PROGRAM: &str = "qemu-system-x86_64";
const PACKAGE: &str = "qemu-system-x86, on Debian 12 from bookworm-backports";

/// The default MAC address of a NIC: QEMU's own default.
const MAC: MacAddress = MacAddress([0x52, 0x54, 0x00, 0x12, 0x34, 0x56]);
/// The largest memory that is contiguous: `q35` moves the rest above 4 GiB.
const MEMORY_MAX: usize = 0xb000_0000;
/// The size of the machine's memory is a multiple of this.
const MEMORY_STEP: usize = 8192;
/// A BIOS that consists of `hlt` instructions: the processor stops at the first one.
static BIOS: [u8; 65536] = [0xf4; 65536];
/// How long QEMU may take to start: 45 ms, unless the machine is overloaded.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a QEMU that has closed the connection may take to end.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A NIC to be started in a separate QEMU.
#[derive(Debug, Clone)]
pub struct Qemu {
    device: String,
    mac: MacAddress,
}

impl Qemu {
    /// QEMU's NIC `device`, as listed by `qemu-system-x86_64 -device help`.
    ///
    /// # Errors
    /// The name has invalid characters.
    pub fn new(device: &str) -> Result<Qemu> {
        let letter = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if device.is_empty() || !device.chars().all(letter) {
            return Err(Error::BadName {
                name: device.to_owned(),
            });
        }
        // Instead of a machine, QEMU would start a list of its devices.
        if device == "help" {
            return Err(Error::NoSuchDevice {
                device: device.to_owned(),
            });
        }
        Ok(Qemu {
            device: device.to_owned(),
            mac: MAC,
        })
    }

    /// Checks that QEMU and the programs needed to run it are installed.
    ///
    /// # Errors
    /// [`Error::NotInstalled`].
    pub fn installed() -> Result<()> {
        Process::check(PROGRAM, PACKAGE)
    }

    /// Sets the NIC's MAC address.
    #[must_use]
    pub fn mac(mut self, mac: MacAddress) -> Qemu {
        self.mac = mac;
        self
    }

    /// Starts QEMU with `region` for its memory; the wire's other end is in this process.
    ///
    /// # Errors
    /// QEMU is not installed, has no such device, or did not start.
    pub fn start(&self, region: &Arc<Region>) -> Result<(QemuBus, Wire)> {
        let (ours, theirs) = Plug::cable()?;
        let bus = self.start_on(region, theirs)?;
        let wire = ours.keep(bus.end())?;
        Ok((bus, wire))
    }

    /// Starts QEMU with `region` for its memory and `plug` for the NIC's end of a wire.
    ///
    /// # Errors
    /// QEMU is not installed, has no such device, or did not start.
    pub fn start_on(&self, region: &Arc<Region>, plug: Plug) -> Result<QemuBus> {
        // QEMU has opened both files when it responds.
        let bios = bios().map_err(Error::io("creating a BIOS for QEMU"))?;
        let (control, theirs) =
            UnixStream::pair().map_err(Error::io("creating a socket for QEMU"))?;
        let arguments = self.arguments(region, &path_of(&bios))?;
        let streams = Streams {
            stdin: plug.into_socket(),
            stdout: theirs.into(),
        };
        let process = Process::start(PROGRAM, PACKAGE, arguments, streams)?;
        let started = Qtest::new(control).and_then(|mut qtest| {
            qtest.watch_process(process.share_handle()?);
            qtest.intercept_interrupts(PATIENCE)?;
            let function = Function::set_up(&mut qtest)?;
            Ok((qtest, function))
        });
        match started {
            Ok((qtest, function)) => QemuBus::new(qtest, function, process, Arc::clone(region)),
            Err(Error::Gone) => Err(self.why(process.obituary(LAST_WORDS))),
            Err(error) => Err(error),
        }
    }

    fn arguments(&self, region: &Region, bios: &Path) -> Result<Vec<String>> {
        if region.bytes() > MEMORY_MAX {
            return Err(Error::RegionTooLarge {
                bytes: region.bytes(),
                most: MEMORY_MAX,
            });
        }
        // The last page has client rings, which the device must not access.
        let bytes = region.bytes() / MEMORY_STEP * MEMORY_STEP;
        let (device, mac) = (&self.device, self.mac);
        let memory = region.path();
        let pairs = [
            ("-display", "none".to_owned()),
            ("-machine", "q35,accel=tcg,memory-backend=memory".to_owned()),
            ("-bios", bios.display().to_string()),
            ("-m", format!("{bytes}B")),
            (
                "-object",
                format!(
                    "memory-backend-file,id=memory,size={bytes}B,mem-path={},share=on",
                    memory.display()
                ),
            ),
            ("-chardev", "socket,id=control,fd=1".to_owned()),
            ("-qtest", "chardev:control".to_owned()),
            // Without a file name, it logs each access to standard error.
            ("-qtest-log", "/dev/null".to_owned()),
            (
                "-netdev",
                "dgram,id=wire,local.type=fd,local.str=0".to_owned(),
            ),
            (
                "-device",
                format!("{device},netdev=wire,mac={mac},addr={SLOT:02x}.0"),
            ),
        ];
        let mut arguments = vec!["-nodefaults".to_owned(), "-no-user-config".to_owned()];
        for (name, value) in pairs {
            arguments.extend([name.to_owned(), value]);
        }
        Ok(arguments)
    }

    fn why(&self, obituary: Option<Error>) -> Error {
        match obituary {
            Some(Error::Ended { stderr, .. })
                if stderr.contains("is not a valid device model name") =>
            {
                Error::NoSuchDevice {
                    device: self.device.clone(),
                }
            }
            Some(error) => error,
            None => Error::Gone,
        }
    }
}

/// A file without a name that contains the BIOS.
fn bios() -> std::io::Result<File> {
    let mut file = File::from(memfd_create("netmap-bios", MemfdFlags::CLOEXEC)?);
    file.write_all(&BIOS)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_name_with_invalid_characters_is_refused() {
        for name in ["", "e1000,romfile=x", "e 1000", "{}", "e1000=on"] {
            let error = Qemu::new(name).unwrap_err();
            assert!(matches!(error, Error::BadName { .. }), "{name}: {error}");
        }
        let error = Qemu::new("help").unwrap_err();
        assert!(matches!(error, Error::NoSuchDevice { .. }), "{error}");
        assert!(Qemu::new("e1000-82545em").is_ok());
    }
}
