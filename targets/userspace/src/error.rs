//! Errors of memory, buses and ports.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use netmap_core::lifecycle::QueueError;
use netmap_core::{DmaError, Fault, PciId, SyncError};

/// Why an operation on memory, a bus, a port or a ring failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message shows what its fields are")]
pub enum Error {
    /// A region's file could not be created, sized or mapped.
    #[error("cannot create {bytes} bytes of shared memory")]
    Region { bytes: usize, source: io::Error },
    /// The system has not enough memory for a region.
    #[error(
        "cannot create {bytes} bytes of shared memory: the system has {available} bytes available"
    )]
    RegionTooLarge {
        bytes: usize,
        /// Bytes that the system can still give to programs.
        available: usize,
    },
    /// The process may not make a file of a region's size.
    #[error(
        "cannot create {bytes} bytes of shared memory: files of this process may have {limit} bytes (`ulimit -f`)"
    )]
    RegionOverFileLimit {
        bytes: usize,
        /// Most bytes of a file.
        limit: u64,
    },
    /// A region is too small for its layout.
    #[error("a region of {bytes} bytes is too small: the smallest has {least}")]
    RegionTooSmall {
        bytes: usize,
        /// Bytes of the smallest region.
        least: usize,
    },
    /// The rings need more buffers than a memory can have.
    #[error("more than {most} buffers in one memory: use fewer slots or queues")]
    TooManyBuffers { most: u32 },
    /// A region has no room left.
    #[error("the region has no {bytes} bytes left for {what}; make it larger")]
    RegionFull { what: &'static str, bytes: usize },
    /// The pool has no buffer left.
    #[error("the memory has fewer than {wanted} free buffers of {count}; make its pool larger")]
    NoBuffers {
        /// Requested buffers.
        wanted: u32,
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
    /// The device was removed, or its QEMU has ended.
    #[error("the device is gone")]
    Gone {
        /// The reason, if the bus knows it.
        source: Option<Box<Error>>,
    },
    /// A sync was refused.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// QEMU failed.
    #[error(transparent)]
    Qemu(#[from] crate::bus::qemu::Error),
    /// A simulated NIC could not be created.
    #[error(transparent)]
    Simulation(#[from] netmap_sim::DeviceError),
    /// The wire of a port failed.
    #[error(transparent)]
    Wire(Arc<netmap_sim::WireError>),
    /// A cable has two ends, and two ports have them.
    #[error("cable {name:?} already connects two ports: use another name, or close one of them")]
    CableInUse { name: String },
    /// The device already has a region.
    #[error("the device already has a region")]
    Attached,
    /// No driver supports the device.
    #[error("no driver for the device {id}")]
    NoDriver { id: PciId },
    /// The NIC does not support the configuration.
    #[error("{nic} {variant} does not support {what}: {why}")]
    Config {
        nic: &'static str,
        variant: &'static str,
        what: String,
        why: String,
    },
    /// The name of a port is invalid.
    #[error("invalid port {name:?}: {why}")]
    Name { name: String, why: String },
    /// The link did not come up.
    #[error("no link after {waited:?}")]
    NoLink { waited: Duration },
    /// The port has no such ring, or it is already taken.
    #[error("{direction} ring {index} does not exist or is already taken")]
    NoRing {
        /// `tx` or `rx`.
        direction: &'static str,
        index: u32,
    },
    /// Two rings or buffers belong to different memory regions.
    #[error("the rings belong to different memory regions")]
    OtherMemory,
    /// A slot's buffer index is out of range.
    #[error("buffer index {index} is out of range")]
    NoSuchBuffer { index: u32 },
    /// A client wrote the index of another owner's buffer into a slot.
    #[error(
        "buffer {index} of the slot belongs to another ring, or is kept by a program: do not copy indexes between slots, swap them"
    )]
    OthersBuffer { index: u32 },
    /// A frame does not fit a buffer.
    #[error("a frame of {len} bytes does not fit a buffer of {size}")]
    FrameTooLong {
        /// Bytes of the frame.
        len: usize,
        /// Bytes of a buffer.
        size: usize,
    },
}

impl From<netmap_sim::WireError> for Error {
    fn from(error: netmap_sim::WireError) -> Error {
        Error::Wire(Arc::new(error))
    }
}

/// The result of most functions of the crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
