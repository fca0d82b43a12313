//! The tables of a toy NIC, and a minimal driver for it.

// Every test file uses its own part of this.
#![allow(dead_code)]

pub mod driver;
pub mod owner;
pub mod registers;

use netmap_core::model::*;
use netmap_core::{
    FrameLimits, MulticastHash, NicLimits, PciId, PciIdentity, Restart, RingLimits, RssLimits,
};

const fn field(register: &'static str, field: &'static str) -> FieldName {
    FieldName {
        register,
        element: Element::Fixed(0),
        field,
    }
}

const fn of_queue(register: &'static str, field: &'static str) -> FieldName {
    FieldName {
        register,
        element: Element::Queue,
        field,
    }
}

const fn part(name: &'static str, low: u8, width: u8, by: Owner) -> DescriptorField {
    DescriptorField {
        name,
        low,
        width,
        by,
    }
}

/// Queues of each direction; their registers are in two pieces.
pub const QUEUES: u32 = 3;

const fn ring(names: [&'static str; 5], enable: &'static [FieldName]) -> RingModel {
    let [base_low, base_high, bytes, head, tail] = names;
    RingModel {
        base_low,
        base_high,
        bytes,
        head,
        tail,
        doorbell: DoorbellModel::Tail,
        enable,
    }
}

const RING: RingLimits = RingLimits {
    queues: QUEUES,
    min: 4,
    max: 1024,
    multiple: 4,
    align: 128,
    address_bits: 64,
    restart: Restart::Queue,
};

/// The toy.
pub static TOY: Model = Model {
    name: "toy",
    variants: &[VariantModel {
        name: "toy",
        title: "Toy",
        pci: PciIdentity::of(PciId {
            vendor: 0x1234,
            device: 0x5678,
        }),
        limits: NicLimits {
            tx: RING,
            rx: RING,
            frames: FrameLimits {
                shortest: 17,
                sent: 9000,
                received: 16380,
                slots: 3,
            },
            rss: Some(RssLimits {
                queues: 2,
                entries: 128,
            }),
            messages: 3,
        },
        qemu: None,
        fixed: &[],
    }],
    size: 0x1_0000,
    registers: registers::ALL,
    reset: &[field("CTRL", "RST")],
    self_clearing: &[field("CTRL", "RST"), field("CTRL", "KICK")],
    keeps: &["KEPT"],
    comes_up: &[],
    set_by_reading: &[],
    follows: &[
        Follow {
            field: field("STATUS", "LU"),
            is: |fields, _| fields.get("CTRL", 0, "SLU"),
        },
        Follow {
            field: of_queue("TXDCTL", "BUSY"),
            is: |fields, queue| {
                u64::from(fields.get("TDH", queue, "") != fields.get("TDT", queue, ""))
            },
        },
    ],
    tx: TxModel {
        ring: ring(
            ["TDBAL", "TDBAH", "TDLEN", "TDH", "TDT"],
            &[field("TCTL", "EN"), of_queue("TXDCTL", "ENABLE")],
        ),
        reads: DescriptorModel {
            name: "tx_data",
            size: 16,
            fields: &[
                part("ADDRESS", 0, 64, Owner::Host),
                part("LENGTH", 64, 16, Owner::Host),
                part("EOP", 88, 1, Owner::Host),
                part("SOP", 89, 1, Owner::Host),
                part("RS", 91, 1, Owner::Host),
                part("TYPE", 100, 4, Owner::Host),
                part("TOTAL", 112, 16, Owner::Host),
            ],
        },
        meaning: &[
            ("ADDRESS", SlotValue::Address),
            ("LENGTH", SlotValue::Length),
            ("TYPE", SlotValue::Fixed(3)),
            ("TOTAL", SlotValue::FrameLength),
        ],
        first: &["SOP"],
        last: &["EOP"],
        end_of_ring: &[],
        report: &["RS"],
        completions: &[
            CompletionModel::DoneBit {
                writes: DescriptorModel {
                    name: "tx_done",
                    size: 16,
                    fields: &[part("DD", 96, 1, Owner::Nic)],
                },
                field: "DD",
            },
            CompletionModel::HeadRegister,
            CompletionModel::HeadWriteback {
                low: "TDWBAL",
                high: "TDWBAH",
                enable: "WB",
            },
        ],
        failed: &[],
        pads_to: 60,
    },
    rx: RxModel {
        ring: ring(
            ["RDBAL", "RDBAH", "RDLEN", "RDH", "RDT"],
            &[field("RCTL", "EN"), of_queue("RXDCTL", "ENABLE")],
        ),
        reads: DescriptorModel {
            name: "rx_buffer",
            size: 16,
            fields: &[
                part("ADDRESS", 0, 64, Owner::Host),
                part("HEADER", 64, 64, Owner::Host),
            ],
        },
        meaning: &[("ADDRESS", SlotValue::Address)],
        end_of_ring: &[],
        completion: CompletionModel::DoneBit {
            writes: DescriptorModel {
                name: "rx_done",
                size: 16,
                fields: &[
                    part("HASH", 0, 64, Owner::Nic),
                    part("DD", 64, 1, Owner::Nic),
                    part("EOP", 65, 1, Owner::Nic),
                    part("SOP", 67, 1, Owner::Nic),
                    part("ERROR", 66, 1, Owner::Nic),
                    part("LENGTH", 96, 16, Owner::Nic),
                ],
            },
            field: "DD",
        },
        length: "LENGTH",
        first: &["SOP"],
        last: &["EOP"],
        good_set: &[],
        length_of_frame: false,
        good_clear: &["ERROR"],
        crc_stripped_when: &[field("RCTL", "SECRC"), field("RXPIPE", "STRIP")],
        vlan_stripped_when: &[field("CTRL", "VME"), field("RXPIPE", "UNTAG")],
        broadcast: field("RCTL", "BAM"),
        promiscuous: field("RCTL", "UPE"),
        all_multicast: Some(field("RCTL", "MPE")),
        stations: None,
        table: None,
        longest: |fields, _| match fields.get("RCTL", 0, "LPE") {
            0 => 1518,
            _ => 9018,
        },
        tag: |fields, _| match fields.get("RCTL", 0, "LPE") {
            0 => 4,
            _ => 0,
        },
        buffer_size: 2048,
        lossy: false,
    },
    rss: Some(RssModel {
        key: "RSSRK",
        table: "RETA",
        bits: 8,
        queue_at: 7,
        enabled_when: |fields, _| u64::from(fields.get("MRQC", 0, "MODE") == 1),
        types: &[
            (HashType::Ipv4, field("MRQC", "IPV4")),
            (HashType::TcpIpv4, field("MRQC", "TCP")),
        ],
    }),
    interrupts: InterruptModel {
        cause: "ICR",
        clears_on_read: true,
        mask_set: "IMS",
        mask_clear: "IMC",
        tx: &["TXQ"],
        rx: &["RXQ", "RXO"],
        link: &["LSC"],
        messages: None,
    },
    link_up: |fields, _| fields.get("STATUS", 0, "LU"),
    link_down: &[(field("STATUS", "LU"), 0)],
    station: StationModel::Halves {
        low: "RAL",
        high: "RAH",
        valid: "AV",
    },
    multicast: Some(MulticastModel {
        table: "MTA",
        hash: MulticastHash::AddressBits { low: 36, width: 12 },
        reversed_on: &[],
    }),
    eeprom: Some(EepromModel {
        command: "EERD",
        start: "START",
        done: "DONE",
        address: "ADDR",
        data: "DATA",
        words: &[(0x0a, 0x4408)],
    }),
    phy: Some(PhyModel {
        access: PhyAccess::Command {
            command: "MDIC",
            register: "REGADD",
            data: "DATA",
            way: PhyCommand::Operation {
                op: "OP",
                ready: "R",
            },
        },
        page: None,
        registers: &[(0, 0x1140), (1, 0x796d), (4, 0x01e1)],
    }),
    counts: &[
        count(Event::RxFrames, "GPRC", ""),
        count(Event::RxBytes, "GORCL", "GORCH"),
        count(Event::TxFrames, "GPTC", ""),
        count(Event::RxMissed, "MPC", ""),
        count(Event::RxCrcErrors, "CRCERRS", ""),
        count(Event::RxLengthErrors, "RLEC", ""),
        count(Event::RxOverruns, "RXOVR", ""),
    ],
    block: None,
    require: &[
        Requirement {
            field: of_queue("TXDCTL", "WTHRESH"),
            is: 0,
            at: Moment::Ring,
            only_on: &[],
            section: "3.1",
        },
        Requirement {
            field: field("RXPIPE", "MODE"),
            is: 1,
            at: Moment::Ring,
            only_on: &[],
            section: "3.2",
        },
    ],
    modified: &[],
    late: &[],
    links: &[],
    refuse: &[],
    order: &[
        OrderModel {
            first: &[
                ("TDBAL", ""),
                ("TDBAH", ""),
                ("TDLEN", ""),
                ("TDH", ""),
                ("TDT", ""),
            ],
            then: ("TXDCTL", "ENABLE"),
            section: "4.1",
        },
        OrderModel {
            first: &[("RXDCTL", "ENABLE")],
            then: ("RDT", ""),
            section: "4.2",
        },
        OrderModel {
            first: &[("MTA", "")],
            then: ("RCTL", "EN"),
            section: "4.3",
        },
    ],
    locks: &[LockModel {
        unless: |fields, _| u64::from(fields.get("KEPT", 0, "") == 0x5a),
        registers: &["GUARDED"],
        section: "5.1",
    }],
};

const fn count(event: Event, low: &'static str, high: &'static str) -> CountModel {
    CountModel {
        event,
        at: CounterPlace::Registers { low, high },
        when: None,
    }
}
