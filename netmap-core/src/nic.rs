//! Facts about a NIC that are known without a device.

use core::fmt;

use crate::register::RegOffset;
use crate::{Completion, Doorbell, MulticastHash, RssLimits, RxFormat, Statistic, TxFormat};

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
    /// Limits of transmit rings.
    const TX: RingLimits;
    /// Limits of receive rings.
    const RX: RingLimits;
    /// Bytes the NIC may write into one receive buffer.
    const BUFFER_SIZE: u32;
    /// The hash of an address in the multicast table.
    const MULTICAST_HASH: MulticastHash;
    /// The NIC's counters.
    const STATISTICS: &'static [Statistic];
    /// Transmit completion schemes, the default first.
    const COMPLETIONS: &'static [Completion];
    /// Longest frame that any variant receives, in bytes without CRC.
    const FRAME_MAX: u32;
    /// Bytes of the block that [`Driver::statistics_dump`](crate::Driver::statistics_dump) fills; 0 if there is none.
    const STATISTICS_BLOCK: u32;
    /// Limits of receive-side scaling; `None` if the NIC has none.
    const RSS: Option<RssLimits>;

    /// The doorbell of a transmit queue; `None` if the queue does not exist.
    fn tx_doorbell(queue: u32) -> Option<Doorbell>;
    /// The doorbell of a receive queue; `None` if the queue does not exist.
    fn rx_doorbell(queue: u32) -> Option<Doorbell>;
    /// The head register of a transmit queue; `None` if there is none.
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
    /// The largest limits of any variant of NIC `N`.
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
}
