//! All parts of a device except its rings.

pub(crate) mod counters;
pub(crate) mod demands;
pub(crate) mod dump;
pub(crate) mod eeprom;
pub(crate) mod foreign;
pub(crate) mod interrupts;
pub(crate) mod late;
pub(crate) mod locks;
pub(crate) mod messages;
pub(crate) mod order;
pub(crate) mod phy;
pub(crate) mod station;
