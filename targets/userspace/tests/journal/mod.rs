//! A fictitious NIC. Its device keeps a journal of sequences, each with the option that it ran with.

// Each test file uses only a part of this module.
#![allow(dead_code)]

#[path = "../../../sim/tests/toy/mod.rs"]
mod toy;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use netmap_core::model::Model;
use netmap_core::register::{Piece, RegOffset};
use netmap_core::{
    Bus, Causes, Choice, Choices, Clearing, Completion, Crc, Dma, DmaAddr, DmaError, Doorbell,
    Driver, Duplex, Fault, Filter, Link, MacAddress, Messages, MulticastHash, Nic, PciId,
    PciIdentity, Restart, RingLimits, RingSetup, RssLimits, RxFormat, Setup, Source, Statistic,
    TxFormat,
};
use netmap_nics::Modelled;
use netmap_userspace::bus::UserBus;
use netmap_userspace::{Region, Result};

pub const ID: PciId = PciId {
    vendor: 0x1234,
    device: 0x5678,
};

/// The sequences, in the order of the registers to which they write the option.
const SEQUENCES: [&str; 16] = [
    "reset",
    "init",
    "mac_read",
    "mac_write",
    "filter_write",
    "tx_enable",
    "rx_enable",
    "start",
    "link_start",
    "link_poll",
    "interrupts_on",
    "causes",
    "interrupts_off",
    "stop",
    "tx_disable",
    "rx_disable",
];
/// The first of those registers.
const JOURNAL: u32 = 0x1000;
/// The link register; 0 is down.
pub const LINK: u32 = 0x10;
/// Not 0 if an interrupt reports a change of the link.
pub const LINK_CHANGED: u32 = 0x14;
/// A 64-bit counter.
pub const LONG: u32 = 0x20;
/// A 32-bit counter.
pub const SHORT: u32 = 0x28;
/// Holds the number of the sequence that fails, counted from one.
const FAILING: u32 = 0x30;
const DOORBELLS: u32 = 0x40;

const fn one(offset: u32) -> Piece {
    Piece {
        first: 0,
        count: 1,
        offset: RegOffset(offset),
        stride: 4,
    }
}

/// The error of a sequence that fails on request.
pub const FAILED: &str = "the journal says no";

/// Its driver. The filter is written after `init`, or with `LATE` after `start`. The NIC has `VECTORS` MSI-X messages.
#[derive(Debug, Clone, Copy)]
pub struct Journalled<const LATE: bool = false, const VECTORS: u32 = 0> {
    knob: u32,
}

impl<const LATE: bool, const VECTORS: u32> Journalled<LATE, VECTORS> {
    fn note<B: Bus>(self, bus: &B, sequence: &str) -> Result<(), Fault> {
        let at = SEQUENCES.iter().position(|name| *name == sequence);
        let at = at.expect("a sequence of the list") as u32;
        bus.write32(RegOffset(JOURNAL + 4 * at), self.knob);
        match bus.read32(RegOffset(FAILING)) == at + 1 {
            true => Err(Fault::Verify { what: FAILED }),
            false => Ok(()),
        }
    }
}

const RING: RingLimits = RingLimits {
    queues: 2,
    min: 8,
    max: 1024,
    multiple: 8,
    align: 128,
    address_bits: 64,
    restart: Restart::Queue,
};

