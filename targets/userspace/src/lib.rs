//! netmap-style packet I/O in userspace: memory shared with NICs, the buses they are on, and ports with rings.
//!
//! * A [`Memory`] is one shared region with a pool of buffers. Ports and rings are created on a memory.
//! * A port is a NIC on a bus, opened on a memory: [`Port`] if both are known at compile time, [`AnyPort`] and
//!   [`open()`] if they are chosen by name.
//! * A [`TxRing`] and an [`RxRing`] are taken from the port and can be used on any thread. They exchange buffers with
//!   other rings on the same memory instead of copying frames.
//!
//! The simulated NIC needs no hardware and no privileges:
//!
//! ```
//! use std::time::Duration;
//! use netmap_userspace::{Memory, NAMES, PortConfig, open};
//!
//! let memory = Memory::create(2048)?;
//! let name = format!("sim:{}?wire=loop", NAMES[0]);
//! let mut port = open(&name, &memory, PortConfig::default())?;
//! port.start()?;
//! port.wait_for_link(Duration::from_secs(5))?;
//! let (mut tx, mut rx) = (port.tx(0)?, port.rx(0)?);
//!
//! // Fill the next slots, commit those that were filled, hand them to the NIC.
//! let frame = [&[0xff; 12][..], &[0x88, 0xb5], &[0; 46]].concat();
//! let mut slots = tx.reserve(3);
//! for mut slot in &mut slots {
//!     slot.write(&frame)?;
//! }
//! slots.commit();
//! tx.sync()?;
//!
//! // Read the received frames, and release their slots to the NIC.
//! let mut received = 0;
//! while received < 3 && rx.wait(Duration::from_secs(5))? {
//!     let mut frames = rx.frames();
//!     for arrived in &mut frames {
//!         assert_eq!(arrived.to_vec()?, frame);
//!         received += 1;
//!     }
//!     frames.release();
//! }
//! assert_eq!(received, 3);
//! # Ok::<(), netmap_userspace::Error>(())
//! ```
//!
//! # Numbers
//!
//! Queues, rings, slots, buffers, frames and lengths that a NIC limits are `u32`; offsets into a frame, a buffer or a
//! region and their lengths in memory are `usize`. Lengths of frames are without CRC everywhere.
//!
//! # What is trusted
//!
//! Frames and slots are shared with a device and, if it maps the region, with another process. Neither is trusted: the
//! crate reads their values once and checks them, and at worst returns an [`Error`]. All `unsafe` code of the crate is
//! in two small modules that turn a mapping into references to atomics; [`Contents`] explains why there are no slices
//! of a buffer.
#![deny(missing_docs)]

mod arena;
pub mod bus;
mod error;
mod memory;
mod name;
mod open;
mod port;
pub mod program;
mod region;
mod ring;
mod wire;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The crates whose types appear in the signatures of this one. The common types are re-exported below.
pub use {netmap_core, netmap_nics, netmap_sim};

pub use netmap_core::{
    Choice, Completion, Duplex, Fault, InvalidMacAddress, Link, MacAddress, PciId, PciIdentity,
    Policy, Progress, Reset, Restart, RingLimits, RingMemory, Rss, RssLimits, RxCounters, SlotCell,
    Statistic, SyncError, TxCounters,
};
/// Names of the NICs, for `sim:<nic>`.
pub use netmap_nics::NAMES;
/// Frames that a port has lost.
pub use netmap_sim::wire::Loss;

pub use error::{Error, Result};
pub use memory::{BUFFER_SIZE, Buffer, Contents, Memory, Ring};
pub use name::{BusKind, PortName, WireEnd};
pub use open::{AnyPort, Control, Identity, open};
pub use port::{InterruptMode, Limits, Port, PortConfig, RingSize};
pub use region::{Block, Region, RegionDma};
pub use ring::{Frame, Part, QueueRing, Received, Reserved, RxRing, TxRing, TxSlot, Wakes};

/// The end of a wait. One that is longer than the clock can count ends in a century.
fn deadline(timeout: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    Instant::now() + timeout.min(CENTURY)
}

/// Ignores poisoning, because a panic never leaves a value of this crate half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
