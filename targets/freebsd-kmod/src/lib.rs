//! The Rust half of the FreeBSD kernel module.
//!
//! The kernel's half is C: it finds devices, talks to the network stack and to in-kernel netmap. It knows no NIC. This
//! half knows no kernel: it reaches registers, memory and netmap's rings through the functions of [`boundary`], which
//! take plain integers and opaque pointers, so that no layout of a structure of FreeBSD's is known here.
//!
//! The C half asks [`nmd_driver`] for the functions of a NIC, and calls these: [`Entry`] is a table of them. Each has its
//! instance for each NIC, so that nothing is looked up while frames move.
//!
//! Memory is allocated by `attach` alone. Neither `txsync` nor `rxsync` can reach a panic; `cargo xtask build kmod` looks
//! for one in the machine code.
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
