//! Simulated NICs: the other side of the rings that a driver works on.
//!
//! No code here depends on a NIC. A device is built from a [`Model`](netmap_core::model::Model), the tables generated from a
//! spec: registers with their access kinds, rings, descriptors by bit position, and the rules of the hardware. The
//! device behaves as the tables say and records [`Violations`] of their rules, so tests show not only that a driver
//! works, but also that it follows the rules.
//!
//! A [`Device`] runs on its own thread, concurrently with the driver like hardware. A driver accesses it through a
//! [`SimBus`]; its port is connected to a [`Wire`].
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
mod simulated;
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
