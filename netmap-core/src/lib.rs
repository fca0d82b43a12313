//! Rings, sync engine and traits shared by every NIC driver and target.
#![no_std]
