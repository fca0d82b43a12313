//! The memory that ports share with their clients.

use crate::Pool;
use crate::abi::{RingHeader, SlotCell};

/// One region with one buffer pool and the client rings in it (netmap's memory id).
///
/// A port opens *on* a memory; its bus attaches the region and returns the pool that translates buffer indexes. Buffers
/// may be swapped only between rings of the same memory.
pub trait Memory {
    /// Translates buffer indexes to a device's addresses.
    type Pool: Pool;
    /// Header and slots of a client ring.
    type Ring: AsRef<RingHeader> + AsRef<[SlotCell]>;
    /// Why a ring could not be created.
    type Error;

    /// Bytes of one buffer.
    fn buffer_size(&self) -> u32;

    /// Creates a client ring of `slots` slots, each with its own buffer from the pool.
    ///
    /// # Errors
    /// The region has no room left for the ring or its buffers.
    fn ring(
        &self,
        slots: u32,
        ringid: u16,
        direction: Direction,
    ) -> Result<Self::Ring, Self::Error>;
}

/// The direction of a ring's frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client.
    Tx,
    /// To the client.
    Rx,
}

impl Direction {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Tx => "tx",
            Direction::Rx => "rx",
        }
    }
}
