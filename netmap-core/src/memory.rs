//! The memory that ports share with their clients.

use crate::Pool;
use crate::abi::{RingHeader, SlotCell};

/// One region with one buffer pool and the client rings in it (netmap's memory id).
///
/// A port opens *on* a memory; its bus attaches the region and yields the pool that translates its buffers. Buffers may
/// be swapped between the rings of one memory, and of no other.
pub trait Memory {
    /// How the buffers look to a device.
    type Pool: Pool;
    /// Head and slots of a client ring.
    type Ring: AsRef<RingHeader> + AsRef<[SlotCell]>;
    /// Why a ring could not be made.
    type Error;

    /// Bytes of one buffer.
    fn buffer_size(&self) -> u32;

    /// Makes a client ring of `slots` slots, each with a buffer of its own from the pool.
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

/// Which way the frames of a ring go.
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
