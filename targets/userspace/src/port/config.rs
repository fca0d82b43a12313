//! The configuration of a port.

use netmap_core::{Completion, Driver, Filter, MacAddress, MulticastTable, Nic, Policy, Rss};

use super::Limits;
use crate::bus::UserBus;
use crate::{Memory, Result};

/// How a port is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortConfig {
    /// Slots of each transmit ring; `None` for [`SLOTS`](Self::SLOTS), or as close to it as the NIC allows.
    pub tx_slots: Option<u32>,
    /// Slots of each receive ring, in the same way.
    pub rx_slots: Option<u32>,
    /// The number of transmit rings and of receive rings; a direction with fewer queues has fewer rings.
    pub queues: u32,
    /// Longest frame received, in bytes from the destination address to the last byte before the CRC, and without a
    /// VLAN tag, for which a NIC has room beyond it. A frame longer than a buffer takes several slots. `None` for
    /// [`FRAME_MAX`](Self::FRAME_MAX), or what the NIC receives if that is less.
    ///
    /// It does not limit frames sent: a port sends what its NIC can ([`Limits::tx_frame_max`]).
    pub frame_max: Option<u32>,
    /// Whether to receive frames to all addresses (promiscuous mode).
    pub promiscuous: bool,
    /// Whether to receive frames to all multicast addresses.
    pub all_multicast: bool,
    /// Multicast addresses to receive. NICs compare hashes of addresses, so frames to others may be received, too; a NIC
    /// without a table of hashes receives all.
    pub multicast: Vec<MacAddress>,
    /// The MAC address, neither zero nor a group's; the device's own if `None`.
    pub mac: Option<MacAddress>,
    /// What happens to frames that are unsent at a reset.
    pub policy: Policy,
    /// The completion scheme of transmit rings; the NIC's default if `None`.
    pub completion: Option<Completion>,
    /// How received frames are distributed over queues. If `None`: over all queues, with both directions of a flow on
    /// the same one.
    pub rss: Option<Rss>,
    /// How the device interrupts.
    pub interrupts: InterruptMode,
    /// Values of the NIC's [options](Limits::options), by name; other options keep their defaults. 0 and 1 switch a
    /// boolean option off and on.
    pub options: Vec<(String, u32)>,
}

/// How the device of a port interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InterruptMode {
    /// One MSI-X message for each queue, as far as available, and one for the link. Without MSI-X on NIC or bus, the
    /// same as [`One`](Self::One).
    #[default]
    Best,
    /// This number of MSI-X messages: the last one reports the link, and queues share the others.
    Messages(u32),
    /// A single interrupt for everything.
    One,
}

impl InterruptMode {
    /// Sets up this mode on the device of `bus`. Returns the number of messages for queues.
    pub(super) fn choose<B: UserBus>(self, limits: &Limits, bus: &B, queues: u32) -> Result<u32> {
        let wanted = match self {
            InterruptMode::Best => (queues + 1).min(limits.messages),
            InterruptMode::Messages(count) => count,
            InterruptMode::One => 0,
        };
        if wanted >= 2 && bus.set_message_count(wanted) {
            return Ok(wanted - 1);
        }
        if let InterruptMode::Messages(count) = self {
            return limits.refuse_messages(count);
        }
        bus.set_message_count(0);
        Ok(0)
    }
}

impl Default for PortConfig {
    fn default() -> PortConfig {
        PortConfig {
            tx_slots: None,
            rx_slots: None,
            queues: 1,
            frame_max: None,
            promiscuous: false,
            all_multicast: false,
            multicast: Vec::new(),
            mac: None,
            policy: Policy::Resend,
            completion: None,
            rss: None,
            interrupts: InterruptMode::Best,
            options: Vec::new(),
        }
    }
}

impl PortConfig {
    /// Slots of a ring whose size is not configured, if its NIC allows.
    pub const SLOTS: u32 = 512;

    /// The longest frame received if none is configured and the NIC can: Ethernet's, without CRC.
    pub const FRAME_MAX: u32 = 1514;

    /// Most buffers that the port's rings take from its memory, if no ring needs more than [`SLOTS`](Self::SLOTS) slots
    /// unless it is configured to; [`PortName::fit`](crate::PortName::fit) configures those of NICs that do. A number above [`Memory::BUFFERS_MAX`] means that no
    /// memory has so many; it is not exact.
    ///
    /// [`Memory::for_ports`] makes a memory that has them.
    pub fn buffers(&self) -> u32 {
        let slots = [self.tx_slots, self.rx_slots].map(|slots| slots.unwrap_or(Self::SLOTS));
        let pairs = u64::from(slots[0]) + u64::from(slots[1]);
        let all = pairs.saturating_mul(self.queues.into());
        all.min(u64::from(Memory::BUFFERS_MAX) + 1) as u32
    }

    /// The driver with the chosen options.
    pub(super) fn choose<N: Driver>(&self, limits: &Limits, driver: N) -> Result<N> {
        let mut options = self.options.iter();
        options.try_fold(driver, |driver, (name, value)| {
            Ok(driver.choose(limits.option(name, *value)?, *value))
        })
    }

    /// The receive filter: frames to accept besides those to the port's MAC address.
    pub(super) fn filter<N: Nic>(&self) -> Filter {
        let mut filter = Filter {
            promiscuous: self.promiscuous,
            all_multicast: self.all_multicast,
            multicast: MulticastTable::EMPTY,
        };
        filter.accept_groups(self.multicast.iter().copied(), N::MULTICAST_HASH);
        filter
    }

    /// How received frames are distributed over queues.
    pub(super) fn spread(&self, limits: &Limits) -> Rss {
        let queues = self.queues.min(limits.rx.queues);
        self.rss.unwrap_or(Rss::over_queues(queues, limits.rss))
    }
}
