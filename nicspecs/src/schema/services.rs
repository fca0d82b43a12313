//! `interrupts`, `link`, `filters`, `rss`, `statistics` and `order`.

use super::scalar::{Bits, Expression, Later, Name, Section};
use crate::ir::{Acknowledge, Counts, InterruptMode};
use crate::words::words;

words! {
    /// The sequence after which the filter is written.
    pub(crate) enum FilterAfter { Init = "init", Start = "start" }
}

maps! {
    /// How the NIC interrupts.
    Interrupts {
        /// The section about it.
        section: Section,
        /// The interrupt modes of the NIC.
        modes: Vec<InterruptMode> {
            find: "a list out of intx, msi and msix: see 'PCI Configuration Space', capabilities, or the chapter 'Interrupts'"
        },
        /// The register with the causes of an interrupt.
        cause: Later<Cause>,
        /// The register that holds the mask, instead of `mask_set` and `mask_clear`.
        mask: Option<Name>,
        /// The register whose ones unmask causes.
        mask_set: Option<Name>,
        /// The register whose ones mask causes.
        mask_clear: Option<Name>,
        /// Fields of the cause register, by what they report.
        causes: Later<Causes>,
        /// Interrupt moderation.
        throttle: Option<Later<Throttle>>,
        /// How MSI-X vectors are assigned; present exactly if `modes` has `msix`.
        messages: Option<Later<Messages>>,
    }

    /// The register with the causes of an interrupt.
    Cause {
        /// The register.
        register: Name,
        /// How causes are acknowledged: a read clears them, or the value read is written back.
        acknowledge: Acknowledge {
            find: "`read` if reading the cause register clears it, `write` if ones have to be written: see the cause register's own section"
        },
    }

    /// Fields of the cause register, by what they report.
    Causes {
        /// Sent frames.
        tx: Vec<Name> { of: "cause.register", find: "the bits of the cause register for this, as a list: see the cause register's own section" },
        /// Received frames.
        rx: Vec<Name> { of: "cause.register", find: "the bits of the cause register for this, as a list: see the cause register's own section" },
        /// A change of the link.
        link: Vec<Name> { of: "cause.register", find: "the bits of the cause register for this, as a list: see the cause register's own section" },
    }

    /// Interrupt moderation.
    Throttle {
        /// The register with the interval.
        register: Name,
        /// The field with the interval, if it is not the whole register.
        field: Option<Name> { of: "register" },
        /// Nanoseconds of one step.
        unit_ns: u32 { min: 1, max: 1_000_000_000 },
    }

    /// How MSI-X vectors are assigned to queues.
    Messages {
        /// The section about it.
        section: Section,
        /// Vectors of the table, 2 to 64.
        count: u32 { min: 2, max: 64, find: "vectors of the table: see 'MSI-X' in 'PCI Configuration Space'" },
        /// The field that enables the map of vectors; if it is zero, the entries select bits of the cause, and all causes share one interrupt.
        when: Option<Name>,
        /// The entry of a receive queue: an expression with the vector in its lowest bits.
        rx: Later<Expression> {
            find: "an expression with the entry of receive queue `queue`, such as `\"VECTORS[queue]\"`: see 'Interrupt Vector Allocation'"
        },
        /// The entry of a transmit queue.
        tx: Later<Expression> {
            find: "an expression with the entry of transmit queue `queue`, such as `\"VECTORS[queue] >> 8\"`: see 'Interrupt Vector Allocation'"
        },
        /// The entry of all other causes.
        other: Later<Expression> {
            find: "an expression with the entry of the other causes, such as `\"VECTORS_MISC\"`: see 'Interrupt Vector Allocation'"
        },
        /// The bit that makes an entry valid; the vector is in the bits below it.
        valid: u32 { min: 1, max: 7, find: "the bit that makes an entry valid: see 'Interrupt Vector Allocation'" },
        /// The register with a bit for each pending vector.
        cause: Option<Name> { without: "that of `interrupts`" },
        /// Bits of `cause` for the queues and the other causes, if they do not depend on the vectors.
        causes: Option<Later<MessageCauses>>,
        /// The register whose ones unmask vectors; the next element of an array has the next 32.
        mask_set: Option<Name> { without: "that of `interrupts`" },
        /// The register whose ones mask vectors.
        mask_clear: Option<Name> { without: "that of `interrupts`" },
        /// The register with a bit for each vector: if the bit is one, the vector clears itself in `cause` when it is sent. If only the first vectors have such a bit, and all others always clear themselves, the field with these bits.
        auto_clear: Name,
        /// Whether a vector that clears itself also masks itself.
        masks: Option<bool> { default: "false" },
    }

    /// Bits of the cause register that do not depend on vectors.
    MessageCauses {
        /// Received frames.
        rx: Name,
        /// Sent frames.
        tx: Name,
        /// The other causes.
        other: Name,
    }

    /// How the state of the link is read.
    Link {
        /// The section about it.
        section: Section,
        /// Whether there is a device: an expression on fields that cannot all be ones. Every register of a removed device reads all ones.
        present: Later<Expression> {
            find: "an expression on bits that always read zero, or that are never all set, such as `\"STATUS.ZERO == 0\"`: see the status register's own section"
        },
        /// Whether there is a link.
        up: Later<Expression> {
            find: "an expression that is true while there is a link, such as `\"STATUS.LU\"`: see the status register's own section"
        },
        /// The speeds: the first entry whose condition holds applies; the condition of the last entry always holds.
        speeds: Later<Vec<Speed>> {
            find: "a list such as `[{ when: \"STATUS.SPEED == m100\", mbps: 100 }, { when: \"1\", mbps: 1000 }]`: see the status register's own section"
        },
        /// Whether the link has full duplex.
        full_duplex: Later<Expression> {
            find: "an expression that is true with full duplex; `\"1\"` if there is nothing else: see the status register's own section"
        },
    }

    /// A speed of the link.
    Speed {
        /// The condition on registers.
        when: Later<Expression>,
        /// Mbit/s.
        mbps: u32 { max: 1_000_000 },
    }

    /// Which frames are received.
    Filters {
        /// The section about it.
        section: Section,
        /// The sequence after which the filter is written; `start` if its registers are writable only on a started device.
        after: Option<FilterAfter> { default: "init" },
        /// The table of multicast addresses; without it, a port receives either no multicast frame or all of them.
        multicast: Option<Later<Multicast>>,
    }

    /// The table of multicast addresses. The hash selects bit `hash & 31` of element `hash >> 5`.
    Multicast {
        /// The register array.
        table: Name,
        /// How the hash of an address is computed.
        hash: Later<Hash> {
            find: "which bits of an address pick a bit of the table: see 'Multicast Table' or 'Hash Filter'"
        },
        /// Variants that reverse the octets of the whole table.
        reversed_on: Option<Vec<Name>>,
    }

    /// How the hash of an address is computed, in one of two ways.
    Hash {
        /// Bits of the address; bit 0 is the lowest of the first octet on the wire, bit 47 the highest of the last.
        address_bits: Option<Bits>,
        /// Bits of the CRC of the address.
        crc32: Option<Bits>,
    }

    /// How received frames are spread over queues: a hash of addresses and ports selects an entry of a table, which contains a queue.
    Rss {
        /// The section about it.
        section: Section,
        /// Most queues that the table can select.
        queues: u32 { min: 1, max: 1024 },
        /// The registers with the 40 octets of the key; octet 4n is the lowest byte of element n.
        key: Name,
        /// The table.
        table: Later<RssTable>,
        /// Whether it is enabled.
        enabled_when: Later<Expression>,
        /// Fields that enable the hash, by the kind of frames.
        types: Later<RssTypes>,
    }

    /// The table of queues.
    RssTable {
        /// The register array; the first entry of an element is in its lowest bits.
        register: Name,
        /// Entries: a power of two, 128 at most.
        entries: u32 { min: 1, max: 128 },
        /// Bits from one entry to the next.
        bits: u32 { min: 1, max: 32 },
        /// The lowest bit of the queue number in an entry.
        queue_at: Option<u32> { max: 31, default: "0" },
    }

    /// Fields that enable the hash.
    RssTypes {
        /// IPv4 addresses.
        ipv4: Option<Name>,
        /// IPv4 addresses and TCP ports.
        tcp_ipv4: Option<Name>,
        /// IPv4 addresses and UDP ports.
        udp_ipv4: Option<Name>,
        /// IPv6 addresses.
        ipv6: Option<Name>,
        /// IPv6 addresses and TCP ports.
        tcp_ipv6: Option<Name>,
        /// IPv6 addresses and UDP ports.
        udp_ipv6: Option<Name>,
    }

    /// A counter: in one register, in two registers (the lower one is read first), or in a block of memory.
    Counter {
        /// The register, instead of `low` and `high`; the elements of an array are summed.
        register: Option<Name> { find: "the register of this counter: see 'Statistics Registers'" },
        /// The register with the lower half.
        low: Option<Name> { find: "the register with the lower half of this counter: see 'Statistics Registers'" },
        /// The register with the upper half.
        high: Option<Name> { find: "the register with the upper half of this counter: see 'Statistics Registers'" },
        /// Another register that counts instead of `register` while a field is set. The counter is the sum of both.
        also: Option<Later<Also>>,
        /// Its offset in the block that the NIC writes to memory, instead of registers.
        block: Option<u32> { max: 4095, find: "where in the block this counter begins, in bytes: see 'Statistics' or 'Tally Counters'" },
        /// Its bytes in the block, lowest first.
        bytes: Option<u32> { min: 1, max: 8, find: "bytes of this counter in the block: see 'Statistics' or 'Tally Counters'" },
        /// The count of the device model with which tests compare the counter. Bytes include the CRC, `rx_missed` counts frames without a free descriptor, and `rx_frames` excludes frames with errors. Programs report what `rx_missed`, `rx_crc_errors`, `rx_length_errors` and `rx_overruns` count as lost frames.
        counts: Option<Counts>,
        /// What it counts, in one sentence; required for a counter in a block.
        doc: Option<String> { prose, quoted },
    }

    /// A register that counts instead of another one while a field is set.
    Also {
        /// The register; the elements of an array are summed.
        register: Name { find: "the register that counts the same events in another mode: see 'Statistics Registers'" },
        /// The field, which is one while this register counts.
        when: Name { find: "the field that selects which of the two registers counts" },
    }

    /// An order rule: a sequence does everything in `first` before `then`, and does not undo it later.
    Order {
        /// Registers that are written first, or fields that are set first.
        first: Vec<Name>,
        /// The register or field that comes after them.
        then: Name,
        /// The section that states it.
        section: Section,
    }
}
