//! A NIC with little in it.

use bitfield_struct::bitfield;
use netmap_core::register::{Array, ReadOnly, ReadWrite, Register, WriteOnly};
use netmap_derive::{Descriptor, Registers};

#[derive(Debug, Clone, Copy, Registers)]
pub struct Regs {
    #[reg(offset = 0x0_0008)]
    pub status: Register<u32, ReadOnly>,
    #[reg(offset = 0x0_000c)]
    pub short: Register<u16, ReadWrite>,
    #[reg(offset = 0x0_0010)]
    pub long: Register<u64, ReadWrite>,
    #[reg(offset = 0x0_0038)]
    pub bell: Register<u8, WriteOnly>,
    #[reg(offset = 0x0_3818)]
    pub tdt: Register<u32, ReadWrite>,
    #[reg(offset = 0x0_1018, stride = 0x40, elements = 0..2)]
    #[reg(offset = 0x0_d018, stride = 0x40, elements = 2..4)]
    pub rdt: Array<u32, ReadWrite, 4>,
}

#[bitfield(u64)]
pub struct Status {
    pub length: u16,
    pub dd: bool,
    pub eop: bool,
    pub rs: bool,
    #[bits(45)]
    __: u64,
}

#[derive(Descriptor)]
#[descriptor(transmit, min = 17, max = 16288)]
pub struct Tx {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = length, last(eop), report(rs), done(dd))]
    pub status: Status,
}

#[derive(Descriptor)]
#[descriptor(receive)]
pub struct Rx {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = length, done(dd), last(eop))]
    pub status: Status,
}
