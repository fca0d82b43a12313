//! The toy with owner bits in both directions: control word first, a different layout for the write-back, the length of
//! the whole frame in its last descriptor, a kick instead of a doorbell.

/// Edits of the smallest spec of the language.
pub const OWNED: [(&str, &str); 11] = [
    ("  name: toy\n", "  name: owned\n"),
    ("title: Toy NIC\n", "title: Owned NIC\n"),
    (
        "\x20 tx:\n\
         \x20   title: Transmit descriptor\n\
         \x20   section: \"9.1\"\n\
         \x20   size: 16\n\
         \x20   fields:\n\
         \x20     ADDRESS: { bits: \"63:0\", by: host }\n\
         \x20     LENGTH: { bits: \"79:64\", by: host }\n\
         \x20     LAST: { bits: 80, by: host }\n\
         \x20     CRC: { bits: 81, by: host }\n\
         \x20     REPORT: { bits: 82, by: host }\n\
         \x20     FIRST: { bits: 83, by: host }\n\
         \x20     DONE: { bits: 96, by: nic }\n\
         \x20     BYTES: { bits: \"127:112\", by: host }\n\
         \x20   reserved: [\"95:84\", \"111:97\"]\n\
         \x20 rx:\n\
         \x20   title: Receive descriptor\n\
         \x20   section: \"9.2\"\n\
         \x20   size: 16\n\
         \x20   fields:\n\
         \x20     ADDRESS: { bits: \"63:0\", by: host }\n\
         \x20     LENGTH: { bits: \"79:64\", by: nic }\n\
         \x20     OWN: { bits: 96, by: both }\n\
         \x20     LAST: { bits: 97, by: nic }\n\
         \x20     ERROR: { bits: 98, by: nic }\n\
         \x20     FIRST: { bits: 99, by: nic }\n\
         \x20     END: { bits: 100, by: host }\n\
         \x20     SIZE: { bits: \"127:112\", by: host }\n\
         \x20   reserved: [\"95:80\", \"111:101\"]\n",
        "",
    ),
    (
        "descriptors:\n",
        "descriptors:\n  tx_command:\n    title: Transmit command\n    section: \"9.3\"\n    size: 16\n    fields:\n      \
         LENGTH: { bits: \"15:0\", by: host }\n      LS: { bits: 28, by: host }\n      FS: { bits: 29, by: host }\n      \
         EOR: { bits: 30, by: host }\n      OWN: { bits: 31, by: both }\n      ADDRESS: { bits: \"127:64\", by: host }\n    \
         reserved: [\"27:16\", \"63:32\"]\n  \
         rx_command:\n    title: Receive command\n    section: \"9.4\"\n    size: 16\n    fields:\n      \
         SIZE: { bits: \"13:0\", by: host }\n      EOR: { bits: 30, by: host }\n      OWN: { bits: 31, by: both }\n      \
         ADDRESS: { bits: \"127:64\", by: host }\n    reserved: [\"29:14\", \"63:32\"]\n  \
         rx_status:\n    title: Receive status\n    section: \"9.5\"\n    size: 16\n    fields:\n      \
         LENGTH: { bits: \"13:0\", by: nic }\n      RES: { bits: 21, by: nic }\n      LS: { bits: 28, by: nic }\n      \
         FS: { bits: 29, by: nic }\n      EOR: { bits: 30, by: host }\n      OWN: { bits: 31, by: both }\n      \
         ADDRESS: { bits: \"127:64\", by: host }\n    reserved: [\"20:14\", \"27:22\", \"63:32\"]\n",
    ),
    (
        "bytes: TDLEN, head: TDH, tail: TDT }\n  doorbell: { kind: index, register: TDT }\n  completion:\n    \
         - { scheme: done_bit, format: tx, field: DONE }\n    - { scheme: head_register }\n    \
         - { scheme: head_writeback, low: TDWBAL, high: TDWBAH, enable: ENABLE }\n",
        "bytes: TDLEN }\n  doorbell: { kind: kick, register: BELL, set: [RX] }\n  completion:\n    \
         - { scheme: owner_bit, format: tx_command, field: OWN }\n",
    ),
    (
        "    format: tx\n    set: { ADDRESS: slot.address, LENGTH: slot.length, CRC: 1, BYTES: frame.length }\n    \
         first: [FIRST]\n    last: [LAST]\n    report: [REPORT]\n",
        "    format: tx_command\n    set: { ADDRESS: slot.address, LENGTH: slot.length }\n    \
         first: [FS]\n    last: [LS]\n    end_of_ring: [EOR]\n",
    ),
    (
        "  doorbell: { kind: kick, register: BELL, set: [RX], again: true }\n",
        "  doorbell: { kind: none }\n",
    ),
    (
        "format: rx, field: OWN }\n  arm:\n    format: rx\n",
        "format: rx_status, field: OWN }\n  arm:\n    format: rx_command\n",
    ),
    ("    end_of_ring: [END]\n", "    end_of_ring: [EOR]\n"),
    (
        "  length: LENGTH\n  first: [FIRST]\n  last: [LAST]\n  good: { set: [], clear: [ERROR] }\n",
        "  length: LENGTH\n  length_of: frame\n  first: [FS]\n  last: [LS]\n  good: { set: [], clear: [RES] }\n",
    ),
    (
        "      - if: \"completion == head_writeback\"\n",
        "      - if: \"completion == owner_bit\"\n",
    ),
];
