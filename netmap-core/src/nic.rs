//! Facts about a NIC that are known without touching one.

use core::fmt;

use crate::register::RegOffset;
use crate::{Completion, Doorbell, MulticastHash, RssLimits, RxFormat, Statistic, TxFormat};

/// The facts. Derived for generated drivers.
pub trait Nic: 'static {
    /// Name of the spec.
    const NAME: &'static str;
    /// Name for people.
    const TITLE: &'static str;
    /// PCI ids of all variants.
    const PCI_IDS: &'static [PciId];
    /// PCI base address register of the main register space; `None` is the first one for memory.
    const BAR: Option<u8>;
    /// Bytes of that space.
    const BAR_SIZE: u32;
    /// The NIC's transmit descriptor.
    type Tx: TxFormat;
    /// The NIC's receive descriptor.
    type Rx: RxFormat;
    /// What a transmit ring may be.
    const TX: RingLimits;
    /// What a receive ring may be.
    const RX: RingLimits;
    /// Bytes the NIC may write into one receive buffer.
    const BUFFER_SIZE: u32;
    /// Which bits of an address pick a bit of the multicast table.
    const MULTICAST_HASH: MulticastHash;
    /// The NIC's counters.
    const STATISTICS: &'static [Statistic];
    /// Ways of learning which frames were sent, the usual one first.
    const COMPLETIONS: &'static [Completion];
    /// Longest frame that any variant receives, in bytes without CRC.
    const FRAME_MAX: u32;
    /// Bytes of the block that [`Driver::statistics_dump`] fills; 0 if no counter is in one.
    const STATISTICS_BLOCK: u32;
    /// What receive-side scaling can do; `None` if there is none.
    const RSS: Option<RssLimits>;

    /// How new slots of a transmit queue are announced; `None` if there is no such queue.
    fn tx_doorbell(queue: u32) -> Option<Doorbell>;
    /// How new slots of a receive queue are announced; `None` if there is no such queue.
    fn rx_doorbell(queue: u32) -> Option<Doorbell>;
    /// The register with the NIC's position in a transmit queue; `None` if there is none.
    fn tx_head(queue: u32) -> Option<RegOffset>;
}

/// The longest frames of one variant, in bytes without CRC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameLimits {
    /// Longest frame sent.
    pub sent: u32,
    /// Longest frame received.
    pub received: u32,
}

impl FrameLimits {
    /// Those of NIC `N` whose variants do not differ, or the largest of any.
    pub const fn of<N: Nic>() -> FrameLimits {
        FrameLimits {
            sent: N::Tx::FRAME_MAX,
            received: N::FRAME_MAX,
        }
    }
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

/// What the rings of a NIC may be.
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
    /// What it takes to restart one ring.
    pub restart: Restart,
}

/// What it takes to restart one ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Disabling and enabling its queue; other queues go on.
    Queue,
    /// A reset of the device.
    Device,
}

impl RingLimits {
    /// Whether a ring may have `slots` descriptors.
    pub const fn allows(&self, slots: u32) -> bool {
        slots >= self.min && slots <= self.max && slots.is_multiple_of(self.multiple)
    }
}
