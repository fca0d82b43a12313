//! The trait of generated drivers.

use core::fmt;

use crate::{
    Bus, Choices, Completion, DmaAddr, Filter, Link, MacAddress, Messages, NicLimits, PciIdentity,
    Rss,
};

/// The sequences of a NIC: each function is one sequence of its spec.
///
/// To start, a port calls `reset init mac_write filter_write tx_enable rx_enable start link_start interrupts_on`; to
/// stop, `interrupts_off stop tx_disable rx_disable`. None of them runs on a sync path; most sleep.
#[expect(
    clippy::missing_errors_doc,
    reason = "every sequence fails for the reasons that `Fault` lists"
)]
pub trait Driver: Messages + Choices + Copy + Send + Sync + fmt::Debug {
    /// Whether a port calls `filter_write` after `start`, because the filter cannot be written before.
    const FILTER_AFTER_START: bool = false;

    /// Detects the variant; `None` if the driver does not support the device.
    fn detect<B: Bus>(bus: &B, pci: &PciIdentity) -> Option<Self>;
    /// Name of the detected variant.
    fn variant(&self) -> &'static str;
    /// The limits of the detected variant.
    fn limits(&self) -> NicLimits {
        NicLimits::of::<Self>()
    }

    /// Resets the device to its power-on values.
    fn reset<B: Bus>(&self, bus: &B) -> Result<(), Fault>;
    /// Initialises everything that is shared by the queues. No queue runs yet.
    fn init<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault>;
    /// The MAC address assigned to the device.
    fn mac_read<B: Bus>(&self, bus: &B) -> Result<MacAddress, Fault>;
    /// Sets the MAC address.
    fn mac_write<B: Bus>(&self, bus: &B, mac: &MacAddress) -> Result<(), Fault>;
    /// Sets the receive filter: frames to accept besides those to the MAC address.
    fn filter_write<B: Bus>(&self, bus: &B, filter: &Filter) -> Result<(), Fault>;
    /// Prepares a transmit queue on a descriptor ring.
    fn tx_enable<B: Bus>(&self, bus: &B, queue: u32, ring: &RingSetup) -> Result<(), Fault>;
    /// Prepares a receive queue on a descriptor ring.
    fn rx_enable<B: Bus>(&self, bus: &B, queue: u32, ring: &RingSetup) -> Result<(), Fault>;
    /// Starts the prepared queues.
    fn start<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault>;
    /// Starts negotiation of the link. A correct link stays up, unless `renegotiate` is set.
    fn link_start<B: Bus>(&self, bus: &B, renegotiate: bool) -> Result<(), Fault>;
    /// The current state of the link, without waiting; [`Fault::Gone`] if the device is gone.
    fn link_poll<B: Bus>(&self, bus: &B) -> Result<Link, Fault>;
    /// Enables a single interrupt.
    fn interrupts_on<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault>;
    /// Enables interrupts: MSI-X [messages](Messages) if the port has any, otherwise a single interrupt.
    fn listen<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault> {
        match setup.messages {
            0 => self.interrupts_on(bus, setup),
            _ => self.messages_on(bus, setup),
        }
    }
    /// Disables interrupts of either kind.
    fn interrupts_off<B: Bus>(&self, bus: &B) -> Result<(), Fault>;
    /// Reads and acknowledges the causes of an interrupt.
    ///
    /// Interrupt handlers call [`causes_of`](Self::causes_of).
    fn causes<B: Bus>(&self, bus: &B) -> Causes;
    /// The causes that `message` reports; acknowledges them. `messages` is the number of [messages](Setup::messages)
    /// for queues.
    ///
    /// A message for queues reports both directions, the last message the link. Without messages, this reads the
    /// [`causes`](Self::causes). It accesses cause and mask registers only.
    fn causes_of<B: Bus>(&self, bus: &B, message: u32, messages: u32) -> Causes {
        if messages == 0 {
            return self.causes(bus);
        }
        let of_queues = message < messages;
        // On a removed device this fails. The port detects the removal from its rings and its link.
        let _ = match of_queues {
            true => self.messages_queue(bus, message),
            false => self.messages_other(bus),
        };
        Causes {
            tx: of_queues,
            rx: of_queues,
            link: !of_queues,
        }
    }
    /// Kicks the first `queues` transmit queues, or all that the variant has, of a NIC that loses kicks. Does nothing on
    /// other NICs.
    ///
    /// It takes no lock and accesses no ring, because an interrupt handler cannot wait for a running sync. The NIC
    /// reads the owner bits, so an extra kick has no effect.
    fn kick_again<B: Bus>(&self, bus: &B, queues: u32) {
        let queues = queues.min(self.limits().tx.queues);
        for doorbell in (0..queues).map_while(Self::tx_doorbell) {
            doorbell.kick_again(bus);
        }
    }
    /// Ends all DMA.
    fn stop<B: Bus>(&self, bus: &B) -> Result<(), Fault>;
    /// Disables a transmit queue.
    fn tx_disable<B: Bus>(&self, bus: &B, queue: u32) -> Result<(), Fault>;
    /// Disables a receive queue.
    fn rx_disable<B: Bus>(&self, bus: &B, queue: u32) -> Result<(), Fault>;
    /// Makes the device write its counters to `block`: [`STATISTICS_BLOCK`](crate::Nic::STATISTICS_BLOCK) bytes,
    /// aligned to 64.
    fn statistics_dump<B: Bus>(&self, bus: &B, block: DmaAddr) -> Result<(), Fault> {
        let _ = (bus, block);
        Ok(())
    }
}

