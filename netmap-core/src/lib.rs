//! The ring core: slots and rings in netmap's layout, the transmit and receive queues, and the traits by which drivers
//! and targets plug into them.
//!
//! A *driver* (generated, one a NIC) implements [`Driver`]: what the NIC's descriptors look like and how it is brought
//! up. A *target* (userspace, a kernel) implements [`Bus`] and [`Memory`]: how registers are reached and where memory
//! is. Between them stand [`TxQueue`] and [`RxQueue`], the one `txsync` and the one `rxsync` of the project.
//!
//! The crate has no allocator, no operating system and no dependency. Nothing on a sync path panics, allocates or uses
//! floating point. Neither the client nor the device is trusted: whatever either writes, the worst outcome is an error.
//!
//! ```
//! use netmap_core::{Geometry, NicIdx, NmIdx};
//!
//! // A reset restarted the NIC at 0 while the client stood at slot 3 of 8.
//! let geometry = Geometry::restarted_at(8, NmIdx(3));
//! assert_eq!(geometry.to_nic(NmIdx(3)), NicIdx(0));
//! assert_eq!(geometry.to_nm(NicIdx(7)), NmIdx(2));
//! ```
#![no_std]
#![deny(missing_docs)]

#[cfg(not(target_endian = "little"))]
compile_error!("descriptors and slots are laid out for little-endian machines");

pub mod abi;
mod bus;
mod choice;
mod completion;
mod doorbell;
mod driver;
mod error;
mod filter;
mod format;
mod gate;
mod index;
mod kring;
mod marks;
mod memory;
mod messages;
#[cfg(feature = "model")]
pub mod model;
mod pool;
mod port;
pub mod register;
mod reports;
mod ring;
mod run;
mod rx;
mod statistic_table;
mod tx;

pub use abi::{ClientRing, SlotCell};
pub use bus::{Bus, Dma, DmaError, poll};
pub use choice::{Choice, Choices};
pub use doorbell::Doorbell;
pub use driver::{
    Causes, Completion, Driver, Duplex, Fault, FrameLimits, Link, MacAddress, Nic, PciId, Restart,
    RingLimits, RingSetup, Rss, RssLimits, Setup, Source, Statistic,
};
pub use error::SyncError;
pub use filter::{Filter, MulticastHash, MulticastTable};
pub use format::{Crc, RxFormat, TxFormat};
pub use gate::{Closed, Entered, Gate};
pub use index::{BufIdx, DmaAddr, Geometry, NicIdx, NmIdx};
pub use kring::{Kring, Sides};
pub use memory::{Direction, Memory};
pub use messages::Messages;
pub use pool::{LinearPool, Pool, PoolEntry, TablePool};
pub use port::{Port, Progress, Reset, SyncRing};
#[cfg(feature = "model")]
pub use rx::RxState;
pub use rx::{RxCounters, RxQueue};
#[cfg(feature = "model")]
pub use tx::TxState;
pub use tx::{Policy, TxCounters, TxQueue, TxSetup};

/// The three positions of a ring that a sync moves or looks at: `nr_hwcur`, `nr_hwtail` and a snapshot of `head`.
///
/// They go in and come out by value, once a sync, because in a kernel the kring is netmap's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Positions {
    /// First slot of the client's that was not handed over to the NIC.
    pub hwcur: NmIdx,
    /// First slot that is not the client's: on tx the slots from here to `hwcur` are sent or being sent, on rx they are
    /// received into.
    pub hwtail: NmIdx,
    /// The client's `head`: everything before it was handed over by the client.
    pub head: NmIdx,
}

impl Positions {
    /// The same with nothing handed over: `head` is back at `hwcur`.
    #[inline(always)]
    pub(crate) const fn withdrawn(self) -> Positions {
        Positions {
            head: self.hwcur,
            ..self
        }
    }
}

/// What a sync did: the new positions, and why it stopped short if it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Positions after the sync; equal to those before it as far as the sync was refused.
    pub at: Positions,
    /// The client's mistake or the device's, if there was one.
    pub fault: Option<SyncError>,
}

impl Outcome {
    /// A batch that was refused whole.
    #[inline(always)]
    pub(crate) const fn refused(at: Positions, fault: SyncError) -> Outcome {
        Outcome {
            at: at.withdrawn(),
            fault: Some(fault),
        }
    }
}
