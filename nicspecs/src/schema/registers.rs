//! `registers` and `descriptors`.

use super::scalar::{Bits, Later, LowerNames, Mnemonics, Name, Section};
use super::types::Notation;
use crate::ir::{Access, Owner};

maps! {
    /// A register, or an array of registers.
    Register {
        /// Its full name in the datasheet.
        title: String {
            prose,
            find: "the register's full name: see the register table, usually in the chapter 'Register Descriptions'"
        },
        /// The section about it.
        section: Section {
            find: "the number, in quotes, of the section about this register: see the chapter 'Register Descriptions'"
        },
        /// The space that it is in.
        space: Option<Name> { without: "the first of `spaces`" },
        /// Bytes from the start of its space.
        offset: Option<u64> {
            max: 0xffff_ffff, notation: Notation::HexOfSpace,
            find: "look it up in the register table, usually the first pages of the chapter 'Register Descriptions'; write it in hexadecimal"
        },
        /// Bytes from one element of an array to the next.
        stride: Option<u64> {
            min: 1, max: 0xffff_ffff, notation: Notation::Hex,
            find: "bytes from one element to the next: see the offsets in the register table, often as a formula with n"
        },
        /// The number of elements of an array.
        count: Option<u32> { min: 1, max: 16384, find: "number of elements: see the range of n in the register table" },
        /// The parts of an array that has no single stride, instead of `offset`, `stride` and `count`.
        pieces: Option<Later<Vec<Piece>>> { most: 64, without: "one piece" },
        /// Bits: 8, 16, 32 or 64.
        width: Option<u32> { min: 8, max: 64, default: "32" },
        /// The effect of reads and writes: `rc` is cleared by a read, `w1c` by writing ones, `rc_w1c` by both, `wc` by writing any value, `w1s` is set by writing ones.
        access: Access {
            find: "one of rw, ro, wo, rc, w1c, rc_w1c, wc, w1s: see the column 'Attribute' or 'Access' of the register's own table in 'Register Descriptions'"
        },
        /// The value after a reset.
        reset: Option<u64> {
            default: "0", notation: Notation::HexOfRegister,
            find: "the value after a reset: see 'Initial Value' or 'Default' in the register's own table"
        },
        /// Whether the value after a reset is wrong, so that a sequence has to write the register.
        must_write: Option<bool> { default: "false" },
        /// The variants that have the register; those of disjoint variants may share an offset.
        only_on: Option<Vec<Name>> { without: "every variant" },
        /// A comment in one sentence.
        doc: Option<String> { prose, quoted },
        /// Its fields; reserved bits are not listed.
        fields: Option<Later<Mnemonics<Field>>> {
            most: 64,
            find: "the bits that the sequences and facts use, as `{ NAME: { bits: 3 }, ... }`: see the register's own table in 'Register Descriptions'"
        },
    }

    /// A part of an array.
    Piece {
        /// The number of its first element.
        first: u32 { max: 16383 },
        /// The number of its elements.
        count: u32 { min: 1, max: 16384 },
        /// The offset of its first element.
        offset: u64 { max: 0xffff_ffff, notation: Notation::HexOfSpace },
        /// Bytes from one element to the next.
        stride: u64 { min: 1, max: 0xffff_ffff, notation: Notation::Hex },
    }

    /// A field of a register.
    Field {
        /// Its position: one bit, or `"high:low"`, where bit 0 is the least significant.
        bits: Bits { find: "one bit or `\"high:low\"`: see the column 'Bit(s)' of the register's own table" },
        /// A comment in one sentence.
        doc: Option<String> { prose, quoted },
        /// Names of its values.
        values: Option<Later<LowerNames<u64>>> { notation: Notation::Any },
    }

    /// A descriptor format. Every bit belongs to exactly one field or is reserved.
    Descriptor {
        /// The format's name in the datasheet.
        title: String {
            prose,
            find: "the format's name: see 'Descriptor Format' in the chapter about this direction"
        },
        /// The section with its layout.
        section: Section {
            find: "the number, in quotes, of the section with the descriptor's layout: see 'Descriptor Format' in the chapter about this direction"
        },
        /// Its size in bytes.
        size: u32 { min: 16, max: 128, find: "bytes of one descriptor: see 'Descriptor Format'; 16 and 32 are usual" },
        /// Its fields, by bits counted over the whole descriptor; none crosses a quadword boundary.
        fields: Later<Mnemonics<DescriptorField>> {
            find: "every field as `NAME: { bits: \"63:0\", by: host }`, counted over the whole descriptor: see the figure in 'Descriptor Format'"
        },
        /// Bits that no field covers.
        reserved: Option<Later<Vec<Bits>>> {
            find: "the bits that no field covers, as a list such as `[\"95:84\"]`; `[]` if there are none: see the figure in 'Descriptor Format'"
        },
    }

    /// A field of a descriptor.
    DescriptorField {
        /// Its position; bit 64 is bit 0 of the second quadword.
        bits: Bits,
        /// Who writes it: the driver, the NIC when it writes the descriptor back, or both, as with an owner bit.
        by: Owner,
        /// A comment in one sentence.
        doc: Option<String> { prose, quoted },
    }
}
