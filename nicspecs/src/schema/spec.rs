//! The whole file.

use super::identity::{Constant, Nic, Space, UserOption, Variant};
use super::model::Model;
use super::registers::{Descriptor, Register};
use super::rings::{Rx, Tx};
use super::scalar::{DottedNames, Later, LowerNames, Mnemonics, Name};
use super::sequences::Sequence;
use super::services::{Counter, Filters, Interrupts, Link, Order, Rss};

maps! {
    /// A spec.
    Spec {
        /// The base spec: another spec in the same folder, from which this spec inherits.
        like: Option<Name> { own },
        /// The name and title of the NIC.
        nic: Later<Nic> { own },
        /// The parts that this spec covers; the first one is the default.
        variants: Later<Vec<Variant>> { own },
        /// Address spaces of registers; the first one is the default of every register.
        spaces: Later<LowerNames<Space>>,
        /// Named numbers, which a variant may override.
        constants: Option<Later<LowerNames<Constant>>>,
        /// The options that a user may set.
        options: Option<Later<LowerNames<UserOption>>>,
        /// Registers, in the order of the datasheet.
        registers: Later<Mnemonics<Register>> { most: 2048 },
        /// Formats of descriptors.
        descriptors: Later<LowerNames<Descriptor>>,
        /// How frames are sent.
        tx: Later<Tx>,
        /// How frames are received.
        rx: Later<Rx>,
        /// How the NIC interrupts.
        interrupts: Later<Interrupts>,
        /// How the state of the link is read.
        link: Later<Link>,
        /// Which frames are received.
        filters: Later<Filters>,
        /// How received frames are spread over queues.
        rss: Option<Later<Rss>>,
        /// Counters, in the order of the datasheet; `{}` if there are none.
        statistics: Later<LowerNames<Counter>> {
            find: "counters by name, such as `{ rx_frames: { register: GPRC, counts: rx_frames } }`: see 'Statistics Registers'; `{}` if there are none"
        },
        /// Order rules of the hardware; `[]` if there are none.
        order: Later<Vec<Order>>,
        /// The procedures of the driver, step by step.
        sequences: Later<DottedNames<Sequence>> { whole },
        /// Facts that only the device model needs; the driver does not use them.
        model: Later<Model>,
    }
}
