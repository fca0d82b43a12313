//! The toy's registers.

use netmap_core::model::{Access, FieldModel, RegisterModel};
use netmap_core::register::{Piece, RegOffset};

use Access::*;

const fn f(name: &'static str, low: u8, width: u8) -> FieldModel {
    FieldModel {
        name,
        low,
        width,
        values: &[],
        doc: "",
    }
}

const fn at(offset: u32) -> [Piece; 1] {
    array(1, offset, 4)
}

const fn array(count: u32, offset: u32, stride: u32) -> [Piece; 1] {
    [Piece {
        first: 0,
        count,
        offset: RegOffset(offset),
        stride,
    }]
}

/// Queues 0 and 1 in one place, queue 2 in another.
const fn by_queue(offset: u32) -> [Piece; 2] {
    [
        Piece {
            first: 0,
            count: 2,
            offset: RegOffset(offset),
            stride: 0x40,
        },
        Piece {
            first: 2,
            count: 1,
            offset: RegOffset(offset + 0x8000),
            stride: 0x40,
        },
    ]
}

const fn register(
    name: &'static str,
    access: Access,
    reset: u64,
    pieces: &'static [Piece],
    fields: &'static [FieldModel],
) -> RegisterModel {
    RegisterModel {
        name,
        title: name,
        section: "2",
        only_on: &[],
        width: 32,
        access,
        reset,
        must_write: false,
        pieces,
        fields,
    }
}

const fn must_write(register: RegisterModel) -> RegisterModel {
    RegisterModel {
        must_write: true,
        ..register
    }
}

/// All of them.
pub static ALL: &[RegisterModel] = &[
    register(
        "CTRL",
        ReadWrite,
        0x9,
        &const { at(0x00) },
        &[
            f("SLU", 6, 1),
            f("KICK", 7, 1),
            f("RST", 26, 1),
            f("VME", 30, 1),
        ],
    ),
    register("STATUS", ReadOnly, 0, &const { at(0x08) }, &[f("LU", 1, 1)]),
    register(
        "EERD",
        ReadWrite,
        0,
        &const { at(0x14) },
        &[
            f("START", 0, 1),
            f("DONE", 4, 1),
            f("ADDR", 8, 8),
            f("DATA", 16, 16),
        ],
    ),
    register(
        "MDIC",
        ReadWrite,
        0,
        &const { at(0x20) },
        &[
            f("DATA", 0, 16),
            f("REGADD", 16, 5),
            f("OP", 26, 2),
            f("R", 28, 1),
        ],
    ),
    register("GUARDED", ReadWrite, 0, &const { at(0x34) }, &[]),
    register("KEPT", ReadWrite, 0x30, &const { at(0x30) }, &[]),
    register(
        "ICR",
        ReadClear,
        0,
        &const { at(0xc0) },
        &[
            f("LSC", 2, 1),
            f("RXO", 6, 1),
            f("RXQ", 8, 2),
            f("TXQ", 16, 8),
        ],
    ),
    register("IMS", WriteOneSet, 0, &const { at(0xd0) }, &[]),
    register("IMC", WriteOnly, 0, &const { at(0xd8) }, &[]),
    register(
        "RCTL",
        ReadWrite,
        0,
        &const { at(0x100) },
        &[
            f("EN", 1, 1),
            f("UPE", 3, 1),
            f("MPE", 4, 1),
            f("LPE", 5, 1),
            f("BAM", 15, 1),
            f("SECRC", 26, 1),
        ],
    ),
    register(
        "RXPIPE",
        ReadWrite,
        0,
        &const { at(0x108) },
        &[f("STRIP", 0, 1), f("UNTAG", 1, 1), f("MODE", 4, 2)],
    ),
    register(
        "MRQC",
        ReadWrite,
        0,
        &const { at(0x10c) },
        &[f("MODE", 0, 3), f("TCP", 16, 1), f("IPV4", 17, 1)],
    ),
    register("RETA", ReadWrite, 0, &const { array(32, 0x5c00, 4) }, &[]),
    register("RSSRK", ReadWrite, 0, &const { array(10, 0x5d00, 4) }, &[]),
    register("TCTL", ReadWrite, 0, &const { at(0x400) }, &[f("EN", 1, 1)]),
    must_write(register("TIPG", ReadWrite, 0, &const { at(0x410) }, &[])),
    register("RDBAL", ReadWrite, 0, &const { by_queue(0x1000) }, &[]),
    register("RDBAH", ReadWrite, 0, &const { by_queue(0x1004) }, &[]),
    register("RDLEN", ReadWrite, 0, &const { by_queue(0x1008) }, &[]),
    register("RDH", ReadWrite, 0, &const { by_queue(0x1010) }, &[]),
    register("RDT", ReadWrite, 0, &const { by_queue(0x1018) }, &[]),
    register(
        "RXDCTL",
        ReadWrite,
        0,
        &const { by_queue(0x1028) },
        &[f("ENABLE", 25, 1)],
    ),
    register("TDBAL", ReadWrite, 0, &const { by_queue(0x3000) }, &[]),
    register("TDBAH", ReadWrite, 0, &const { by_queue(0x3004) }, &[]),
    register("TDLEN", ReadWrite, 0, &const { by_queue(0x3008) }, &[]),
    register("TDH", ReadWrite, 0, &const { by_queue(0x3010) }, &[]),
    register("TDT", ReadWrite, 0, &const { by_queue(0x3018) }, &[]),
    register(
        "TXDCTL",
        ReadWrite,
        0,
        &const { by_queue(0x3028) },
        &[f("WTHRESH", 16, 6), f("ENABLE", 25, 1), f("BUSY", 31, 1)],
    ),
    register(
        "TDWBAL",
        ReadWrite,
        0,
        &const { by_queue(0x3030) },
        &[f("WB", 0, 1), f("ADDRESS", 2, 30)],
    ),
    register("TDWBAH", ReadWrite, 0, &const { by_queue(0x3034) }, &[]),
    register("CRCERRS", ReadClear, 0, &const { at(0x4000) }, &[]),
    register("RXOVR", ReadClear, 0, &const { at(0x4004) }, &[]),
    register("RLEC", ReadClear, 0, &const { at(0x4008) }, &[]),
    register("MPC", ReadClear, 0, &const { at(0x4010) }, &[]),
    register("GPRC", ReadClear, 0, &const { at(0x4074) }, &[]),
    register("GPTC", ReadClear, 0, &const { at(0x4080) }, &[]),
    register("GORCL", ReadClear, 0, &const { at(0x4088) }, &[]),
    register("GORCH", ReadClear, 0, &const { at(0x408c) }, &[]),
    must_write(register(
        "MTA",
        ReadWrite,
        0,
        &const { array(128, 0x5200, 4) },
        &[],
    )),
    register("RAL", ReadWrite, 0, &const { array(4, 0x5400, 8) }, &[]),
    register(
        "RAH",
        ReadWrite,
        0,
        &const { array(4, 0x5404, 8) },
        &[f("AV", 31, 1)],
    ),
];
