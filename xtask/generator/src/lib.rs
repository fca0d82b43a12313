//! From specs to the files that `cargo xtask gen` writes.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

pub mod outputs;
pub mod pages;
mod plan;
pub mod render;
pub mod rustfmt;

pub use plan::{CRATE, GENERATED, Plan, everything, whole_crate};
