//! `nic`, `variants`, `spaces`, `constants` and `options`.

use super::scalar::{Expression, Later, LowerNames, Name, PciId, Section};
use super::types::Notation;
use crate::ir::QemuLack;

maps! {
    /// The names of the NIC and of its datasheet.
    Nic {
        /// The name of the file without `.yaml`; the name of the generated module follows from it.
        name: Name,
        /// The controller, as the title page of its datasheet calls it.
        title: String {
            prose,
            find: "name the controller as the title page of its datasheet does"
        },
        /// The document to which every `section` refers.
        datasheet: String {
            prose,
            find: "copy title, document number and revision from the title page: every `section` refers to this document"
        },
    }

    /// A part that the spec covers.
    Variant {
        /// The part's number: letters, digits and underscores.
        name: Name {
            find: "the part's own number, in letters, digits and underscores: see 'Ordering Information' or 'Product Overview'"
        },
        /// The variant of the base spec for which it stands in inherited parts, and whose constants and limits it inherits.
        like: Option<Name> {
            without: "that of the same name, if there is one",
            find: "the variant of the base spec that is most like this part: what inherited parts say of that variant then holds for this one"
        },
        /// Manufacturer and part number.
        title: String {
            prose,
            find: "manufacturer and number of the part: see the title page or 'Product Overview'"
        },
        /// PCI ids, which no other spec has; several variants may share one if all but the last of them have `when`.
        pci: Vec<PciId> {
            find: "list vendor and device ids: see 'PCI Configuration Space' or 'Device IDs', or ask `lspci -nn`"
        },
        /// QEMU's model of this part; tests also run on it.
        qemu: Option<Later<QemuModel>>,
        /// A condition on registers, which distinguishes parts that share a PCI id.
        when: Option<Later<Expression>>,
        /// Constants that have another value on this part.
        constants: Option<Later<LowerNames<u32>>> { notation: Notation::Any },
        /// Limits of this part that are narrower than those of others.
        limits: Option<Later<VariantLimits>>,
    }

    /// Limits of a part that are narrower than those of others; each is named after the keys that lead to that of the spec.
    VariantLimits {
        /// Transmit queues.
        tx_queues: Option<u32> { min: 1, max: 1024, without: "`tx.queues`" },
        /// Fewest descriptors of a transmit ring.
        tx_ring_min: Option<u32> { min: 1, max: 8192, without: "`tx.ring.min`" },
        /// Most descriptors of a transmit ring.
        tx_ring_max: Option<u32> { min: 1, max: 8192, without: "`tx.ring.max`" },
        /// The number of descriptors of a transmit ring is a multiple of this.
        tx_ring_multiple: Option<u32> { min: 1, max: 8192, without: "`tx.ring.multiple`" },
        /// The address of a transmit ring is a multiple of this many bytes.
        tx_ring_align: Option<u32> { min: 1, max: 0x1_0000, without: "`tx.ring.align`" },
        /// Bits of a DMA address of a transmit ring.
        tx_ring_address_bits: Option<u32> { min: 24, max: 64, without: "`tx.ring.address_bits`" },
        /// Bytes of the shortest frame that it sends, without CRC.
        tx_frame_min: Option<u32> { max: 16384, without: "`tx.frame.min`" },
        /// Bytes of the longest frame that it sends, without CRC.
        tx_frame_max: Option<u32> { min: 14, max: 16384, without: "`tx.frame.max`" },
        /// Most descriptors of a frame that it sends.
        tx_frame_descriptors: Option<u32> { min: 1, max: 8191, without: "`tx.frame.descriptors`" },
        /// Receive queues.
        rx_queues: Option<u32> { min: 1, max: 1024, without: "`rx.queues`" },
        /// Fewest descriptors of a receive ring.
        rx_ring_min: Option<u32> { min: 1, max: 8192, without: "`rx.ring.min`" },
        /// Most descriptors of a receive ring.
        rx_ring_max: Option<u32> { min: 1, max: 8192, without: "`rx.ring.max`" },
        /// The number of descriptors of a receive ring is a multiple of this.
        rx_ring_multiple: Option<u32> { min: 1, max: 8192, without: "`rx.ring.multiple`" },
        /// The address of a receive ring is a multiple of this many bytes.
        rx_ring_align: Option<u32> { min: 1, max: 0x1_0000, without: "`rx.ring.align`" },
        /// Bits of a DMA address of a receive ring.
        rx_ring_address_bits: Option<u32> { min: 24, max: 64, without: "`rx.ring.address_bits`" },
        /// Bytes of the longest frame that it receives, without CRC.
        rx_frame_max: Option<u32> { min: 60, max: 16384, without: "`rx.frame_max`" },
        /// Most queues that the table of receive-side scaling can select.
        rss_queues: Option<u32> { min: 1, max: 1024, without: "`rss.queues`" },
        /// MSI-X vectors of the table.
        interrupts_messages_count: Option<u32> { min: 2, max: 64, without: "`interrupts.messages.count`" },
    }

    /// A model of QEMU's, and what tests cannot ask of it.
    QemuModel {
        /// Its name, as `qemu-system-x86_64 -device help` lists it.
        device: String { find: "the name of QEMU's device: see `qemu-system-x86_64 -device help`" },
        /// Whether it loses frames that find no descriptor, instead of making the other side wait.
        lossy: Option<bool> { default: "false" },
        /// What the part has and its model has not.
        lacks: Option<Vec<QemuLack>>,
    }

    /// A window of registers.
    Space {
        /// The base address register that maps it.
        bar: Option<u8> {
            max: 5,
            without: "the first one for memory",
            find: "which base address register maps the registers into memory: see 'PCI Configuration Space', table of base address registers"
        },
        /// Bytes that it maps.
        size: u64 {
            min: 1, max: 0x8000_0000, notation: Notation::Hex,
            find: "bytes that the base address register maps: see 'PCI Configuration Space', table of base address registers"
        },
    }

    /// A named number.
    Constant {
        /// The number.
        value: u32 { notation: Notation::Any },
        /// What it is, in one sentence.
        doc: String { prose, quoted },
        /// Where the datasheet has it.
        section: Option<Section>,
    }

    /// A number that a user may set, from zero to `max`; an option whose `max` is 1 is a switch.
    UserOption {
        /// The value until a user sets it.
        default: u32 { notation: Notation::Any },
        /// The largest value.
        max: u32 { notation: Notation::Any },
        /// What it does, in one sentence.
        doc: String { prose, quoted },
        /// The section of the datasheet about the feature that it controls.
        section: Option<Section>,
    }
}
