//! The userspace target.
#![deny(missing_docs)]

mod arena;
pub mod bus;
mod error;
mod memory;
mod name;
pub mod nics;
mod open;
mod port;
mod region;
mod ring;
mod wire;

pub use error::{Error, Result};
pub use memory::{BUFFER_SIZE, Buffer, Contents, Memory, Ring};
pub use name::{BusKind, PortName, WireEnd};
pub use open::{AnyPort, Control, Identity, open};
pub use port::{Port, PortConfig};
pub use region::{Block, Region, RegionDma};
pub use ring::{Frame, Received, Reserved, RxRing, TxRing, TxSlot};
