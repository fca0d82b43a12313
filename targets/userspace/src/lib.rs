//! The userspace target.
#![deny(missing_docs)]

mod arena;
pub mod bus;
mod error;
mod memory;
mod open;
mod port;
mod region;
mod ring;

pub use error::{Error, Result};
pub use memory::{BUFFER_SIZE, Buffer, Contents, Memory, Ring};
pub use open::{Control, Identity};
pub use port::{Port, PortConfig};
pub use region::{Block, Region, RegionDma};
pub use ring::{Frame, Received, Reserved, RxRing, TxRing, TxSlot};
