//! `qemu:<device>`: one of QEMU's NIC models, in a QEMU process.
//!
//! QEMU runs a machine without software: its processor halts at the first instruction. The machine's memory is the file
//! of a [`Region`](crate::Region), so descriptors and frames move at memory speed. Only register accesses go over a
//! socket, with QEMU's qtest protocol (about 20 us for a read; writes are posted). The NIC's wire ends in a [`Wire`] of
//! this process or in another QEMU's NIC.
//!
//! ```no_run
//! use std::env;
//! use std::time::Duration;
//!
//! use netmap_userspace::netmap_core::{Bus, register::RegOffset};
//! use netmap_userspace::{Region, bus::qemu::Qemu};
//!
//! let region = Region::create(64 << 20)?;
//! let device = env::args().nth(1).ok_or("which device?")?;
//! let (bus, wire) = Qemu::new(&device)?.start(&region)?;
//! println!("STATUS is {:#010x}", bus.read32(RegOffset(8)));
//! wire.send(&[0xff; 60])?;
//! assert!(wire.recv(Duration::from_millis(10)).is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bus;
mod error;
mod machine;
mod messages;
mod pci;
mod process;
mod qtest;
mod wire;

pub use bus::QemuBus;
pub use error::{Error, Result};
pub use machine::Qemu;
#[cfg(fuzzing)]
pub use qtest::fuzz_client;
pub use wire::{Plug, Wire};
