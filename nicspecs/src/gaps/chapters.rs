//! Where a datasheet has what a key takes.
//!
//! Datasheets of NICs resemble each other: a title page, a chapter about the PCI configuration space, one about each
//! direction, one about initialization, and one with the registers. The sentences below name the kind of chapter.

/// Keys, and what to look up for them. `*` is any one key or place in a list; the first line that fits counts.
const CHAPTERS: &[(&str, &str)] = &[
    (
        "nic.title",
        "name the controller as the title page of its datasheet does",
    ),
    (
        "nic.datasheet",
        "copy title, document number and revision from the title page: every `section` is one of this document",
    ),
    (
        "variants.*.name",
        "the part's own number, in letters, digits and underscores: see 'Ordering Information' or 'Product Overview'",
    ),
    (
        "variants.*.title",
        "maker and number of the part, as people say it: see the title page or 'Product Overview'",
    ),
    (
        "variants.*.pci",
        "list vendor and device ids: see 'PCI Configuration Space' or 'Device IDs', or ask `lspci -nn`",
    ),
    (
        "variants.*.pci.*",
        "vendor and device id, such as `\"8086:100e\"`: see 'PCI Configuration Space' or 'Device IDs', or ask `lspci -nn`",
    ),
    (
        "spaces.*.bar",
        "which base address register maps the registers into memory: see 'PCI Configuration Space', table of base address registers",
    ),
    (
        "spaces.*.size",
        "bytes that the base address register maps: see 'PCI Configuration Space', table of base address registers",
    ),
    (
        "registers.*.title",
        "the register's full name: see the register table, usually in the chapter 'Register Descriptions'",
    ),
    (
        "registers.*.section",
        "the number, in quotes, of the section about this register: see the chapter 'Register Descriptions'",
    ),
    (
        "registers.*.offset",
        "look it up in the register table, usually the first pages of the chapter 'Register Descriptions'; write it in hexadecimal",
    ),
    (
        "registers.*.access",
        "one of rw, ro, wo, rc, w1c, w1s: see the column 'Attribute' or 'Access' of the register's own table in 'Register Descriptions'",
    ),
    (
        "registers.*.reset",
        "the value after a reset: see 'Initial Value' or 'Default' in the register's own table",
    ),
    (
        "registers.*.stride",
        "bytes from one element to the next: see the offsets in the register table, often as a formula with n",
    ),
    (
        "registers.*.count",
        "number of elements: see the range of n in the register table",
    ),
    (
        "registers.*.fields",
        "the bits that the sequences and facts use, as `{ NAME: { bits: 3 }, ... }`: see the register's own table in 'Register Descriptions'",
    ),
    (
        "registers.*.fields.*.bits",
        "one bit or `\"high:low\"`: see the column 'Bit(s)' of the register's own table",
    ),
    (
        "descriptors.*.title",
        "the format's name: see 'Descriptor Format' in the chapter about this direction",
    ),
    (
        "descriptors.*.section",
        "the number, in quotes, of the section with the descriptor's layout: see 'Descriptor Format' in the chapter about this direction",
    ),
    (
        "descriptors.*.size",
        "bytes of one descriptor: see 'Descriptor Format'; 8, 16 and 32 are usual",
    ),
    (
        "descriptors.*.fields",
        "every field as `NAME: { bits: \"63:0\", by: host }`, counted over the whole descriptor: see the figure in 'Descriptor Format'",
    ),
    (
        "descriptors.*.reserved",
        "the bits that no field covers, as a list such as `[\"95:84\"]`; `[]` if there are none: see the figure in 'Descriptor Format'",
    ),
    (
        "*.section",
        "the number, in quotes, of the section that describes this part: see the table of contents",
    ),
    (
        "*.queues",
        "how many queues this direction has: see 'Features' or the chapter about queues; 1 is always a good start",
    ),
    (
        "*.restart",
        "`queue` if one ring can be disabled and enabled by itself, `device` if only a reset helps: see 'Queue Disable' or the description of the enable bits",
    ),
    (
        "*.ring",
        "shortest and longest ring and its alignment: see the register with the ring's length, and 'Descriptor Ring'",
    ),
    (
        "*.ring.min",
        "fewest descriptors of a ring: the smallest value of the register with the ring's length, by the size of a descriptor",
    ),
    (
        "*.ring.max",
        "most descriptors of a ring: the largest value of the register with the ring's length, by the size of a descriptor",
    ),
    (
        "*.ring.multiple",
        "a ring has a multiple of so many descriptors: see the granularity of the register with the ring's length",
    ),
    (
        "*.ring.align",
        "bytes that the ring's address is a multiple of: see the register with the ring's base address",
    ),
    (
        "*.ring.address_bits",
        "bits of a DMA address: 64, or fewer if the registers with the base address or the descriptors have fewer",
    ),
    (
        "*.registers",
        "the registers with base address, length, head and tail of the ring, by name: see 'Descriptor Ring'",
    ),
    (
        "*.doorbell",
        "what tells the NIC of new descriptors, such as `{ register: TDT, kind: index }`: see 'Descriptor Ring' or 'Tail Pointer'",
    ),
    (
        "tx.frame.min",
        "shortest frame that may be handed over, without CRC: see 'Transmit Data' or 'Packet Size'",
    ),
    (
        "tx.frame.max",
        "longest frame that can be sent, without CRC: see 'Jumbo Frames' or 'Packet Size'",
    ),
    (
        "tx.frame.pads_to",
        "length to which the NIC pads short frames, without CRC; 0 if it does not: see 'Padding', or the field that turns it on",
    ),
    (
        "tx.frame.descriptors",
        "most descriptors that one frame may take: see 'Transmit Descriptors'; 1 is always right and allows no longer ones than a buffer",
    ),
    (
        "tx.completion",
        "a list of the ways to learn what was sent, such as `[{ scheme: done_bit, format: tx, field: DD }]`: see 'Transmit Descriptor Write Back'",
    ),
    (
        "rx.completion",
        "how a received frame is announced, such as `{ scheme: done_bit, format: rx, field: DD }`: see 'Receive Descriptor Write Back'",
    ),
    (
        "tx.encode.set",
        "what the driver writes to every descriptor, such as `{ ADDRESS: slot.address, LENGTH: slot.length }`: see the descriptor's fields in 'Descriptor Format'",
    ),
    (
        "rx.arm.set",
        "what the driver writes to hand over a buffer, such as `{ ADDRESS: slot.address }`: see the descriptor's fields in 'Descriptor Format'",
    ),
    (
        "rx.arm.end_of_ring",
        "the bit of the last descriptor of the ring: see 'Descriptor Format'",
    ),
    (
        "tx.encode.last",
        "the bit that marks the last descriptor of a frame, as a list: see 'Descriptor Format'",
    ),
    (
        "tx.encode.report",
        "the bit that asks for a report of completion, as a list: see 'Descriptor Format', and leave the key out if every descriptor is reported",
    ),
    (
        "rx.frame_max",
        "longest frame that can be received, without CRC: see 'Jumbo Frames' or 'Long Packets'",
    ),
    (
        "rx.buffer.size",
        "bytes that the NIC may write to one buffer: see 'Receive Buffer Size'",
    ),
    (
        "rx.length",
        "the field with the length of what was received: see 'Descriptor Format'",
    ),
    (
        "rx.last",
        "the bit that the NIC sets on the last descriptor of a frame, as a list: see 'Descriptor Format'",
    ),
    (
        "rx.good",
        "bits of a frame without an error, such as `{ set: [], clear: [ERROR] }`: see the status and error fields in 'Descriptor Format'",
    ),
    (
        "rx.crc.stripped_when",
        "the bits that make the NIC strip the CRC, as a list; `[]` if it never does: see 'CRC Strip' in the receive control register",
    ),
    (
        "rx.vlan.stripped_when",
        "the bits that make the NIC strip the VLAN tag, as a list; `[]` if it never does: see 'VLAN' or '802.1q'",
    ),
    (
        "interrupts.modes",
        "a list out of intx, msi and msix: see 'PCI Configuration Space', capabilities, or the chapter 'Interrupts'",
    ),
    (
        "interrupts.cause.acknowledge",
        "`read` if reading the cause register clears it, `write` if ones have to be written: see the cause register's own section",
    ),
    (
        "interrupts.causes",
        "which bits of the cause register tell of sent frames, received frames and the link: see the cause register's own section",
    ),
    (
        "interrupts.causes.*",
        "the bits of the cause register for this, as a list: see the cause register's own section",
    ),
    (
        "link.up",
        "an expression that is true while there is a link, such as `\"STATUS.LU\"`: see the status register's own section",
    ),
    (
        "link.speeds",
        "a list such as `[{ when: \"STATUS.SPEED == m100\", mbps: 100 }, { when: \"1\", mbps: 1000 }]`: see the status register's own section",
    ),
    (
        "link.full_duplex",
        "an expression that is true with full duplex; `\"1\"` if there is nothing else: see the status register's own section",
    ),
    (
        "filters.multicast.hash",
        "which bits of an address pick a bit of the table: see 'Multicast Table' or 'Hash Filter'",
    ),
    (
        "statistics",
        "counters by name, such as `{ rx_frames: { register: GPRC, counts: rx_frames } }`: see 'Statistics Registers'; `{}` if there are none",
    ),
    (
        "statistics.*.*",
        "the register of this counter: see 'Statistics Registers'",
    ),
    (
        "sequences.reset.steps",
        "stop interrupts, set the reset bit, wait until the device answers again: see 'Software Reset' or 'Initialization'",
    ),
    (
        "sequences.init.steps",
        "what has to be set once after a reset, with nothing enabled yet: see 'Initialization' or 'Programming Guide'",
    ),
    (
        "sequences.mac.read.steps",
        "read the station address, from the address registers or the EEPROM, and return six values: see 'Receive Address' or 'EEPROM'",
    ),
    (
        "sequences.mac.write.steps",
        "write the station address to the address registers: see 'Receive Address'",
    ),
    (
        "sequences.filter.write.steps",
        "write the multicast table and the bits for broadcast, promiscuous and all multicast: see 'Packet Filtering'",
    ),
    (
        "sequences.tx.enable.steps",
        "write base address, length, head and tail of a ring and enable it: see 'Transmit Initialization'",
    ),
    (
        "sequences.rx.enable.steps",
        "write base address, length, head and tail of a ring and enable it: see 'Receive Initialization'",
    ),
    (
        "sequences.start.steps",
        "global enables of both directions; `[]` if there are none: see 'Initialization'",
    ),
    (
        "sequences.link.start.steps",
        "bring the link up; `[]` if the device does so by itself: see 'Link Setup' or 'PHY'",
    ),
    (
        "sequences.interrupts.on.steps",
        "unmask the causes named above: see 'Interrupt Mask'",
    ),
    (
        "sequences.interrupts.off.steps",
        "mask every cause: see 'Interrupt Mask'",
    ),
    (
        "sequences.stop.steps",
        "make sure that no DMA starts any more: see 'Disabling the Receiver' or 'Bus Master Disable'",
    ),
    (
        "sequences.tx.disable.steps",
        "clear the enable bit of a ring: see 'Transmit Disable'",
    ),
    (
        "sequences.rx.disable.steps",
        "clear the enable bit of a ring: see 'Receive Disable'",
    ),
    (
        "sequences.*.steps",
        "the steps, in the datasheet's order: see 'Initialization' or 'Programming Guide'",
    ),
    (
        "sequences.*.section",
        "the number, in quotes, of the section that describes this procedure: see 'Initialization' or 'Programming Guide'",
    ),
    (
        "model.reset",
        "the bits that reset the device when they are written as one, as a list: see 'Software Reset'",
    ),
    (
        "model.self_clearing",
        "the bits that read as zero after they were written as one, as a list: look for 'self clearing' in 'Register Descriptions'",
    ),
    (
        "model.follows",
        "fields that the device computes, such as `[{ field: STATUS.LU, is: \"1\" }]`: see the status register's own section",
    ),
    (
        "model.tx.enable",
        "the bits that have to be one for a ring to send, as a list: see 'Transmit Initialization'",
    ),
    (
        "model.rx.enable",
        "the bits that have to be one for a ring to receive, as a list: see 'Receive Initialization'",
    ),
    (
        "model.accept.broadcast",
        "the bit that lets broadcast frames pass: see 'Packet Filtering' or the receive control register",
    ),
    (
        "model.accept.promiscuous",
        "the bit that lets every frame pass: see 'Packet Filtering' or the receive control register",
    ),
    (
        "model.accept.all_multicast",
        "the bit that lets every multicast frame pass: see 'Packet Filtering'; leave the key out if there is none",
    ),
    (
        "model.station.valid",
        "the bit that makes the station address count: see 'Receive Address'; leave the key out if there is none",
    ),
];

