//! What the NIC of a port can do.

use netmap_core::{
    Choice, Choices, Completion, Crc, FrameLimits, Messages, RingLimits, RssLimits, TxFormat as _,
};

use crate::BUFFER_SIZE;

/// What a NIC can do with buffers of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What a transmit ring may be.
    pub tx: RingLimits,
    /// What a receive ring may be.
    pub rx: RingLimits,
    /// Shortest frame sent, in bytes without CRC.
    pub frame_min: u32,
    /// Longest frame sent and received, in bytes without CRC.
    pub frame_max: u32,
    /// Longest frame sent; it may receive none so long.
    pub tx_frame_max: u32,
    /// Longest frame received; it may send none so long.
    pub rx_frame_max: u32,
    /// Most slots of a frame that is sent.
    pub tx_frame_slots: u32,
    /// Bytes of a frame in one transmit slot, at most.
    pub tx_slot_bytes: u32,
    /// Bytes that the NIC may write into the buffer of one receive slot.
    pub rx_slot_bytes: u32,
    /// Ways of learning which frames were sent, the usual one first.
    pub completions: &'static [Completion],
    /// What receive-side scaling can do.
    pub rss: Option<RssLimits>,
    /// Messages of MSI-X, the last one for everything but queues; 0 without it.
    pub messages: u32,
    /// What may be chosen of it.
    pub options: &'static [Choice],
}

impl Limits {
    /// What a variant of NIC `N` can do whose longest frames are `frames`.
    pub const fn of<N: Messages + Choices>(frames: FrameLimits) -> Limits {
        const fn least(one: u32, other: u32) -> u32 {
            if one < other { one } else { other }
        }
        let tx_slot_bytes = least(N::Tx::MAX_LEN as u32, BUFFER_SIZE);
        let tx_frame_max = least(frames.sent, tx_slot_bytes.saturating_mul(N::Tx::SLOTS_MAX));
        Limits {
            tx: N::TX,
            rx: N::RX,
            frame_min: N::Tx::MIN_LEN as u32,
            frame_max: least(tx_frame_max, frames.received),
            tx_frame_max,
            rx_frame_max: frames.received,
            tx_frame_slots: N::Tx::SLOTS_MAX,
            tx_slot_bytes,
            rx_slot_bytes: least(N::BUFFER_SIZE, BUFFER_SIZE),
            completions: N::COMPLETIONS,
            rss: N::RSS,
            messages: N::MESSAGES,
            options: N::CHOICES,
        }
    }

    /// Slots that a frame of `len` bytes takes when it is sent.
    pub const fn tx_slots_of(&self, len: u32) -> u32 {
        len.div_ceil(self.tx_slot_bytes)
    }

    /// Slots that a frame of `len` bytes takes when it is received, at most: a NIC that does not strip the CRC needs room for
    /// it, too.
    pub const fn rx_slots_of(&self, len: u32) -> u32 {
        (len + Crc::Kept.bytes() as u32).div_ceil(self.rx_slot_bytes)
    }
}
