//! Ports on simulated NICs: every NIC there is a driver for, as a program sees it.

mod bench;
mod buffers;
mod faults;
mod frames;
mod long;
#[path = "../mixture/mod.rs"]
mod mixture;
mod refusals;
mod resets;
