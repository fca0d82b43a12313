//! Another toy NIC: its descriptors have an owner bit, it needs kicks, has registers of all widths, dumps its counters
//! to memory, and has two variants.

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use netmap_core::model::*;
use netmap_core::register::{Piece, RegOffset};
use netmap_core::{
    Bus, Dma, FrameLimits, MacAddress, MulticastHash, NicLimits, PciId, PciIdentity, Restart,
    RingLimits,
};
use netmap_sim::{Device, SimBus, SimDma};

use Access::*;

pub const MAC: MacAddress = MacAddress([0x52, 0x54, 0x00, 0x12, 0x34, 0x56]);
pub const OWN: u64 = 1 << 31;
pub const EOR: u64 = 1 << 30;
pub const FIRST: u64 = 1 << 29;
pub const LAST: u64 = 1 << 28;

pub const CR: RegOffset = RegOffset(0x37);
pub const POLL: RegOffset = RegOffset(0x38);
pub const MASK: RegOffset = RegOffset(0x3c);
pub const CAUSE: RegOffset = RegOffset(0x3e);
pub const CONFIG: RegOffset = RegOffset(0x48);
pub const UNLOCK: RegOffset = RegOffset(0x50);
pub const PHY: RegOffset = RegOffset(0x60);
pub const DUMP_LOW: RegOffset = RegOffset(0x10);
pub const DUMP_HIGH: RegOffset = RegOffset(0x14);
pub const VERSION: RegOffset = RegOffset(0x40);
pub const TABLE: RegOffset = RegOffset(0x08);
pub const NEW: RegOffset = RegOffset(0x70);
pub const WIDE: RegOffset = RegOffset(0x78);
const TX_LOW: RegOffset = RegOffset(0x20);
const RX_LOW: RegOffset = RegOffset(0x28);

const LIMITS: NicLimits = NicLimits {
    tx: RING,
    rx: RING,
    frames: FrameLimits {
        shortest: 17,
        sent: 9000,
        received: 1518,
        slots: 4,
    },
    rss: None,
    messages: 0,
};

const RING: RingLimits = RingLimits {
    queues: 1,
    min: 2,
    max: 16,
    multiple: 1,
    align: 256,
    address_bits: 64,
    restart: Restart::Device,
};

const fn field(register: &'static str, field: &'static str) -> FieldName {
    FieldName {
        register,
        element: Element::Fixed(0),
        field,
    }
}

const fn f(name: &'static str, low: u8, width: u8) -> FieldModel {
    FieldModel {
        name,
        low,
        width,
        values: &[],
        doc: "",
    }
}

const fn array(count: u32, at: RegOffset, stride: u32) -> [Piece; 1] {
    [Piece {
        first: 0,
        count,
        offset: at,
        stride,
    }]
}

const fn at(offset: RegOffset) -> [Piece; 1] {
    array(1, offset, 1)
}

const fn register(
    name: &'static str,
    width: u8,
    access: Access,
    pieces: &'static [Piece],
    fields: &'static [FieldModel],
) -> RegisterModel {
    RegisterModel {
        name,
        title: name,
        section: "2",
        only_on: &[],
        width,
        access,
        reset: 0,
        must_write: false,
        pieces,
        fields,
    }
}

const fn next(offset: RegOffset) -> RegOffset {
    RegOffset(offset.0 + 4)
}

