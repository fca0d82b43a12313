//! The limits of a port's NIC.

use netmap_core::{
    Choice, Choices, Completion, Crc, FrameLimits, Messages, RingLimits, RssLimits, TxFormat as _,
};

use crate::BUFFER_SIZE;

/// The limits of a NIC with the buffers of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Limits of a transmit ring.
    pub tx: RingLimits,
    /// Limits of a receive ring.
    pub rx: RingLimits,
    /// Shortest frame sent, in bytes without CRC.
    pub frame_min: u32,
    /// Longest frame sent and received, in bytes without CRC.
    pub frame_max: u32,
    /// Longest frame sent; receiving may have a lower limit.
    pub tx_frame_max: u32,
    /// Longest frame received; sending may have a lower limit.
    pub rx_frame_max: u32,
    /// Most slots of a sent frame.
    pub tx_frame_slots: u32,
    /// Most bytes of a frame in one transmit slot.
    pub tx_slot_bytes: u32,
    /// Bytes that the NIC may write into the buffer of one receive slot.
    pub rx_slot_bytes: u32,
    /// Completion schemes, the default first.
    pub completions: &'static [Completion],
    /// Limits of receive-side scaling.
    pub rss: Option<RssLimits>,
    /// MSI-X messages, the last one for everything except queues; 0 without MSI-X.
    pub messages: u32,
    /// Its options.
    pub options: &'static [Choice],
}

impl Limits {
    /// The limits of NIC `N`, for a variant with the longest frames `frames`.
    pub fn of<N: Messages + Choices>(frames: FrameLimits) -> Limits {
        let tx_slot_bytes = BUFFER_SIZE.min(N::Tx::MAX_LEN as u32);
        let tx_frame_max = frames
            .sent
            .min(tx_slot_bytes.saturating_mul(N::Tx::SLOTS_MAX));
        Limits {
            tx: N::TX,
            rx: N::RX,
            frame_min: N::Tx::MIN_LEN as u32,
            frame_max: tx_frame_max.min(frames.received),
            tx_frame_max,
            rx_frame_max: frames.received,
            tx_frame_slots: N::Tx::SLOTS_MAX,
            tx_slot_bytes,
            rx_slot_bytes: N::BUFFER_SIZE.min(BUFFER_SIZE),
            completions: N::COMPLETIONS,
            rss: N::RSS,
            messages: N::MESSAGES,
            options: N::CHOICES,
        }
    }

    /// Slots of a sent frame of `len` bytes.
    pub const fn tx_slots_of(&self, len: u32) -> u32 {
        len.div_ceil(self.tx_slot_bytes)
    }

    /// Most slots of a received frame of `len` bytes: a NIC that does not strip the CRC needs room for it, too.
    pub const fn rx_slots_of(&self, len: u32) -> u32 {
        (len + Crc::Kept.bytes() as u32).div_ceil(self.rx_slot_bytes)
    }
}
