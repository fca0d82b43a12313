//! Errors of QEMU processes.

use std::io;
use std::process::ExitStatus;

/// Why a QEMU could not be started, or does not respond.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message shows what its fields are")]
pub enum Error {
    /// A required program is not installed.
    #[error("{program} is not in $PATH: install the package {package}")]
    NotInstalled {
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// The device name is invalid.
    #[error("{name:?} is not a QEMU device name: use letters, digits, '-', '_' and '.'")]
    BadName { name: String },
    /// The installed QEMU has no such device.
    #[error(
        "the QEMU in $PATH has no device {device}: on Debian 12, some devices need the package qemu-system-x86 \
         from bookworm-backports"
    )]
    NoSuchDevice { device: String },
    /// QEMU ended.
    #[error("QEMU ended with {status}{}{stderr}", if stderr.is_empty() { "" } else { ": " })]
    Ended { status: ExitStatus, stderr: String },
    /// The region is too large for a machine's memory.
    #[error(
        "a region of {bytes} bytes is too large for a machine's memory: at most {most} bytes fit below its devices"
    )]
    RegionTooLarge {
        bytes: usize,
        /// Most bytes possible.
        most: usize,
    },
    /// The port's region is not the machine's memory.
    #[error("the machine was started with another region for its memory")]
    OtherRegion,
    /// No function responds at the device's address.
    #[error("no device at PCI address {address}")]
    NoFunction { address: String },
    /// The device has no such base address register, or it is not for memory.
    #[error("BAR{bar} of the device does not exist or is not for memory")]
    NoBar { bar: usize },
    /// QEMU refused a command.
    #[error("QEMU refused `{command}`: {reply}")]
    Refused {
        /// The command, as far as known.
        command: String,
        reply: String,
    },
    /// QEMU went away.
    #[error("QEMU is gone")]
    Gone,
    /// A signal has stopped QEMU.
    #[error("QEMU was stopped by a signal")]
    Stopped,
    /// QEMU runs and does not respond.
    #[error("QEMU did not respond for {seconds} s")]
    Silent { seconds: u64 },
    /// A system call failed.
    #[error("{what} failed")]
    Io {
        what: &'static str,
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: adds the operation to an I/O error.
    pub(super) fn io<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> Error {
        move |source| Error::Io {
            what,
            source: source.into(),
        }
    }
}

/// The result of the bus's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