static REGISTERS: &[RegisterModel] = &[
    register(
        "IDR",
        8,
        ReadWrite,
        &const { array(6, RegOffset(0), 1) },
        &[],
    ),
    register("MAR", 32, ReadWrite, &const { array(2, TABLE, 4) }, &[]),
    register(
        "DUMPL",
        32,
        ReadWrite,
        &const { at(DUMP_LOW) },
        &[f("START", 3, 1), f("ADDRESS", 6, 26)],
    ),
    register("DUMPH", 32, ReadWrite, &const { at(DUMP_HIGH) }, &[]),
    register("TXL", 32, ReadWrite, &const { at(TX_LOW) }, &[]),
    register("TXH", 32, ReadWrite, &const { at(next(TX_LOW)) }, &[]),
    register("RXL", 32, ReadWrite, &const { at(RX_LOW) }, &[]),
    register("RXH", 32, ReadWrite, &const { at(next(RX_LOW)) }, &[]),
    register(
        "CR",
        8,
        ReadWrite,
        &const { at(CR) },
        &[f("TE", 2, 1), f("RE", 3, 1), f("RST", 4, 1)],
    ),
    register(
        "POLL",
        8,
        WriteOnly,
        &const { at(POLL) },
        &[f("STOP", 0, 1), f("NPQ", 6, 1), f("HPQ", 7, 1)],
    ),
    register("IMR", 16, ReadWrite, &const { at(MASK) }, &[]),
    register(
        "ISR",
        16,
        WriteOneClear,
        &const { at(CAUSE) },
        &[f("ROK", 0, 1), f("TOK", 2, 1), f("LINK", 5, 1)],
    ),
    register(
        "VERSION",
        32,
        ReadWrite,
        &const { at(VERSION) },
        &[f("REST", 0, 26), f("HW", 26, 5), f("TOP", 31, 1)],
    ),
    register(
        "CONFIG",
        32,
        ReadWrite,
        &const { at(CONFIG) },
        &[
            f("ALL", 0, 1),
            f("MINE", 1, 1),
            f("GROUPS", 2, 1),
            f("EVERYONE", 3, 1),
        ],
    ),
    register(
        "UNLOCK",
        8,
        ReadWrite,
        &const { at(UNLOCK) },
        &[f("MODE", 6, 2)],
    ),
    register(
        "PHYAR",
        32,
        ReadWrite,
        &const { at(PHY) },
        &[f("DATA", 0, 16), f("REG", 16, 5), f("FLAG", 31, 1)],
    ),
    RegisterModel {
        only_on: &["new"],
        ..register("EXTRA", 16, ReadWrite, &const { at(NEW) }, &[])
    },
    register("WIDE", 64, ReadWrite, &const { at(WIDE) }, &[]),
];

const fn part(name: &'static str, low: u8, width: u8, by: Owner) -> DescriptorField {
    DescriptorField {
        name,
        low,
        width,
        by,
    }
}

const TX: DescriptorModel = DescriptorModel {
    name: "tx",
    size: 16,
    fields: &[
        part("LEN", 0, 16, Owner::Host),
        part("LS", 28, 1, Owner::Host),
        part("FS", 29, 1, Owner::Host),
        part("EOR", 30, 1, Owner::Host),
        part("OWN", 31, 1, Owner::Nic),
        part("ADDRESS", 64, 64, Owner::Host),
    ],
};

const RX: DescriptorModel = DescriptorModel {
    name: "rx",
    size: 16,
    fields: &[
        part("SIZE", 0, 14, Owner::Host),
        part("LEN", 0, 14, Owner::Nic),
        part("RES", 21, 1, Owner::Nic),
        part("LS", 28, 1, Owner::Nic),
        part("FS", 29, 1, Owner::Nic),
        part("EOR", 30, 1, Owner::Host),
        part("OWN", 31, 1, Owner::Nic),
        part("ADDRESS", 64, 64, Owner::Host),
    ],
};

