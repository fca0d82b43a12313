//! A NIC described from the device's side, as tables: what simulated devices and register dumps read.
//!
//! Fields are named by register and field mnemonics of the datasheet; whoever builds a device resolves them once. The
//! tables are of all variants that a spec covers: a register says which of them have it, and whatever names a register
//! that a variant lacks does not concern that variant.

mod control;
mod registers;
mod rings;

pub use control::{
    After, BlockModel, CountModel, CounterPlace, EepromModel, Event, InterruptModel, LateModel,
    LinkModel, LockModel, MessageCauses, MessageModel, Moment, MulticastModel, OrderModel,
    PhyAccess, PhyModel, RefusalModel, Requirement, StationModel,
};
pub use registers::{Access, FieldModel, RegisterModel};
pub use rings::{
    CompletionModel, DescriptorField, DescriptorModel, DoorbellModel, HashType, Owner, RingModel,
    RssModel, RxModel, SlotValue, TxModel,
};

use crate::{FrameLimits, PciId};

/// The whole device.
#[derive(Debug)]
pub struct Model {
    /// Name of the spec.
    pub name: &'static str,
    /// The variants, the default one first; there is at least that one.
    pub variants: &'static [VariantModel],
    /// Bytes of the register space.
    pub size: u32,
    /// Every register in that space, by offset.
    pub registers: &'static [RegisterModel],
    /// Fields that reset the device when a one is written.
    pub reset: &'static [FieldName],
    /// Fields that read as zero after a write of one.
    pub self_clearing: &'static [FieldName],
    /// Registers that a reset leaves alone.
    pub keeps: &'static [&'static str],
    /// Fields that hold something else after a reset than their registers say.
    pub comes_up: &'static [(FieldName, u64)],
    /// Fields that are one after a read, whatever the read has told.
    pub set_by_reading: &'static [FieldName],
    /// Fields that the device computes.
    pub follows: &'static [Follow],
    /// The transmit rings.
    pub tx: TxModel,
    /// The receive rings.
    pub rx: RxModel,
    /// How frames are spread over receive queues; `None` if all go to the first.
    pub rss: Option<RssModel>,
    /// Interrupts.
    pub interrupts: InterruptModel,
    /// Fields by which a driver sees that the link is up; zero without a partner.
    pub link_up: &'static [FieldName],
    /// The address filter.
    pub station: StationModel,
    /// The multicast table.
    pub multicast: MulticastModel,
    /// The EEPROM behind its command register.
    pub eeprom: Option<EepromModel>,
    /// The PHY behind its command register.
    pub phy: Option<PhyModel>,
    /// Counters tied to what the model counts.
    pub counts: &'static [CountModel],
    /// How counters are dumped to memory; `None` if all are registers.
    pub block: Option<BlockModel>,
    /// Values the hardware needs.
    pub require: &'static [Requirement],
    /// Registers that a driver changes in place, each with the bits that are a driver's business.
    pub modified: &'static [(&'static str, u64)],
    /// Fields that show only after some reads what they are now.
    pub late: &'static [LateModel],
    /// What the device shows of its link.
    pub links: &'static [LinkModel],
    /// How devices look that a port must not come up on.
    pub refuse: &'static [RefusalModel],
    /// Order rules of the hardware.
    pub order: &'static [OrderModel],
    /// Registers that ignore writes at times.
    pub locks: &'static [LockModel],
}

/// What reading a register does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It tells the value, and nothing else.
    Tells,
    /// It changes the device as well.
    Changes,
    /// It means nothing.
    Meaningless,
}

impl Model {
    /// What reading that register does.
    pub fn reading(&self, register: &RegisterModel) -> Reading {
        let causes = self.interrupts.clears_on_read && register.name == self.interrupts.cause;
        let mut set = self.set_by_reading.iter();
        let taken = set.any(|field| field.register == register.name);
        match register.access {
            Access::WriteOnly => Reading::Meaningless,
            Access::ReadClear | Access::ReadOrWriteOneClear => Reading::Changes,
            _ if causes || taken => Reading::Changes,
            Access::ReadWrite | Access::ReadOnly | Access::WriteOneClear | Access::WriteOneSet => {
                Reading::Tells
            }
        }
    }

    /// The variant of that name.
    pub fn variant(&self, name: &str) -> Option<&'static VariantModel> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}

/// One part of the family that a spec covers.
#[derive(Debug)]
pub struct VariantModel {
    /// Name in the spec.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// The first of its PCI ids.
    pub pci: PciId,
    /// The longest frames that it takes.
    pub frames: FrameLimits,
    /// Fields that always read as the number given: what tells it from variants of the same id.
    pub fixed: &'static [(FieldName, u64)],
}

/// A field by name. An empty `field` means the whole register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldName {
    /// The register's mnemonic.
    pub register: &'static str,
    /// Which element of an array.
    pub element: Element,
    /// The field's mnemonic.
    pub field: &'static str,
}

/// Which element of an array of registers is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// This one; 0 for a register that is no array.
    Fixed(u32),
    /// That of the queue concerned (in [`Model::follows`]: that of the element read).
    Queue,
}

/// Reads fields of a device under simulation.
pub trait Fields {
    /// The value of a field of element `index`; the whole register when `field` is empty. 0 where the variant has no such
    /// register.
    fn get(&self, register: &str, index: u32, field: &str) -> u64;

    /// Position in [`Model::variants`] of the variant that is simulated.
    fn variant(&self) -> usize;

    /// Of a value for each variant, that of the variant simulated.
    fn of_variant(&self, values: &[u64]) -> u64 {
        values.get(self.variant()).copied().unwrap_or(0)
    }
}

/// A number computed from fields; of element `index` where it is computed for one.
pub type Computed = fn(fields: &dyn Fields, index: u32) -> u64;

/// A field that the device computes from others.
#[derive(Debug, Clone, Copy)]
pub struct Follow {
    /// The field.
    pub field: FieldName,
    /// Its value in element `index`, which is 0 unless the field is [`Element::Queue`].
    pub is: Computed,
}
