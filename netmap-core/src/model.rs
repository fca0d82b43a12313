//! Tables that describe a NIC from the device's side, for simulated devices and register dumps.
//!
//! Fields are named by register and field mnemonics of the datasheet; a simulated device resolves them once. The tables
//! cover all variants of a spec: a register says which variants have it, and entries that name a register that a
//! variant lacks do not apply to that variant.

mod control;
mod registers;
mod rings;

pub use control::{
    After, BlockModel, CountModel, CounterPlace, EepromModel, Event, InterruptModel, LateModel,
    LinkModel, LockModel, MessageCauses, MessageModel, Moment, MulticastModel, OrderModel,
    PhyAccess, PhyCommand, PhyModel, RefusalModel, Requirement, StationModel,
};
pub use registers::{Access, FieldModel, RegisterModel};
pub use rings::{
    CompletionModel, DescriptorField, DescriptorModel, DoorbellModel, HashType, Owner, RingModel,
    RssModel, RxModel, SlotValue, TxModel,
};

use crate::{NicLimits, PciIdentity};

/// The whole device.
#[derive(Debug)]
pub struct Model {
    /// Name of the spec.
    pub name: &'static str,
    /// The variants, the default one first; at least one.
    pub variants: &'static [VariantModel],
    /// Bytes of the register space.
    pub size: u32,
    /// Every register in that space, by offset.
    pub registers: &'static [RegisterModel],
    /// Fields that reset the device when a one is written.
    pub reset: &'static [FieldName],
    /// Fields that read as zero after a write of one.
    pub self_clearing: &'static [FieldName],
    /// Registers that a reset does not change.
    pub keeps: &'static [&'static str],
    /// Fields whose value after a reset differs from their registers' reset value.
    pub comes_up: &'static [(FieldName, u64)],
    /// Fields that a read sets after returning their value.
    pub set_by_reading: &'static [FieldName],
    /// Fields that the device computes.
    pub follows: &'static [Follow],
    /// The transmit rings.
    pub tx: TxModel,
    /// The receive rings.
    pub rx: RxModel,
    /// How frames are distributed over receive queues; `None` if all go to the first.
    pub rss: Option<RssModel>,
    /// Interrupts.
    pub interrupts: InterruptModel,
    /// Not zero while the registers report a link.
    pub link_up: Computed,
    /// Fields that read as the given number without a partner, so that they report none.
    pub link_down: &'static [(FieldName, u64)],
    /// The address filter.
    pub station: StationModel,
    /// The multicast table, if there is one.
    pub multicast: Option<MulticastModel>,
    /// The EEPROM behind its command register.
    pub eeprom: Option<EepromModel>,
    /// The PHY.
    pub phy: Option<PhyModel>,
    /// Counters of the model's events.
    pub counts: &'static [CountModel],
    /// How counters are dumped to memory; `None` if all are registers.
    pub block: Option<BlockModel>,
    /// Values that the hardware needs.
    pub require: &'static [Requirement],
    /// Registers that a driver modifies, each with the bits that a driver may change.
    pub modified: &'static [(&'static str, u64)],
    /// Fields that show their new value only after some reads.
    pub late: &'static [LateModel],
    /// How registers show a link.
    pub links: &'static [LinkModel],
    /// States of a device in which a port must refuse to start.
    pub refuse: &'static [RefusalModel],
    /// Order rules of the hardware.
    pub order: &'static [OrderModel],
    /// Registers that ignore writes while locked.
    pub locks: &'static [LockModel],
}

/// The effect of reading a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It returns the value, without side effects.
    Pure,
    /// It changes the device as well.
    Changes,
    /// Its value is meaningless.
    Meaningless,
}

impl Model {
    /// The effect of reading this register.
    pub fn reading(&self, register: &RegisterModel) -> Reading {
        let causes = self.interrupts.clears_on_read && register.name == self.interrupts.cause;
        let mut set = self.set_by_reading.iter();
        let taken = set.any(|field| field.register == register.name);
        match register.access {
            Access::WriteOnly => Reading::Meaningless,
            Access::ReadClear | Access::ReadOrWriteOneClear => Reading::Changes,
            _ if causes || taken => Reading::Changes,
            Access::ReadWrite
            | Access::ReadOnly
            | Access::WriteOneClear
            | Access::WriteClear
            | Access::WriteOneSet => Reading::Pure,
        }
    }

    /// The variant of that name.
    pub fn variant(&self, name: &str) -> Option<&'static VariantModel> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}

/// One variant of the NIC that a spec covers.
#[derive(Debug)]
pub struct VariantModel {
    /// Name in the spec.
    pub name: &'static str,
    /// Title.
    pub title: &'static str,
    /// What its PCI configuration space says, with the first of its ids.
    pub pci: PciIdentity,
    /// Its limits.
    pub limits: NicLimits,
    /// Its name as a QEMU device; `None` if QEMU has no such device.
    pub qemu: Option<&'static str>,
    /// Fields that always read as the given number: they distinguish variants of the same PCI id.
    pub fixed: &'static [(FieldName, u64)],
}

impl VariantModel {
    /// Whether a fact holds on it that holds only on the variants of these names, or on all if there are none.
    pub fn is_among(&self, only_on: &[&str]) -> bool {
        only_on.is_empty() || only_on.contains(&self.name)
    }
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

/// An element of an array of registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// This element; 0 for a single register.
    Fixed(u32),
    /// The element of the queue (in [`Model::follows`]: the element that is read).
    Queue,
}

/// Reads fields of a simulated device.
pub trait Fields {
    /// The value of a field of element `index`; the whole register if `field` is empty. 0 if the variant has no such
    /// register.
    fn get(&self, register: &str, index: u32, field: &str) -> u64;

    /// Index in [`Model::variants`] of the simulated variant.
    fn variant(&self) -> usize;

    /// The value for the simulated variant, from the values for each variant.
    fn of_variant(&self, values: &[u64]) -> u64 {
        values.get(self.variant()).copied().unwrap_or(0)
    }
}

/// A number computed from fields, for element `index`.
pub type Computed = fn(fields: &dyn Fields, index: u32) -> u64;

/// A field that the device computes from others.
#[derive(Debug, Clone, Copy)]
pub struct Follow {
    /// The field.
    pub field: FieldName,
    /// Its value in element `index`, which is 0 unless the field is [`Element::Queue`].
    pub is: Computed,
}