const fn ring(
    names: [&'static str; 2],
    doorbell: DoorbellModel,
    enable: &'static [FieldName],
) -> RingModel {
    RingModel {
        base_low: names[0],
        base_high: names[1],
        bytes: "",
        head: "",
        tail: "",
        doorbell,
        enable,
    }
}

/// The toy.
pub static OWNER: Model = Model {
    name: "owner",
    variants: &[
        VariantModel {
            name: "old",
            title: "Old",
            pci: PciIdentity::of(PciId {
                vendor: 0x1234,
                device: 1,
            }),
            limits: LIMITS,
            qemu: None,
            fixed: &[],
        },
        VariantModel {
            name: "new",
            title: "New",
            pci: PciIdentity::of(PciId {
                vendor: 0x1234,
                device: 1,
            }),
            limits: LIMITS,
            qemu: None,
            fixed: &[(field("VERSION", "HW"), 0xf)],
        },
    ],
    size: 0x100,
    registers: REGISTERS,
    reset: &[field("CR", "RST"), field("POLL", "STOP")],
    self_clearing: &[
        field("CR", "RST"),
        field("POLL", "NPQ"),
        field("DUMPL", "START"),
    ],
    keeps: &["IDR"],
    comes_up: &[],
    set_by_reading: &[],
    follows: &[],
    tx: TxModel {
        ring: ring(
            ["TXL", "TXH"],
            DoorbellModel::Kick {
                register: "POLL",
                fields: &["NPQ"],
                lost_while_busy: &["new"],
            },
            &[field("CR", "TE")],
        ),
        reads: TX,
        meaning: &[("LEN", SlotValue::Length), ("ADDRESS", SlotValue::Address)],
        first: &["FS"],
        last: &["LS"],
        end_of_ring: &["EOR"],
        report: &[],
        completions: &[CompletionModel::OwnerBit {
            writes: TX,
            field: "OWN",
        }],
        failed: &[],
        pads_to: 60,
    },
    rx: RxModel {
        ring: ring(
            ["RXL", "RXH"],
            DoorbellModel::Unneeded,
            &[field("CR", "RE")],
        ),
        reads: RX,
        meaning: &[
            ("SIZE", SlotValue::Fixed(2048)),
            ("ADDRESS", SlotValue::Address),
        ],
        end_of_ring: &["EOR"],
        completion: CompletionModel::OwnerBit {
            writes: RX,
            field: "OWN",
        },
        length: "LEN",
        first: &["FS"],
        last: &["LS"],
        good_set: &[],
        length_of_frame: true,
        good_clear: &["RES"],
        crc_stripped_when: &[],
        vlan_stripped_when: &[],
        broadcast: field("CONFIG", "EVERYONE"),
        promiscuous: field("CONFIG", "ALL"),
        all_multicast: None,
        stations: Some(field("CONFIG", "MINE")),
        table: Some(field("CONFIG", "GROUPS")),
        longest: |_, _| 1522,
        tag: |_, _| 0,
        buffer_size: 2048,
        lossy: false,
    },
    rss: None,
    interrupts: InterruptModel {
        cause: "ISR",
        clears_on_read: false,
        mask_set: "IMR",
        mask_clear: "IMR",
        tx: &["TOK"],
        rx: &["ROK"],
        link: &["LINK"],
        messages: None,
    },
    link_up: |_, _| 1,
    link_down: &[],
    station: StationModel::Octets("IDR"),
    multicast: Some(MulticastModel {
        table: "MAR",
        hash: MulticastHash::Crc32 { low: 26, width: 6 },
        reversed_on: &["new"],
    }),
    eeprom: None,
    phy: Some(PhyModel {
        access: PhyAccess::Command {
            command: "PHYAR",
            register: "REG",
            data: "DATA",
            way: PhyCommand::Flag("FLAG"),
        },
        page: None,
        registers: &[(0, 0x1140), (1, 0x796d), (4, 0x01e1)],
    }),
    counts: &[
        CountModel {
            event: Event::TxFrames,
            at: CounterPlace::Block {
                offset: 0,
                bytes: 8,
            },
            when: None,
        },
        CountModel {
            event: Event::RxCrcErrors,
            at: CounterPlace::Block {
                offset: 8,
                bytes: 4,
            },
            when: None,
        },
        CountModel {
            event: Event::RxFrames,
            at: CounterPlace::Block {
                offset: 12,
                bytes: 2,
            },
            when: None,
        },
    ],
    block: Some(BlockModel {
        low: "DUMPL",
        high: "DUMPH",
        start: "START",
        bytes: 64,
    }),
    require: &[],
    modified: &[],
    late: &[],
    links: &[],
    refuse: &[],
    order: &[],
    locks: &[LockModel {
        unless: |fields, _| u64::from(fields.get("UNLOCK", 0, "MODE") == 3),
        registers: &["IDR"],
        section: "6",
    }],
};

/// Descriptors and a buffer for each.
pub struct Ring {
    memory: SimDma,
    buffers: SimDma,
    pub slots: u32,
}

/// A device of the variant of that name, which runs in single steps.
pub fn device(variant: &str) -> (Device, SimBus) {
    let device = Device::stepped(&OWNER, variant, MAC).unwrap();
    let bus = device.bus();
    (device, bus)
}

impl Ring {
    pub fn new(bus: &SimBus, slots: u32) -> Ring {
        Ring {
            memory: bus.dma_alloc(slots as usize * 16, 256, 64).unwrap(),
            buffers: bus.dma_alloc(slots as usize * 2048, 8, 64).unwrap(),
            slots,
        }
    }

    pub fn tx(bus: &SimBus, slots: u32) -> Ring {
        let ring = Ring::new(bus, slots);
        ring.place(bus, TX_LOW);
        ring
    }

    /// All descriptors are the device's.
    pub fn rx(bus: &SimBus, slots: u32) -> Ring {
        let ring = Ring::new(bus, slots);
        ring.place(bus, RX_LOW);
        (0..slots).for_each(|slot| ring.arm(slot));
        ring
    }

    fn place(&self, bus: &SimBus, low: RegOffset) {
        let base = self.memory.address();
        bus.write32(next(low), base.high());
        bus.write32(low, base.low());
    }

    fn end(&self, slot: u32) -> u64 {
        if slot + 1 == self.slots { EOR } else { 0 }
    }

    /// Writes a descriptor, the word with its owner last.
    pub fn put(&self, slot: u32, word: u64) {
        let at = slot as usize * 2;
        let buffer = self.buffers.address().0 + u64::from(slot) * 2048;
        self.memory.words()[at + 1].store(buffer, Relaxed);
        self.memory.words()[at].store(word | self.end(slot), std::sync::atomic::Ordering::Release);
    }

    /// Clears the end mark of a descriptor.
    pub fn unmark(&self, slot: u32) {
        self.memory.words()[slot as usize * 2].fetch_and(!EOR, Relaxed);
    }

    pub fn arm(&self, slot: u32) {
        self.put(slot, OWN | 2048);
    }

    pub fn word(&self, slot: u32) -> u64 {
        self.memory.words()[slot as usize * 2].load(Acquire)
    }

    pub fn is_nics(&self, slot: u32) -> bool {
        self.word(slot) & OWN != 0
    }

    /// Fills the buffer of a slot with a broadcast frame with a number.
    pub fn fill(&self, slot: u32, number: u8) {
        let at = slot as usize * 256;
        self.buffers.words()[at].store(u64::MAX, Relaxed);
        self.buffers.words()[at + 2].store(number.into(), Relaxed);
    }

    /// The number of the frame in a slot.
    pub fn number(&self, slot: u32) -> u8 {
        self.buffers.words()[slot as usize * 256 + 2].load(Relaxed) as u8
    }

    /// Hands over a frame in one descriptor.
    pub fn send(&self, slot: u32, number: u8) {
        self.fill(slot, number);
        self.put(slot, OWN | FIRST | LAST | 64);
    }
}

/// Enables both directions, with a filter that lets everything pass.
pub fn enable(bus: &SimBus) {
    bus.write8(CR, 3 << 2);
    bus.write32(CONFIG, 0xf);
}

pub fn kick(bus: &SimBus) {
    bus.publish();
    bus.write8(POLL, 1 << 6);
}
