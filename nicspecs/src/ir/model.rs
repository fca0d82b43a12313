//! What the simulated device needs beyond the facts that the driver uses.

use std::sync::Arc;

use super::descriptor::DescriptorField;
use super::expr::Num;
use super::register::{Field, FieldPlace, Register};

/// What the simulated device needs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Model {
    /// Writing one to any of these resets the device.
    pub reset: Vec<FieldPlace>,
    /// Fields that read as zero after a write of one.
    pub self_clearing: Vec<FieldPlace>,
    /// Fields that the device computes.
    pub follows: Vec<Follow>,
    /// Registers that a reset leaves alone.
    pub keeps: Vec<Arc<Register>>,
    /// The transmit rings.
    pub tx: ModelRing,
    /// The field of the transmit descriptor that asks for a CRC.
    pub adds_crc: Option<Arc<DescriptorField>>,
    /// The receive rings.
    pub rx: ModelRing,
    /// Which frames pass the filter.
    pub accept: Accept,
    /// The station address filter.
    pub station: Station,
    /// The EEPROM.
    pub eeprom: Option<Eeprom>,
    /// The PHY.
    pub phy: Option<Phy>,
    /// Values that the hardware needs when a ring is enabled.
    pub require: Vec<Require>,
}

/// A field that the device computes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Follow {
    /// The field.
    pub field: FieldPlace,
    /// Its value; it fits the field.
    pub is: Num,
}

/// When a ring runs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelRing {
    /// Fields that must be one; an index may be the builtin `queue`.
    pub enable: Vec<FieldPlace>,
}

/// Fields that let frames pass.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Accept {
    /// Broadcast frames.
    pub broadcast: FieldPlace,
    /// Every frame.
    pub promiscuous: FieldPlace,
    /// Every multicast frame.
    pub all_multicast: FieldPlace,
}

/// The station address filter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Station {
    /// First four octets.
    pub low: Arc<Register>,
    /// Last two octets.
    pub high: Arc<Register>,
    /// Whether the entry counts.
    pub valid: Arc<Field>,
}

/// The EEPROM, as its command register shows it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Eeprom {
    /// The command register.
    pub command: Arc<Register>,
    /// Written as one to start.
    pub start: Arc<Field>,
    /// Reads as one when done.
    pub done: Arc<Field>,
    /// Which word.
    pub address: Arc<Field>,
    /// What it holds.
    pub data: Arc<Field>,
    /// Words that are not zero, by address, in the spec's order.
    pub words: Vec<(u32, u16)>,
}

/// The PHY, as its command register shows it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Phy {
    /// The command register.
    pub command: Arc<Register>,
    /// Which PHY register.
    pub register: Arc<Field>,
    /// What it holds.
    pub data: Arc<Field>,
    /// 1 writes, 2 reads.
    pub op: Arc<Field>,
    /// Reads as one when done.
    pub ready: Arc<Field>,
    /// Registers that are not zero, in the spec's order.
    pub registers: Vec<(u32, u16)>,
}

/// A value that the hardware needs when a ring is enabled.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Require {
    /// The field.
    pub field: FieldPlace,
    /// Its value.
    pub is: u64,
    /// Section of the datasheet.
    pub section: String,
}