const ANYTHING_ELSE: &str = "docs/src/spec-language.md says what this key takes; look for its name in the table of contents of the datasheet";

/// What to look up for the key at a path.
pub(super) fn of(path: &[String]) -> &'static str {
    let fits = |pattern: &str| fits(pattern, path);
    let found = CHAPTERS.iter().find(|(pattern, _)| fits(pattern));
    found.map_or(ANYTHING_ELSE, |(_, look_up)| look_up)
}

/// Names of sequences have points of their own, so paths are compared as text where the pattern has no star.
fn fits(pattern: &str, path: &[String]) -> bool {
    let wanted: Vec<&str> = pattern.split('.').collect();
    let same = |(wanted, key): (&&str, &String)| *wanted == "*" || *wanted == key.as_str();
    match pattern.contains('*') {
        true => wanted.len() == path.len() && wanted.iter().zip(path).all(same),
        false => pattern == path.join("."),
    }
}

#[cfg(test)]
mod tests {
    use super::{ANYTHING_ELSE, CHAPTERS, of};

    fn path(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|&key| key.to_owned()).collect()
    }

    #[test]
    fn a_key_gets_what_is_said_of_it_before_what_is_said_of_its_like() {
        assert!(of(&path(&["registers", "CTRL", "offset"])).contains("register table"));
        assert!(of(&path(&["sequences", "mac.read", "steps"])).contains("station address"));
        assert!(
            of(&path(&["sequences", "phy.read", "steps"])).contains("in the datasheet's order")
        );
        assert!(of(&path(&["tx", "ring", "align"])).contains("multiple of"));
        assert_eq!(of(&path(&["nic"])), ANYTHING_ELSE);
    }

    #[test]
    fn every_line_can_be_reached_and_names_a_place() {
        for (pattern, look_up) in CHAPTERS {
            let at = pattern.replace('*', "x");
            let keys: Vec<&str> = at.split('.').collect();
            assert_eq!(of(&path(&keys)), *look_up, "{pattern}");
            assert!(!look_up.ends_with('.'), "{look_up}");
        }
    }
}
