//! The Rust half of the FreeBSD kernel module.
//!
//! The C half finds devices and connects them to the network stack and to in-kernel netmap; it does not depend on any
//! NIC. The Rust half does not depend on the kernel: it accesses registers, memory and netmap's rings by the functions of
//! [`boundary`], which take plain integers and opaque pointers. So it uses no layout of a FreeBSD structure.
//!
//! The C half gets the functions of a NIC from [`nmd_driver`], as a table: [`Entry`]. Each NIC has its own instance of
//! every function, so that a sync looks nothing up.
//!
//! Only `attach` allocates memory. Neither `txsync` nor `rxsync` can reach a panic; `cargo xtask build kmod` checks this
//! in the machine code.
#![cfg_attr(target_os = "none", no_std)]
#![deny(missing_docs)]

pub mod boundary;
mod bus;
mod device;
mod entry;
mod failure;
mod owned;
#[cfg(target_os = "none")]
mod panic;
mod registers;
mod ring;
mod tree;

pub use entry::{Entry, nmd_driver};
