//! What may go wrong between this process and a QEMU.

use std::io;
use std::process::ExitStatus;

/// Why a QEMU could not be started, or why it answers no more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A program that is needed is not installed.
    #[error("{program} is not in $PATH: install the package {package}")]
    NotInstalled {
        /// The program.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// The name cannot be a device's.
    #[error("{name:?} is no QEMU device: a name has letters, digits, '-', '_' and '.'")]
    BadName {
        /// The name given.
        name: String,
    },
    /// The QEMU that is installed has no such device.
    #[error(
        "the QEMU in $PATH has no device {device}: the package qemu-system-x86 of Debian 12 is too old for some, \
         install it from bookworm-backports"
    )]
    NoSuchDevice {
        /// The device asked for.
        device: String,
    },
    /// QEMU ended.
    #[error("QEMU ended with {status}: {stderr}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// What it wrote last.
        stderr: String,
    },
    /// The region is not one that QEMU can take for a machine's memory.
    #[error(
        "a region of {bytes} bytes cannot be a machine's memory: at most {most} bytes lie below its devices"
    )]
    RegionTooLarge {
        /// Bytes of the region.
        bytes: usize,
        /// Most bytes possible.
        most: usize,
    },
    /// The port is to use another region than the machine has for its memory.
    #[error("the machine was started with another region for its memory")]
    OtherRegion,
    /// No function answers where the device was put.
    #[error("no device at PCI address {address}")]
    NoFunction {
        /// The address.
        address: String,
    },
    /// The device has no such base address register, or it is not for memory.
    #[error("the device has no memory at BAR{bar}")]
    NoBar {
        /// Number of the register.
        bar: u8,
    },
    /// QEMU refused a command.
    #[error("QEMU refused `{command}`: {reply}")]
    Refused {
        /// The command, or what is known of it.
        command: String,
        /// What QEMU said.
        reply: String,
    },
    /// QEMU went away.
    #[error("QEMU is gone")]
    Gone,
    /// QEMU runs and does not answer.
    #[error("QEMU did not answer for {seconds} s")]
    Silent {
        /// How long it was waited for.
        seconds: u64,
    },
    /// A system call failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: an I/O error with what was being done.
    pub(super) fn io<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> Error {
        move |source| Error::Io {
            what,
            source: source.into(),
        }
    }
}

/// What functions of the bus return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
