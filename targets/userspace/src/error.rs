//! Errors of memory, buses and ports.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use netmap_core::lifecycle::QueueError;
use netmap_core::{DmaError, Fault, PciId, SyncError};

/// Why an operation on memory, a bus, a port or a ring failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A region's file could not be created, sized or mapped.
    #[error("cannot create {bytes} bytes of shared memory in {}: {source}", directory.display())]
    Region {
        /// The directory of the file.
        directory: PathBuf,
        /// Requested bytes.
        bytes: usize,
        /// The system's error.
        source: io::Error,
    },
    /// A region is too small for its layout.
    #[error("a region of {bytes} bytes is too small: the smallest has {least}")]
    RegionTooSmall {
        /// Requested bytes.
        bytes: usize,
        /// Bytes of the smallest region.
        least: usize,
    },
    /// A region has no room left.
    #[error("the region has no {bytes} bytes left for {what}; make it larger")]
    RegionFull {
        /// What was to be allocated.
        what: &'static str,
        /// Requested bytes.
        bytes: usize,
    },
    /// The pool has no buffer left.
    #[error("the memory has fewer than {wanted} free buffers of {count}; make its pool larger")]
    NoBuffers {
        /// Requested buffers.
        wanted: usize,
        /// Buffers of the pool, including the two reserved ones.
        count: u32,
    },
    /// No DMA memory was left.
    #[error(transparent)]
    Dma(#[from] DmaError),
    /// A queue of a port could not be created.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The device did not behave as its spec says.
    #[error(transparent)]
    Device(#[from] Fault),
    /// A sync was refused.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// QEMU failed.
    #[error(transparent)]
    Qemu(#[from] crate::bus::qemu::Error),
    /// A simulated NIC could not be created.
    #[error(transparent)]
    Simulation(#[from] netmap_sim::DeviceError),
    /// A simulated wire could not be created.
    #[error(transparent)]
    Wire(#[from] netmap_sim::WireError),
    /// The device already has a region.
    #[error("the device already has a region")]
    Attached,
    /// No driver supports the device.
    #[error("no driver for the device {id}")]
    NoDriver {
        /// The device's PCI id.
        id: PciId,
    },
    /// The NIC does not support the configuration.
    #[error("{nic} {variant} does not support {what}: {why}")]
    Config {
        /// The NIC.
        nic: &'static str,
        /// The detected variant.
        variant: &'static str,
        /// The requested setting.
        what: String,
        /// The limit that it exceeds.
        why: String,
    },
    /// The name of a port is invalid.
    #[error("invalid port {name:?}: {why}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong, and what is valid.
        why: String,
    },
    /// The link did not come up.
    #[error("no link after {waited:?}")]
    NoLink {
        /// How long the caller waited.
        waited: Duration,
    },
    /// The port has no such ring, or it is already taken.
    #[error("{direction} ring {index} does not exist or is already taken")]
    NoRing {
        /// `tx` or `rx`.
        direction: &'static str,
        /// The requested ring.
        index: usize,
    },
    /// Two rings or buffers belong to different memory regions.
    #[error("the rings belong to different memory regions")]
    OtherMemory,
    /// A slot's buffer index is out of range.
    #[error("buffer index {index} is out of range")]
    NoSuchBuffer {
        /// The index.
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

/// The result of most functions of the crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
