//! `nic`, `variants`, `spaces`, `constants` and `options`.

use super::scalar::{Expression, Later, LowerNames, Name, PciId, Section};

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
        /// Manufacturer and part number.
        title: String {
            prose,
            find: "manufacturer and number of the part: see the title page or 'Product Overview'"
        },
        /// PCI ids; several variants may share one if all but the last of them have `when`.
        pci: Vec<PciId> {
            find: "list vendor and device ids: see 'PCI Configuration Space' or 'Device IDs', or ask `lspci -nn`"
        },
        /// QEMU's model of this part; tests also run on it.
        qemu: Option<String>,
        /// A condition on registers, which distinguishes parts that share a PCI id.
        when: Option<Later<Expression>>,
        /// Constants that have another value on this part.
        constants: Option<Later<LowerNames<u32>>>,
        /// Limits of this part that are lower than those of others.
        limits: Option<Later<VariantLimits>>,
    }

    /// Limits of a part that are lower than those of others.
    VariantLimits {
        /// Bytes of the longest frame that it sends, without CRC.
        tx_frame_max: Option<u32> { min: 14, max: 16384, without: "`tx.frame.max`" },
        /// Bytes of the longest frame that it receives, without CRC.
        rx_frame_max: Option<u32> { min: 60, max: 16384, without: "`rx.frame_max`" },
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
            min: 1, max: 0x8000_0000,
            find: "bytes that the base address register maps: see 'PCI Configuration Space', table of base address registers"
        },
    }

    /// A named number.
    Constant {
        /// The number.
        value: u32,
        /// What it is, in one sentence.
        doc: String { prose },
        /// Where the datasheet has it.
        section: Option<Section>,
    }

    /// A number that a user may set, from zero to `max`; an option whose `max` is 1 is a switch.
    UserOption {
        /// The value until a user sets it.
        default: u32,
        /// The largest value.
        max: u32,
        /// What it does, in one sentence.
        doc: String { prose },
        /// The section of the datasheet about the feature that it controls.
        section: Option<Section>,
    }
}