impl<const LATE: bool, const VECTORS: u32> Nic for Journalled<LATE, VECTORS> {
    const NAME: &'static str = "journalled";
    const TITLE: &'static str = "A NIC with a journal";
    const PCI_IDS: &'static [PciId] = &[ID];
    const BAR: Option<u8> = None;
    const BAR_SIZE: u32 = 0x2000;
    type Tx = TxWords;
    type Rx = RxWords;
    const TX: RingLimits = RING;
    const RX: RingLimits = RING;
    const BUFFER_SIZE: u32 = 2048;
    const MULTICAST_HASH: Option<MulticastHash> =
        Some(MulticastHash::AddressBits { low: 36, width: 12 });
    const STATISTICS: &'static [Statistic] = &[
        Statistic {
            name: "long",
            title: "a counter of 64 bits",
            source: Source::Registers {
                low: &[one(LONG)],
                high: &[one(LONG + 4)],
            },
            clearing: Clearing::Reset,
            loses: false,
            only_on: &[],
        },
        Statistic {
            name: "short",
            title: "a counter of 32 bits that reading clears",
            source: Source::Registers {
                low: &[one(SHORT)],
                high: &[],
            },
            clearing: Clearing::Read,
            loses: false,
            only_on: &[],
        },
    ];
    const COMPLETIONS: &'static [Completion] = &[Completion::DoneBit];
    const FRAME_MAX: u32 = 1514;
    const STATISTICS_BLOCK: u32 = 0;
    const RSS: Option<RssLimits> = None;

    fn tx_doorbell(queue: u32) -> Option<Doorbell> {
        (queue < 2).then_some(Doorbell::index(RegOffset(DOORBELLS + 8 * queue)))
    }
    fn rx_doorbell(queue: u32) -> Option<Doorbell> {
        (queue < 2).then_some(Doorbell::index(RegOffset(DOORBELLS + 4 + 8 * queue)))
    }
    fn tx_head(_: u32) -> Option<RegOffset> {
        None
    }
}

impl<const LATE: bool, const VECTORS: u32> Messages for Journalled<LATE, VECTORS> {
    const MESSAGES: u32 = VECTORS;
}

impl<const LATE: bool, const VECTORS: u32> Choices for Journalled<LATE, VECTORS> {
    const CHOICES: &'static [Choice] = &[Choice {
        name: "knob",
        title: "what every sequence writes",
        default: 1,
        max: 9,
    }];

    fn chosen(&self, _: usize) -> u32 {
        self.knob
    }

    fn choose(self, _: usize, value: u32) -> Self {
        Journalled { knob: value }
    }

    fn crc(&self) -> Crc {
        Crc::Stripped
    }
}

macro_rules! sequences {
    ($($name:ident($($argument:ty),*);)*) => {$(
        fn $name<B: Bus>(&self, bus: &B $(, _: $argument)*) -> Result<(), Fault> {
            self.note(bus, stringify!($name))
        }
    )*};
}

impl<const LATE: bool, const VECTORS: u32> Driver for Journalled<LATE, VECTORS> {
    const FILTER_AFTER_START: bool = LATE;

    fn detect<B: Bus>(_: &B, pci: &PciIdentity) -> Option<Self> {
        (pci.id == ID).then_some(Journalled { knob: 1 })
    }
    fn variant(&self) -> &'static str {
        "journalled"
    }
    fn mac_read<B: Bus>(&self, bus: &B) -> Result<MacAddress, Fault> {
        self.note(bus, "mac_read")?;
        Ok(MacAddress([2, 0, 0, 0, 0, 1]))
    }
    fn link_poll<B: Bus>(&self, bus: &B) -> Result<Link, Fault> {
        self.note(bus, "link_poll")?;
        Ok(match bus.read32(RegOffset(LINK)) {
            u32::MAX => return Err(Fault::Gone),
            0 => Link::Down,
            _ => Link::Up {
                mbps: 1000,
                duplex: Duplex::Full,
            },
        })
    }
    fn causes<B: Bus>(&self, bus: &B) -> Causes {
        let _ = self.note(bus, "causes");
        Causes {
            link: bus.read32(RegOffset(LINK_CHANGED)) != 0,
            ..Causes::default()
        }
    }
    sequences! {
        reset();
        init(&Setup);
        mac_write(&MacAddress);
        filter_write(&Filter);
        tx_enable(u32, &RingSetup);
        rx_enable(u32, &RingSetup);
        start(&Setup);
        link_start(bool);
        interrupts_on(&Setup);
        interrupts_off();
        stop();
        tx_disable(u32);
        rx_disable(u32);
    }
}