/// Why a sequence failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Every register reads all ones, as those of a removed device do.
    Gone,
    /// A wait of the sequence timed out.
    Timeout {
        /// The condition, in the words of the spec.
        what: &'static str,
    },
    /// The device returned an invalid value.
    Verify {
        /// The sentence of the spec.
        what: &'static str,
    },
    /// The NIC has no such queue or element.
    NoSuchElement {
        /// The array of registers.
        array: &'static str,
        /// The requested element.
        index: u32,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Gone => f.write_str("the device is gone: its registers read all ones"),
            Fault::Timeout { what } => write!(f, "the device did not respond in time: {what}"),
            Fault::Verify { what } => f.write_str(what),
            Fault::NoSuchElement { array, index } => write!(f, "{array} has no element {index}"),
        }
    }
}

impl core::error::Error for Fault {}

/// The setup that all queues of a port share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// Longest frame received, in bytes without CRC. Frames sent are limited by the NIC alone.
    pub frame_max: u32,
    /// Bytes of one buffer.
    pub buffer_size: u32,
    /// Queues in use, the larger of both directions.
    pub queues: u32,
    /// MSI-X messages for queues: message `q` modulo this number reports queue `q`, and the next message everything
    /// else. 0 for a single interrupt.
    pub messages: u32,
    /// The distribution of received frames over them.
    pub rss: Rss,
}

/// The setup of a queue's descriptor ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingSetup {
    /// The device's address of the first descriptor.
    pub base: DmaAddr,
    /// Number of descriptors.
    pub slots: u32,
    /// Bytes of one buffer.
    pub buffer_size: u32,
    /// The completion scheme; unused on receive.
    pub completion: Completion,
    /// The address for head write-back: 4 bytes, aligned to 16.
    pub head_writeback: DmaAddr,
}

impl RingSetup {
    /// Bytes of the ring, 16 per descriptor.
    pub const fn bytes(&self) -> u32 {
        self.slots * 16
    }
}

/// Causes of an interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Causes {
    /// Frames were sent.
    pub tx: bool,
    /// Frames were received, or could not be received.
    pub rx: bool,
    /// The link changed.
    pub link: bool,
}
