//! What tasks share: cargo, the specs by name, how findings are shown, and an interrupt.
#![forbid(unsafe_code)]

pub mod cargo;
pub mod findings;
pub mod interrupt;
pub mod specs;
