//! The userspace target.
#![deny(missing_docs)]

mod arena;
mod error;
mod region;

pub use error::{Error, Result};
pub use region::{Block, Region, RegionDma};
