//! Limits that a variant may narrow.

use crate::words::words;

words! {
    /// A limit of rings, frames or vectors. Its name is the path of its key in the spec.
    pub enum Limit {
        /// Transmit queues.
        TxQueues = "tx_queues",
        /// Fewest descriptors of a transmit ring.
        TxRingMin = "tx_ring_min",
        /// Most descriptors of a transmit ring.
        TxRingMax = "tx_ring_max",
        /// The number of descriptors of a transmit ring is a multiple of this.
        TxRingMultiple = "tx_ring_multiple",
        /// The address of a transmit ring is a multiple of this many bytes.
        TxRingAlign = "tx_ring_align",
        /// Bits of a DMA address of a transmit ring.
        TxRingAddressBits = "tx_ring_address_bits",
        /// Bytes of the shortest frame sent, without CRC.
        TxFrameMin = "tx_frame_min",
        /// Bytes of the longest frame sent, without CRC.
        TxFrameMax = "tx_frame_max",
        /// Most descriptors of a frame sent.
        TxFrameDescriptors = "tx_frame_descriptors",
        /// Receive queues.
        RxQueues = "rx_queues",
        /// Fewest descriptors of a receive ring.
        RxRingMin = "rx_ring_min",
        /// Most descriptors of a receive ring.
        RxRingMax = "rx_ring_max",
        /// The number of descriptors of a receive ring is a multiple of this.
        RxRingMultiple = "rx_ring_multiple",
        /// The address of a receive ring is a multiple of this many bytes.
        RxRingAlign = "rx_ring_align",
        /// Bits of a DMA address of a receive ring.
        RxRingAddressBits = "rx_ring_address_bits",
        /// Bytes of the longest frame received, without CRC.
        RxFrameMax = "rx_frame_max",
        /// Most queues of receive-side scaling.
        RssQueues = "rss_queues",
        /// MSI-X vectors.
        Messages = "interrupts_messages_count",
    }
}

/// Which values of a limit are narrower than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Narrower {
    /// Smaller ones.
    Smaller,
    /// Larger ones.
    Larger,
    /// Its multiples.
    Multiples,
}

impl Limit {
    /// The keys that lead to the limit of the spec.
    pub fn path(self) -> &'static [&'static str] {
        match self {
            Self::TxQueues => &["tx", "queues"],
            Self::TxRingMin => &["tx", "ring", "min"],
            Self::TxRingMax => &["tx", "ring", "max"],
            Self::TxRingMultiple => &["tx", "ring", "multiple"],
            Self::TxRingAlign => &["tx", "ring", "align"],
            Self::TxRingAddressBits => &["tx", "ring", "address_bits"],
            Self::TxFrameMin => &["tx", "frame", "min"],
            Self::TxFrameMax => &["tx", "frame", "max"],
            Self::TxFrameDescriptors => &["tx", "frame", "descriptors"],
            Self::RxQueues => &["rx", "queues"],
            Self::RxRingMin => &["rx", "ring", "min"],
            Self::RxRingMax => &["rx", "ring", "max"],
            Self::RxRingMultiple => &["rx", "ring", "multiple"],
            Self::RxRingAlign => &["rx", "ring", "align"],
            Self::RxRingAddressBits => &["rx", "ring", "address_bits"],
            Self::RxFrameMax => &["rx", "frame_max"],
            Self::RssQueues => &["rss", "queues"],
            Self::Messages => &["interrupts", "messages", "count"],
        }
    }

    /// The limit of the key to which `path` leads.
    pub fn at(path: &[&str]) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.path() == path)
    }

    /// Which values narrow it.
    pub fn narrower(self) -> Narrower {
        match self {
            Self::TxRingMin | Self::RxRingMin | Self::TxFrameMin => Narrower::Larger,
            Self::TxRingMultiple | Self::RxRingMultiple | Self::TxRingAlign | Self::RxRingAlign => {
                Narrower::Multiples
            }
            Self::TxQueues
            | Self::TxRingMax
            | Self::TxRingAddressBits
            | Self::TxFrameMax
            | Self::TxFrameDescriptors
            | Self::RxQueues
            | Self::RxRingMax
            | Self::RxRingAddressBits
            | Self::RxFrameMax
            | Self::RssQueues
            | Self::Messages => Narrower::Smaller,
        }
    }
}
