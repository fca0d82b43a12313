//! Simulated NICs: the other side of the rings that a driver works on.
//!
//! Nothing here knows a NIC. A device is built from a [`Model`](netmap_core::model::Model), the tables that a spec
//! renders to: registers with their access kinds, rings, descriptors by bit position, and the rules of the hardware. It
//! does what the tables say and keeps a list of [`Violations`] of what they forbid, so that a driver is not only seen to
//! work but seen to work for the right reasons.
//!
//! A [`Device`] runs on a thread of its own, as hardware does, and is driven through a [`SimBus`]; its port is plugged
//! into a [`Wire`].
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod bus;
mod chip;
mod control;
mod copy;
mod crc;
mod defect;
mod device;
mod engine;
mod error;
mod follows;
mod memory;
mod registers;
mod signal;
mod violations;
pub mod wire;

pub use bus::{SimBus, SimDma};
pub use defect::Defect;
pub use device::{DEFAULT_MAC, Device};
pub use engine::Counts;
pub use error::{DeviceError, ModelError, WireError};
pub use memory::DmaMemory;
pub use signal::Waker;
pub use violations::{RingName, Violation, Violations};
pub use wire::Wire;
