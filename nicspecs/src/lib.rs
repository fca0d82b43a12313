//! The spec language: reads `nicspecs/*.yaml`, checks it, and lowers it to a model that templates consume.
#![forbid(unsafe_code)]

pub mod ir;
pub mod lifecycle;
