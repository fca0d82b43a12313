//! The userspace target.
#![deny(missing_docs)]

mod arena;
pub mod bus;
mod error;
mod memory;
mod region;

pub use error::{Error, Result};
pub use memory::{BUFFER_SIZE, Buffer, Contents, Memory, Ring};
pub use region::{Block, Region, RegionDma};
