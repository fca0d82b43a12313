//! What a generated driver provides.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::register::{Piece, RegOffset};
use crate::{Bus, Choices, DmaAddr, Doorbell, Filter, Messages, MulticastHash, RxFormat, TxFormat};

/// Facts about a NIC that are known without touching one. Derived for generated drivers.
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

/// How a driver learns which frames were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completion {
    /// The NIC sets a bit in descriptors that asked for it.
    DoneBit,
    /// The NIC clears the owner bit of each descriptor.
    OwnerBit,
    /// A register has the NIC's position.
    HeadRegister,
    /// The NIC writes its position to memory.
    HeadWriteback,
}

impl Completion {
    /// Its name in specs.
    pub const fn name(self) -> &'static str {
        match self {
            Completion::DoneBit => "done_bit",
            Completion::OwnerBit => "owner_bit",
            Completion::HeadRegister => "head_register",
            Completion::HeadWriteback => "head_writeback",
        }
    }
}

/// What receive-side scaling can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RssLimits {
    /// Most queues that the table can name.
    pub queues: u32,
    /// Entries of the table.
    pub entries: u32,
}

/// How received frames are spread over queues: a hash by `key` picks an entry of `table`, which names a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rss {
    /// The key of the Toeplitz hash, first octet first.
    pub key: [u8; 40],
    /// Queues; NICs with fewer entries use the first ones.
    pub table: [u8; 128],
}

impl Rss {
    /// The first `queues` queues in turn, with a key by which both directions of a flow have one hash.
    pub const fn symmetric(queues: u32) -> Rss {
        let queues = match queues {
            0 => 1,
            1..=128 => queues,
            _ => 128,
        };
        let (mut key, mut table) = ([0x6d; 40], [0; 128]);
        let mut at = 0;
        while at < 128 {
            if at < 40 && at % 2 == 1 {
                key[at] = 0x5a;
            }
            table[at] = (at as u32 % queues) as u8;
            at += 1;
        }
        Rss { key, table }
    }

    /// Octet `index` of the key, 0 past its end.
    pub fn key(&self, index: u32) -> u32 {
        self.key.get(index as usize).copied().unwrap_or(0).into()
    }

    /// Entry `index` of the table, 0 past its end.
    pub fn entry(&self, index: u32) -> u32 {
        self.table.get(index as usize).copied().unwrap_or(0).into()
    }
}

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
    /// The station address the device came with.
    fn mac_read<B: Bus>(&self, bus: &B) -> Result<MacAddress, Fault>;
    /// Sets the station address.
    fn mac_write<B: Bus>(&self, bus: &B, mac: &MacAddress) -> Result<(), Fault>;
    /// Sets which frames are accepted besides those to the station address.
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
    /// Interrupt handlers call [`interrupted`](Self::interrupted).
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
    /// What an interrupt handler does: asks for the [causes](Self::causes_of), and kicks the first `queues` transmit queues
    /// [again](Self::kick_again) if frames were sent.
    fn interrupted<B: Bus>(&self, bus: &B, queues: u32, message: u32, messages: u32) -> Causes {
        let causes = self.causes_of(bus, message, messages);
        if causes.tx {
            self.kick_again(bus, queues);
        }
        causes
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

/// A station address, first octet on the wire first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
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

/// State of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// No partner.
    Down,
    /// Frames can pass.
    Up {
        /// Speed in Mbit/s.
        mbps: u32,
        /// Whether both directions work at once.
        duplex: Duplex,
    },
}

/// Whether both directions of a link work at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplex {
    /// One at a time.
    Half,
    /// Both at once.
    Full,
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Link::Down => f.write_str("down"),
            Link::Up { mbps, duplex } => {
                let duplex = match duplex {
                    Duplex::Half => "half",
                    Duplex::Full => "full",
                };
                write!(f, "up, {mbps} Mbit/s, {duplex} duplex")
            }
        }
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

/// One counter of a NIC.
#[derive(Debug, Clone, Copy)]
pub struct Statistic {
    /// Its name in the spec.
    pub name: &'static str,
    /// What it counts.
    pub title: &'static str,
    /// Where it stands.
    pub source: Source,
    /// Whether reading clears.
    pub clears: bool,
    /// Names of the variants that have it; empty if all do.
    pub only_on: &'static [&'static str],
}

/// Where a counter stands.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// In registers; elements are summed.
    Registers {
        /// The register, or the lower half.
        low: &'static [Piece],
        /// The upper half, read after the lower one; empty for a 32-bit counter.
        high: &'static [Piece],
    },
    /// In the block that [`Driver::statistics_dump`] fills, lowest byte first.
    Block {
        /// Bytes from the start of the block.
        offset: u32,
        /// Bytes of the counter, within one 64-bit word.
        bytes: u32,
    },
}

impl Statistic {
    /// Whether a variant has it. One that has not must not be asked for it.
    pub fn is_on(&self, variant: &str) -> bool {
        self.only_on.is_empty() || self.only_on.contains(&variant)
    }

    /// The counter's value; `block` is what was dumped last, empty if nothing was.
    pub fn read<B: Bus>(&self, bus: &B, block: &[AtomicU64]) -> u64 {
        match self.source {
            Source::Registers { low, high } => {
                let sum = |pieces: &[Piece]| {
                    let mut sum = 0u64;
                    for piece in pieces {
                        for element in 0..piece.count {
                            let at = RegOffset(piece.offset.0 + element * piece.stride);
                            sum = sum.wrapping_add(u64::from(bus.read32(at)));
                        }
                    }
                    sum
                };
                let low = sum(low);
                low.wrapping_add(sum(high) << 32)
            }
            Source::Block { offset, bytes } => {
                let word = block
                    .get((offset / 8) as usize)
                    .map_or(0, |word| word.load(Relaxed));
                let value = word >> (offset % 8 * 8);
                match bytes {
                    0..8 => value & ((1 << (bytes * 8)) - 1),
                    _ => value,
                }
            }
        }
    }
}
