//! What a generated driver provides.

use core::fmt;

use crate::{
    Bus, Choices, Completion, DmaAddr, Filter, FrameLimits, Link, MacAddress, Messages, PciId, Rss,
};

/// How a NIC is brought up and taken down: each function is one sequence of its spec.
///
/// A port calls `reset init mac_write filter_write tx_enable rx_enable start link_start interrupts_on`, and
/// `interrupts_off stop tx_disable rx_disable` at the end. None of them runs on a sync path; most sleep.
#[expect(
    clippy::missing_errors_doc,
    reason = "every sequence fails for the reasons that `Fault` lists"
)]
pub trait Driver: Messages + Choices + Copy + Send + Sync + fmt::Debug {
    /// Whether a port calls `filter_write` only after `start`: the filter takes writes from then on.
    const FILTER_AFTER_START: bool = false;

    /// Finds out which variant answers; `None` if it is none of this driver's.
    fn detect<B: Bus>(bus: &B, id: PciId) -> Option<Self>;
    /// Name of the variant found.
    fn variant(&self) -> &'static str;
    /// The longest frames of the variant found.
    fn frame_limits(&self) -> FrameLimits {
        FrameLimits::of::<Self>()
    }

    /// Resets the device; it then answers with power-on values.
    fn reset<B: Bus>(&self, bus: &B) -> Result<(), Fault>;
    /// Sets up everything global; nothing runs yet.
    fn init<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault>;
    /// The MAC address that the device came with.
    fn mac_read<B: Bus>(&self, bus: &B) -> Result<MacAddress, Fault>;
    /// Sets the MAC address.
    fn mac_write<B: Bus>(&self, bus: &B, mac: &MacAddress) -> Result<(), Fault>;
    /// Sets which frames are accepted besides those to the MAC address.
    fn filter_write<B: Bus>(&self, bus: &B, filter: &Filter) -> Result<(), Fault>;
    /// Prepares a transmit queue on a descriptor ring.
    fn tx_enable<B: Bus>(&self, bus: &B, queue: u32, ring: &RingSetup) -> Result<(), Fault>;
    /// Prepares a receive queue on a descriptor ring.
    fn rx_enable<B: Bus>(&self, bus: &B, queue: u32, ring: &RingSetup) -> Result<(), Fault>;
    /// Lets the prepared queues run.
    fn start<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault>;
    /// Starts negotiating a link; one that is up as it should be stays up, unless it is to be negotiated again.
    fn link_start<B: Bus>(&self, bus: &B, renegotiate: bool) -> Result<(), Fault>;
    /// The state of the link now; does not wait.
    fn link_poll<B: Bus>(&self, bus: &B) -> Result<Link, Fault>;
    /// Lets the device interrupt.
    fn interrupts_on<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault>;
    /// Lets the device interrupt: by [messages](Messages) if the port was given any, or else by one interrupt for everything.
    fn listen<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault> {
        match setup.messages {
            0 => self.interrupts_on(bus, setup),
            _ => self.messages_on(bus, setup),
        }
    }
    /// Stops interrupts, however they are told.
    fn interrupts_off<B: Bus>(&self, bus: &B) -> Result<(), Fault>;
    /// What the device interrupted for; acknowledges it.
    ///
    /// Interrupt handlers call [`causes_of`](Self::causes_of).
    fn causes<B: Bus>(&self, bus: &B) -> Causes;
    /// What `message` of a port with so many [`messages`](Setup::messages) for its queues told; acknowledges it.
    ///
    /// A message of queues tells of both directions, and the last one of the link; without messages the device is asked
    /// for its [`causes`](Self::causes). Registers of causes and masks are all that it touches.
    fn causes_of<B: Bus>(&self, bus: &B, message: u32, messages: u32) -> Causes {
        if messages == 0 {
            return self.causes(bus);
        }
        let of_queues = message < messages;
        // A device that has gone tells nothing; whoever waits for it looks at its rings and its link anyway.
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
    /// Kicks the first `queues` transmit queues of a NIC that loses kicks; other NICs are left alone.
    ///
    /// It takes no lock and looks at no ring, because a sync may be at work and the handler cannot wait for it: the NIC
    /// sees by the owner bits what it may send, so that a kick too many has no effect.
    fn kick_again<B: Bus>(&self, bus: &B, queues: u32) {
        for doorbell in (0..queues).map_while(Self::tx_doorbell) {
            doorbell.kick_again(bus);
        }
    }
    /// Ends all DMA.
    fn stop<B: Bus>(&self, bus: &B) -> Result<(), Fault>;
    /// Takes a transmit queue down.
    fn tx_disable<B: Bus>(&self, bus: &B, queue: u32) -> Result<(), Fault>;
    /// Takes a receive queue down.
    fn rx_disable<B: Bus>(&self, bus: &B, queue: u32) -> Result<(), Fault>;
    /// Makes the device write its counters to `block`, [`STATISTICS_BLOCK`](Nic::STATISTICS_BLOCK) bytes aligned to 64.
    fn statistics_dump<B: Bus>(&self, bus: &B, block: DmaAddr) -> Result<(), Fault> {
        let _ = (bus, block);
        Ok(())
    }
}

/// Why a sequence failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The device did not do in time what the sequence waited for.
    Timeout {
        /// The condition waited for, in the words of the spec.
        what: &'static str,
    },
    /// The device answered what it must not.
    Verify {
        /// The sentence of the spec.
        what: &'static str,
    },
    /// The NIC has no such queue or element.
    NoSuchElement {
        /// The array of registers.
        array: &'static str,
        /// The element asked for.
        index: u32,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Timeout { what } => write!(f, "the device did not answer in time: {what}"),
            Fault::Verify { what } => f.write_str(what),
            Fault::NoSuchElement { array, index } => write!(f, "{array} has no element {index}"),
        }
    }
}

impl core::error::Error for Fault {}

/// What is the same for all queues of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// Longest frame in bytes, without CRC.
    pub frame_max: u32,
    /// Bytes of one buffer.
    pub buffer_size: u32,
    /// Queues in use, the larger of both directions.
    pub queues: u32,
    /// MSI-X messages that tell of them, queue `q` by message `q` modulo this; the next message tells of everything else. 0
    /// if one interrupt tells of everything.
    pub messages: u32,
    /// How received frames are spread over them.
    pub rss: Rss,
}

/// Where a queue's descriptors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingSetup {
    /// The first descriptor, as the device sees it.
    pub base: DmaAddr,
    /// Number of descriptors.
    pub slots: u32,
    /// Bytes of one buffer.
    pub buffer_size: u32,
    /// How the driver learns which frames were sent; of no meaning on receive.
    pub completion: Completion,
    /// Where the NIC writes its position if that is the way: 4 bytes, aligned to 16.
    pub head_writeback: DmaAddr,
}

impl RingSetup {
    /// Bytes of the ring: sixteen a descriptor.
    pub const fn bytes(&self) -> u32 {
        self.slots * 16
    }
}

/// What a device interrupted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Causes {
    /// Frames were sent.
    pub tx: bool,
    /// Frames were received, or none could be.
    pub rx: bool,
    /// The link changed.
    pub link: bool,
}
