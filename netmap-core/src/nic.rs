//! Facts about a NIC that are known without a device.

use core::fmt;

use crate::register::RegOffset;
use crate::{
    Completion, Doorbell, Messages, MulticastHash, RssLimits, RxFormat, Statistic, TxFormat,
};

/// The facts of a NIC. Generated drivers derive it.
pub trait Nic: 'static {
    /// Name of the spec.
    const NAME: &'static str;
    /// Descriptive name.
    const TITLE: &'static str;
    /// PCI ids of all variants.
    const PCI_IDS: &'static [PciId];
    /// PCI base address register of the main register space; `None` is the first memory space.
    const BAR: Option<u8>;
    /// Bytes of that space.
    const BAR_SIZE: u32;
    /// The NIC's transmit descriptor.
    type Tx: TxFormat;
    /// The NIC's receive descriptor.
    type Rx: RxFormat;
    /// Limits of transmit rings; a variant may have [narrower ones](NicLimits).
    const TX: RingLimits;
    /// Limits of receive rings; a variant may have [narrower ones](NicLimits).
    const RX: RingLimits;
    /// Bytes the NIC may write into one receive buffer.
    const BUFFER_SIZE: u32;
    /// The hash of an address in the multicast table; `None` if the NIC has no table.
    const MULTICAST_HASH: Option<MulticastHash>;
    /// The NIC's counters.
    const STATISTICS: &'static [Statistic];
    /// Transmit completion schemes, the default first.
    const COMPLETIONS: &'static [Completion];
    /// Longest frame that any variant receives, in bytes without CRC.
    const FRAME_MAX: u32;
    /// Bytes of the block that [`Driver::statistics_dump`](crate::Driver::statistics_dump) fills; 0 if there is none.
    const STATISTICS_BLOCK: u32;
    /// Limits of receive-side scaling; `None` if the NIC has none. A variant may have [fewer queues](NicLimits).
    const RSS: Option<RssLimits>;

    /// The doorbell of a transmit queue; `None` if the queue does not exist.
    fn tx_doorbell(queue: u32) -> Option<Doorbell>;
    /// The doorbell of a receive queue; `None` if the queue does not exist.
    fn rx_doorbell(queue: u32) -> Option<Doorbell>;
    /// The head register of a transmit queue; `None` if there is none.
    fn tx_head(queue: u32) -> Option<RegOffset>;
}

/// The limits of one variant of a NIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NicLimits {
    /// Limits of transmit rings.
    pub tx: RingLimits,
    /// Limits of receive rings.
    pub rx: RingLimits,
    /// Limits of frames.
    pub frames: FrameLimits,
    /// Limits of receive-side scaling; `None` if there is none.
    pub rss: Option<RssLimits>,
    /// The number of MSI-X messages, including the last one; 0 without MSI-X.
    pub messages: u32,
}

impl NicLimits {
    /// The limits of NIC `N` that hold unless a variant has narrower ones.
    pub const fn of<N: Messages>() -> NicLimits {
        NicLimits {
            tx: N::TX,
            rx: N::RX,
            frames: FrameLimits {
                shortest: N::Tx::MIN_LEN as u32,
                sent: N::Tx::FRAME_MAX,
                received: N::FRAME_MAX,
                slots: N::Tx::SLOTS_MAX,
            },
            rss: N::RSS,
            messages: N::MESSAGES,
        }
    }

    /// Most queues of either direction.
    pub const fn queues(&self) -> u32 {
        match self.tx.queues > self.rx.queues {
            true => self.tx.queues,
            false => self.rx.queues,
        }
    }
}

/// Limits of frames, in bytes without CRC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameLimits {
    /// Shortest frame sent.
    pub shortest: u32,
    /// Longest frame sent.
    pub sent: u32,
    /// Longest frame received.
    pub received: u32,
    /// Most slots of a frame sent; 1 if a frame has to fit one.
    pub slots: u32,
}

impl FrameLimits {
    /// Longest frame sent from slots of that many bytes.
    pub const fn sent_from(&self, slot_bytes: u32) -> u32 {
        let most = slot_bytes.saturating_mul(self.slots);
        if most < self.sent { most } else { self.sent }
    }

    /// No limits besides those of the NIC.
    pub const NONE: FrameLimits = FrameLimits {
        shortest: 0,
        sent: u32::MAX,
        received: u32::MAX,
        slots: u32::MAX,
    };
}

/// A PCI vendor and device id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PciId {
    /// Vendor id.
    pub vendor: u16,
    /// Device id.
    pub device: u16,
}

impl fmt::Display for PciId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.device)
    }
}

/// What a device says of itself in its PCI configuration space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PciIdentity {
    /// Its vendor and device id.
    pub id: PciId,
    /// Vendor and number of the board.
    pub subsystem: PciId,
    /// Its revision.
    pub revision: u8,
}

impl PciIdentity {
    /// A device with that id, without a board's number, of revision 0.
    pub const fn of(id: PciId) -> PciIdentity {
        PciIdentity {
            id,
            subsystem: PciId {
                vendor: 0,
                device: 0,
            },
            revision: 0,
        }
    }
}

/// Limits of the rings of a NIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingLimits {
    /// Queues of this direction.
    pub queues: u32,
    /// Fewest descriptors of a ring.
    pub min: u32,
    /// Most descriptors of a ring.
    pub max: u32,
    /// The number of descriptors is a multiple of this.
    pub multiple: u32,
    /// Alignment of a ring, in bytes.
    pub align: u32,
    /// Bits of a ring's address.
    pub address_bits: u32,
    /// How one ring is restarted.
    pub restart: Restart,
}

/// How one ring is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Its queue is disabled and enabled; other queues continue.
    Queue,
    /// The device is reset.
    Device,
}

impl RingLimits {
    /// Whether a ring may have `slots` descriptors.
    pub const fn allows(&self, slots: u32) -> bool {
        slots >= self.min && slots <= self.max && slots.is_multiple_of(self.multiple)
    }

    /// The largest ring of at most `slots` descriptors, or the smallest one if even that has more.
    pub const fn nearest(&self, slots: u32) -> u32 {
        let multiple = match self.multiple {
            0 => 1,
            multiple => multiple,
        };
        let most = match slots > self.max {
            true => self.max,
            false => slots,
        };
        let slots = most - most % multiple;
        match slots < self.min {
            true => self.min.next_multiple_of(multiple),
            false => slots,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_ring_is_one_that_the_nic_allows() {
        let limits = |min, max, multiple| RingLimits {
            queues: 1,
            min,
            max,
            multiple,
            align: 16,
            address_bits: 64,
            restart: Restart::Queue,
        };
        for (min, max, multiple) in [
            (3, 21, 3),
            (5, 35, 5),
            (8, 4096, 8),
            (1, 1, 1),
            (600, 700, 50),
        ] {
            let limits = limits(min, max, multiple);
            for wanted in 0..5000 {
                let found = limits.nearest(wanted);
                assert!(limits.allows(found), "{limits:?}: {found}");
                let better = (found + 1..=wanted).find(|&slots| limits.allows(slots));
                assert_eq!(better, None, "{limits:?}: {found} instead of {wanted}");
                assert!(found <= wanted || found == min, "{limits:?}: {found}");
            }
        }
        // A multiple that no spec has divides nothing.
        assert_eq!(limits(4, 8, 0).nearest(6), 6);
    }
}