impl<const LATE: bool, const VECTORS: u32> Modelled for Journalled<LATE, VECTORS> {
    /// It has no tables of its own and uses those of another fictitious NIC.
    const MODEL: &'static Model = &toy::TOY;
}

/// Its transmit descriptor: address, then length and bits.
pub enum TxWords {}

impl TxFormat for TxWords {
    const MIN_LEN: u16 = 14;
    const MAX_LEN: u16 = 2048;
    const FRAME_MAX: u32 = 1514;
    const SLOTS_MAX: u32 = 1;
    const CONTROL: usize = 1;
    const REPORT: u64 = 1 << 27;
    const DONE_MASK: u64 = 1 << 32;
    const DONE: u64 = 1 << 32;
    const OWNER: u64 = 0;
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = 0;
    const LAST: u64 = 1 << 24;
    const PER_BYTE: [u64; 2] = [0, 1];

    fn part(buffer: DmaAddr, len: u32, _: u32) -> [u64; 2] {
        [buffer.0, len.into()]
    }
}

/// Its receive descriptor: address, then the written-back fields.
pub enum RxWords {}

impl RxFormat for RxWords {
    const STATUS_WORD: usize = 1;
    const DONE_MASK: u64 = 1;
    const DONE: u64 = 1;
    const OWNER: u64 = 0;
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = 0;
    const LAST: u64 = 2;
    const GOOD_MASK: u64 = 2;
    const GOOD: u64 = 2;
    const PART: u32 = 0;

    fn arm(buffer: DmaAddr) -> [u64; 2] {
        [buffer.0, 0]
    }

    fn len(status: u64) -> u16 {
        (status >> 32) as u16
    }
}

