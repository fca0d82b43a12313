//! The ring core: slots and rings in netmap's layout, the transmit and receive queues, and the traits that drivers and
//! targets implement.
//!
//! A *driver* (generated, one for each NIC) implements [`Driver`]: the format of the NIC's descriptors and the
//! sequences that start and stop it. A *target* (userspace, a kernel) implements [`Bus`], the access to registers and
//! memory, and the traits of [`lifecycle`]. [`TxQueue`] and [`RxQueue`], the only `txsync` and `rxsync` of the project,
//! use both.
//!
//! The crate has no dependencies and needs no allocator and no operating system. Nothing on a sync path panics,
//! allocates or uses floating point. Neither the client nor the device is trusted: whatever they write, the worst
//! result is an error.
//!
//! ```
//! use netmap_core::{Geometry, NicIdx, NmIdx};
//!
//! // A reset restarted the NIC at 0 while the client was at slot 3 of 8.
//! let geometry = Geometry::restarted_at(8, NmIdx(3));
//! assert_eq!(geometry.to_nic(NmIdx(3)), NicIdx(0));
//! assert_eq!(geometry.to_nm(NicIdx(7)), NmIdx(2));
//! ```
#![no_std]
#![deny(missing_docs)]

#[cfg(not(target_endian = "little"))]
compile_error!("descriptors and slots are laid out for little-endian machines");

pub mod abi;
mod atomic;
mod bus;
mod choice;
mod completion;
mod direction;
mod doorbell;
mod driver;
mod error;
mod filter;
mod format;
mod gate;
mod index;
mod kring;
pub mod lifecycle;
mod link;
mod mac;
mod marks;
mod messages;
#[cfg(feature = "model")]
pub mod model;
mod nic;
mod pool;
mod port;
mod positions;
pub mod register;
mod reports;
mod ring;
mod rss;
mod run;
mod rx;
mod statistic;
mod tx;

pub use abi::{ClientRing, SlotCell};
pub use bus::{Bus, Dma, DmaError, poll};
pub use choice::{Choice, Choices};
pub use completion::Completion;
pub use direction::Direction;
pub use doorbell::{Doorbell, DoorbellRaw, DoorbellWidth};
pub use driver::{Causes, Driver, Fault, RingSetup, Setup};
pub use error::SyncError;
pub use filter::{Filter, MulticastHash, MulticastTable};
pub use format::{Crc, RxFormat, TxFormat};
pub use gate::{Closed, Entered, Gate};
pub use index::{BufIdx, DmaAddr, Geometry, NicIdx, NmIdx};
pub use kring::{Kring, RingMemory};
pub use link::{Duplex, Link};
pub use mac::{InvalidMacAddress, MacAddress};
pub use messages::Messages;
pub use nic::{FrameLimits, Nic, NicLimits, PciId, PciIdentity, Restart, RingLimits};
pub use pool::{LinearPool, Pool, PoolEntry, TablePool};
pub use port::{Progress, Reset};
pub use positions::{Outcome, Positions};
pub use rss::{Rss, RssLimits};
#[cfg(feature = "model")]
pub use rx::RxState;
pub use rx::{RxCounters, RxQueue};
pub use statistic::{Clearing, Source, Statistic};
#[cfg(feature = "model")]
pub use tx::TxState;
pub use tx::{Policy, TxCounters, TxQueue, TxSetup};
