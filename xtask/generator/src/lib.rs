//! From specs to the files that `cargo xtask gen` writes.
#![forbid(unsafe_code)]

pub mod outputs;
pub mod pages;
mod plan;
pub mod render;
pub mod rustfmt;

pub use plan::{CRATE, Plan};
