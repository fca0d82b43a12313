//! NIC drivers generated from `nicspecs/*.yaml`.
#![no_std]