/// The sequences that ran, each with its option.
#[derive(Default)]
struct Device {
    entries: Mutex<Vec<(&'static str, u32)>>,
    registers: Mutex<BTreeMap<u32, u32>>,
    /// The allocated memory: the descriptors of queue 0, transmit before receive, and those of other queues.
    memories: Mutex<Vec<Arc<[AtomicU64]>>>,
    at_sequence: Mutex<Option<(&'static str, Interruption)>>,
}

type Interruption = Box<dyn FnOnce() + Send>;

/// The bus of the device.
#[derive(Clone, Default)]
pub struct Journal(Arc<Device>);

impl Journal {
    /// A device whose link is up.
    pub fn new() -> Journal {
        let journal = Journal::default();
        journal.set(LINK, 1);
        journal
    }

    /// Sets the value that a register reads as.
    pub fn set(&self, at: u32, value: u32) {
        self.0.registers.lock().unwrap().insert(at, value);
    }

    /// The value of a register.
    pub fn get(&self, at: u32) -> u32 {
        let registers = self.0.registers.lock().unwrap();
        registers.get(&at).copied().unwrap_or(0)
    }

    /// All entries since the last call.
    pub fn take(&self) -> Vec<(&'static str, u32)> {
        std::mem::take(&mut *self.0.entries.lock().unwrap())
    }

    /// Makes a sequence fail from now on, or none.
    pub fn fail(&self, sequence: Option<&str>) {
        let at = |name: &str| SEQUENCES.iter().position(|each| *each == name);
        let number = sequence.map_or(0, |name| at(name).expect("a sequence of the list") + 1);
        self.set(FAILING, number as u32);
    }

    /// Calls `act` when that sequence runs next.
    pub fn at(&self, sequence: &'static str, act: impl FnOnce() + Send + 'static) {
        *self.0.at_sequence.lock().unwrap() = Some((sequence, Box::new(act)));
    }

    /// The doorbell of the first transmit queue.
    pub fn tx_tail(&self) -> u32 {
        self.tail_of(0)
    }

    /// The doorbell of a transmit queue.
    pub fn tail_of(&self, queue: u32) -> u32 {
        self.get(DOORBELLS + 8 * queue)
    }

    /// The doorbell of the first receive queue.
    pub fn rx_tail(&self) -> u32 {
        self.get(DOORBELLS + 4)
    }

    /// Reports a frame of `len` bytes in each of these descriptors of the first receive queue.
    pub fn receive(&self, descriptors: Range<usize>, len: u64) {
        let memories = self.0.memories.lock().unwrap();
        for at in descriptors {
            memories[1][2 * at + 1].store(len << 32 | 3, SeqCst);
        }
    }
}

/// The options of all runs of a sequence; it must have run.
pub fn options_of(entries: &[(&str, u32)], sequence: &str) -> Vec<u32> {
    let ran: Vec<u32> = entries
        .iter()
        .filter(|(name, _)| *name == sequence)
        .map(|(_, option)| *option)
        .collect();
    assert!(!ran.is_empty(), "no {sequence} in {entries:?}");
    ran
}

pub struct Words(Arc<[AtomicU64]>);

impl Dma for Words {
    fn words(&self) -> &[AtomicU64] {
        &self.0
    }
    fn address(&self) -> DmaAddr {
        // The device does not access the memory, so only its alignment matters.
        DmaAddr(0x1000)
    }
}

impl Bus for Journal {
    type Dma = Words;

    fn read8(&self, at: RegOffset) -> u8 {
        self.get(at.0) as u8
    }
    fn read16(&self, at: RegOffset) -> u16 {
        self.get(at.0) as u16
    }
    fn read32(&self, at: RegOffset) -> u32 {
        let value = self.get(at.0);
        // Of a removed device, everything always reads as ones.
        if at.0 == SHORT && value != u32::MAX {
            self.set(SHORT, 0);
        }
        value
    }
    fn read64(&self, at: RegOffset) -> u64 {
        self.get(at.0).into()
    }
    fn write8(&self, at: RegOffset, value: u8) {
        self.write32(at, value.into());
    }
    fn write16(&self, at: RegOffset, value: u16) {
        self.write32(at, value.into());
    }
    fn write32(&self, at: RegOffset, value: u32) {
        match at.0.checked_sub(JOURNAL) {
            Some(offset) => {
                let entry = (SEQUENCES[offset as usize / 4], value);
                self.0.entries.lock().unwrap().push(entry);
                let mut waiting = self.0.at_sequence.lock().unwrap();
                let act = waiting.take_if(|(sequence, _)| *sequence == entry.0);
                drop(waiting);
                if let Some((_, act)) = act {
                    act();
                }
            }
            // Without a link it forgets what a transmit doorbell announces.
            None if at.0 >= DOORBELLS && at.0 & 4 == 0 && self.get(LINK) == 0 => {}
            None => self.set(at.0, value),
        }
    }
    fn write64(&self, at: RegOffset, value: u64) {
        self.write32(at, value as u32);
    }
    fn publish(&self) {}
    fn observe(&self) {}
    fn delay(&self, _: Duration) {}
    fn sleep(&self, how_long: Duration) {
        std::thread::sleep(how_long.min(Duration::from_millis(1)));
    }
    fn dma_alloc(&self, bytes: usize, _: usize, _: u32) -> Result<Words, DmaError> {
        let words: Arc<[_]> = (0..bytes.div_ceil(8)).map(|_| AtomicU64::new(0)).collect();
        self.0.memories.lock().unwrap().push(Arc::clone(&words));
        Ok(Words(words))
    }
}

impl UserBus for Journal {
    fn attach(&self, _: &Arc<Region>) -> Result<DmaAddr> {
        Ok(DmaAddr(0))
    }
    fn detach(&self) {}
    fn pci(&self) -> PciIdentity {
        PciIdentity::of(ID)
    }
    fn set_message_count(&self, _: u32) -> bool {
        true
    }
    fn wait_interrupt(&self, _: Duration) -> u64 {
        1
    }
}
