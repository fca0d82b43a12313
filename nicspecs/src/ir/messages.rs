//! Interrupts by MSI-X.

use std::sync::Arc;

use super::expr::Num;
use super::register::{Field, FieldPlace, Register};

/// Interrupts by MSI-X: which vector reports which event. A driver maps them in its sequences; this is how the device
/// looks them up.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Messages {
    /// Section of the datasheet.
    pub section: String,
    /// Messages of the table.
    pub count: u32,
    /// The field that switches the map on; `None` if it always holds.
    pub when: Option<FieldPlace>,
    /// The entry of a receive queue: the vector is in its lowest bits.
    pub rx: Num,
    /// The entry of a transmit queue.
    pub tx: Num,
    /// The entry of all other causes.
    pub other: Num,
    /// The bit that makes an entry valid; the vector is in the bits below it.
    pub valid: u32,
    /// The register of pending vectors: bit `m` for vector `m`, or the fields of `causes`.
    pub cause: Arc<Register>,
    /// Fields of that register with a bit for each queue, and the bit of the other causes.
    pub causes: Option<MessageCauses>,
    /// Writing ones enables; the next element of an array has the next 32 messages.
    pub mask_set: Arc<Register>,
    /// Writing ones disables.
    pub mask_clear: Arc<Register>,
    /// The bits of the cause register that sending a message clears.
    pub auto_clear: Arc<Register>,
    /// The field that does so for the first messages, if all others are always cleared.
    pub auto_field: Option<Arc<Field>>,
    /// Whether it masks that, too.
    pub masks: bool,
}

/// Causes with bits of their own, independent of their vector.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MessageCauses {
    /// A bit for each receive queue.
    pub rx: Arc<Field>,
    /// A bit for each transmit queue.
    pub tx: Arc<Field>,
    /// All others.
    pub other: Arc<Field>,
}
