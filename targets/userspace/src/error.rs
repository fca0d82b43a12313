//! What may go wrong with memory, buses and ports.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use netmap_core::lifecycle::QueueError;
use netmap_core::{DmaError, Fault, PciId, SyncError};

/// Why memory, a bus, a port or a ring could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file behind a region could not be made, sized or mapped.
    #[error("no shared memory of {bytes} bytes in {}: {source}", directory.display())]
    Region {
        /// Where the file was to be.
        directory: PathBuf,
        /// Bytes asked for.
        bytes: usize,
        /// What the system said.
        source: io::Error,
    },
    /// A region is smaller than its own layout.
    #[error("a region of {bytes} bytes is too small: the smallest has {least}")]
    RegionTooSmall {
        /// Bytes asked for.
        bytes: usize,
        /// Bytes of the smallest region.
        least: usize,
    },
    /// A region has no room left.
    #[error("the region has no {bytes} bytes left for {what}; make it larger")]
    RegionFull {
        /// What was to be placed in it.
        what: &'static str,
        /// Bytes asked for.
        bytes: usize,
    },
    /// The pool has no buffer left.
    #[error("the memory has no {wanted} buffers left of {count}; make its pool larger")]
    NoBuffers {
        /// Buffers asked for.
        wanted: usize,
        /// Buffers of the pool, with the two that are reserved.
        count: u32,
    },
    /// No memory for DMA was left.
    #[error(transparent)]
    Dma(#[from] DmaError),
    /// A queue of a port could not be made.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The device did not do what its spec promises.
    #[error(transparent)]
    Device(#[from] Fault),
    /// A sync was refused.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// A QEMU failed.
    #[error(transparent)]
    Qemu(#[from] crate::bus::qemu::Error),
    /// A simulated NIC could not be made.
    #[error(transparent)]
    Simulation(#[from] netmap_sim::DeviceError),
    /// A simulated wire could not be made.
    #[error(transparent)]
    Wire(#[from] netmap_sim::WireError),
    /// The bus has a region already.
    #[error("the device has a region already")]
    Attached,
    /// No driver answers to the device on the bus.
    #[error("no driver for the device {id}")]
    NoDriver {
        /// The device's PCI id.
        id: PciId,
    },
    /// The NIC cannot have what was asked for.
    #[error("{nic} {variant} cannot have {what}: {why}")]
    Config {
        /// The NIC.
        nic: &'static str,
        /// Which variant of it was found.
        variant: &'static str,
        /// What was asked for.
        what: String,
        /// Which limit it breaks.
        why: String,
    },
    /// The name of a port names nothing.
    #[error("no port {name:?}: {why}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it and what would be right.
        why: String,
    },
    /// The link did not come up.
    #[error("no link after {waited:?}")]
    NoLink {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The port has no such ring, or it was taken already.
    #[error("the port has no {direction} ring {index} to give")]
    NoRing {
        /// `tx` or `rx`.
        direction: &'static str,
        /// The ring asked for.
        index: usize,
    },
    /// Two rings or buffers do not share one memory.
    #[error("buffers move within one memory only, and these are of two")]
    OtherMemory,
    /// A slot names a buffer that is none of a client's.
    #[error("no buffer {index} for clients")]
    NoSuchBuffer {
        /// The index found.
        index: u32,
    },
    /// A frame does not fit a buffer.
    #[error("a frame of {len} bytes does not fit a buffer of {size}")]
    FrameTooLong {
        /// Bytes of the frame.
        len: usize,
        /// Bytes of a buffer.
        size: usize,
    },
}

/// What most functions of the crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
