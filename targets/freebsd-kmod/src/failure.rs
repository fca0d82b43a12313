//! What goes wrong off the sync path.

use core::fmt::{self, Write as _};

use netmap_core::lifecycle::QueueError;
use netmap_core::{DmaError, Fault};

/// Why a function of control failed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failure {
    /// The device did not do what its spec promises.
    Device(Fault),
    /// No memory for DMA.
    Dma(DmaError),
    /// A queue could not be made.
    Queue(QueueError),
    /// Memory cannot be allocated.
    Memory {
        /// Requested bytes.
        bytes: usize,
    },
    /// No variant of the NIC matches the device.
    NoVariant,
    /// The NIC does not support this configuration.
    NotPossible(&'static str),
    /// Another control function runs.
    Busy,
}

impl Failure {
    /// Its number in POSIX, which Linux and FreeBSD share for these.
    pub(crate) fn number(self) -> i32 {
        const ENXIO: i32 = 6;
        const EIO: i32 = 5;
        const ENOMEM: i32 = 12;
        const EBUSY: i32 = 16;
        const EINVAL: i32 = 22;
        match self {
            Failure::Device(Fault::Gone) => ENXIO,
            Failure::Device(_) => EIO,
            Failure::Dma(_) | Failure::Queue(QueueError::Dma(_)) | Failure::Memory { .. } => ENOMEM,
            Failure::NoVariant => ENXIO,
            Failure::NotPossible(_) | Failure::Queue(QueueError::NotPossible { .. }) => EINVAL,
            Failure::Busy => EBUSY,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Device(fault) => fault.fmt(f),
            Failure::Dma(error) => error.fmt(f),
            Failure::Queue(error) => error.fmt(f),
            Failure::Memory { bytes } => write!(f, "no memory left: {bytes} bytes"),
            Failure::NoVariant => f.write_str("unknown chip revision"),
            Failure::NotPossible(what) => f.write_str(what),
            Failure::Busy => f.write_str("the port is being reconfigured"),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure::Device(fault)
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Failure {
        Failure::Queue(error)
    }
}

impl From<DmaError> for Failure {
    fn from(error: DmaError) -> Failure {
        Failure::Dma(error)
    }
}

/// A line of text without an allocation; what does not fit is left out.
pub(crate) struct Line {
    bytes: [u8; Line::MOST + 1],
    used: usize,
}

impl Line {
    const MOST: usize = 191;

    pub(crate) fn of(text: fmt::Arguments<'_>) -> Line {
        let mut bytes = [0; Line::MOST + 1];
        let mut room = Room::new(bytes.get_mut(..Line::MOST).unwrap_or_default());
        // The only failure is that the rest is left out.
        let _ = room.write_fmt(text);
        let used = room.used;
        Line { bytes, used }
    }

    pub(crate) fn text(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }

    /// The text with a zero at its end.
    pub(crate) fn with_end(&self) -> &[u8] {
        &self.bytes
    }
}

/// Room for text; what does not fit is left out.
pub(crate) struct Room<'a> {
    bytes: &'a mut [u8],
    used: usize,
}

impl<'a> Room<'a> {
    pub(crate) fn new(bytes: &'a mut [u8]) -> Room<'a> {
        Room { bytes, used: 0 }
    }

    /// Bytes written.
    pub(crate) fn used(&self) -> usize {
        self.used
    }
}

impl fmt::Write for Room<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.used..).unwrap_or_default();
        let fits = text.len().min(room.len());
        room.iter_mut()
            .zip(text.bytes())
            .for_each(|(to, byte)| *to = byte);
        self.used += fits;
        if fits == text.len() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}
