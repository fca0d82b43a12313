//! What tasks share: cargo, the specs by name, how findings are shown, and an interrupt.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

pub mod cargo;
pub mod findings;
pub mod interrupt;
pub mod output;
pub mod specs;
