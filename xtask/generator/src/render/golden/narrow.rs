//! The toy with registers of 8 and 16 bits, and with parts that only a register distinguishes.

/// Edits of the smallest spec of the language.
pub const NARROW: [(&str, &str); 20] = [
    ("  name: toy\n", "  name: narrow\n"),
    ("title: Toy NIC\n", "title: Narrow NIC\n"),
    // Parts with one id, distinguished by bits of a register that is read anyway.
    (
        "    pci: [\"1234:0001\"]\n  - name: B",
        "    pci: [\"1234:0002\"]\n    when: \"TCR.MAJOR == 1 and TCR.MINOR == 0\"\n  - name: B",
    ),
    (
        "    pci: [\"1234:0002\"]\n    constants: { settle: 20 }\n",
        "    pci: [\"1234:0002\"]\n    when: \"TCR.MAJOR == 14 and TCR.MINOR == 0\"\n    constants: { settle: 20 }\n    \
         limits: { tx_frame_max: 1000, rx_frame_max: 900 }\n  - name: C\n    title: Toy C\n    pci: [\"1234:0002\"]\n",
    ),
    (
        "section: \"2.1\" }\noptions",
        "section: \"2.1\" }\n  early: { value: 7, doc: \"units that start a frame\", section: \"4.12\" }\noptions",
    ),
    // 16 bits of causes that a write acknowledges, and one register for the mask.
    (
        "    offset: 0x008\n    access: rc\n",
        "    offset: 0x008\n    width: 16\n    access: w1c\n",
    ),
    ("acknowledge: read }", "acknowledge: write }"),
    (
        "  mask_set: MASK_SET\n  mask_clear: MASK_CLEAR\n",
        "  mask: MASK\n",
    ),
    (
        "    offset: 0x00c\n    access: w1s\n",
        "    offset: 0x00c\n    access: w1s\n  \
      MASK:\n    title: Interrupt Mask\n    section: \"4.10\"\n    offset: 0x00a\n    width: 16\n    access: rw\n    \
      fields:\n      TX: { bits: 0 }\n      RX: { bits: 1 }\n      LINK: { bits: 2 }\n",
    ),
    (
        "      - write: { MASK_SET: 0x7 }\n",
        "      - write: { MASK: { TX: 1, RX: 1, LINK: 1 } }\n",
    ),
    // The same bytes are a different register on another part, and several smaller registers of one word.
    (
        "    offset: 0x020\n    access: rw\n    only_on: [B]\n",
        "    offset: 0x020\n    access: rw\n    only_on: [B]\n  \
      PUMP:\n    title: Pump\n    section: \"4.11\"\n    offset: 0x021\n    width: 8\n    access: rw\n    \
      only_on: [A]\n    fields:\n      LEVEL: { bits: \"3:1\", values: { low: 1, high: 6 } }\n      ON: { bits: 0 }\n  \
      EARLY:\n    title: Early Transmit\n    section: \"4.12\"\n    offset: 0x024\n    width: 8\n    access: rw\n  \
      TIMER:\n    title: Timer\n    section: \"4.13\"\n    offset: 0x026\n    width: 16\n    access: rw\n    \
      fields:\n      COUNT: { bits: \"11:0\" }\n      UNIT: { bits: \"15:12\", values: { us: 0, ms: 3 } }\n  \
      PHYSTAT:\n    title: PHY Status\n    section: \"4.14\"\n    offset: 0x028\n    width: 8\n    access: ro\n    \
      fields:\n      UP: { bits: 0 }\n      SPEED: { bits: \"3:2\", values: { m10: 0, m100: 1 } }\n  \
      IDR:\n    title: MAC Address\n    section: \"4.15\"\n    offset: 0x030\n    width: 8\n    stride: 1\n    \
      count: 6\n    access: rw\n  \
      TCR:\n    title: Transmit Configuration\n    section: \"4.16\"\n    offset: 0x040\n    access: rw\n    \
      fields:\n      MAJOR: { bits: \"30:26\" }\n      GAP: { bits: \"25:24\" }\n      MINOR: { bits: \"23:20\" }\n",
    ),
    (
        "        then:\n          - write: { FAN: 9 }\n",
        "        then:\n          - write: { FAN: 9 }\n      - if: \"variant == A\"\n        then:\n          \
         - modify: { PUMP: { LEVEL: high, ON: loopback } }\n          - set: PUMP.LEVEL\n          \
         - poll: { until: \"PUMP.LEVEL == low and PUMP != 3\", every: 10us, within: 1ms }\n      \
         - let: { pump: EARLY }\n      - write: { EARLY: early }\n      - write: { EARLY: \"pump & 0x3f\" }\n      \
         - let: { timer: TIMER }\n      - write: { TIMER: { UNIT: ms, COUNT: \"timer.COUNT\" } }\n      \
         - modify: { TIMER: { COUNT: \"timer.COUNT + 1 & 0xfff\" } }\n      - clear: TIMER.UNIT\n      \
         - verify: \"timer.UNIT < EARLY and timer.COUNT <= 4000\"\n        otherwise: the timer is odd\n      \
         - set: TCR.GAP\n",
    ),
    // One octet per register.
    (
        "      - let: { low: SAL }\n      - let: { high: SAH }\n      - return: [\"low & 255\", \"low >> 8 & 255\", \"low >> 16 & 255\", \"low >> 24\", \"high & 255\", \"high >> 8 & 255\"]\n",
        "      - return: [\"IDR[0]\", \"IDR[1]\", \"IDR[2]\", \"IDR[3]\", \"IDR[4]\", \"IDR[5]\"]\n",
    ),
    (
        "      - write: { SAL: \"mac[0] |",
        "      - write_each: { IDR: \"mac[i]\" }\n      - write: { SAL: \"mac[0] |",
    ),
    // A table with reversed byte order.
    (
        "- write_each: { MTA: \"multicast[i]\" }",
        "- write_each: { MTA: \"swap32(multicast[1 - i])\" }",
    ),
    ("  up: \"STATUS.UP\"\n", "  up: \"PHYSTAT.UP\"\n"),
    (
        "    - { when: \"CTRL.SPEED == m10\", mbps: 10 }\n",
        "    - { when: \"PHYSTAT.SPEED == m10\", mbps: 10 }\n    - { when: \"PHYSTAT.SPEED == m100\", mbps: 100 }\n",
    ),
    (
        "    - { when: \"1\", mbps: 100 }\n",
        "    - { when: \"1\", mbps: 1000 }\n",
    ),
    (
        "  - { field: STATUS.UP, is: \"1\" }\n",
        "  - { field: PHYSTAT.UP, is: \"1\" }\n",
    ),
    (
        "    - { mbps: 100, full_duplex: false, shows: [{ field: CTRL.SPEED, is: 1 }, { field: STATUS.DUPLEX, is: 0 }] }\n",
        "    - { mbps: 100, full_duplex: false, shows: [{ field: PHYSTAT.SPEED, is: 1 }, { field: STATUS.DUPLEX, is: 0 }] }\n    \
         - { mbps: 1000, full_duplex: true, shows: [{ field: PHYSTAT.SPEED, is: 2 }, { field: STATUS.DUPLEX, is: 1 }] }\n",
    ),
];
