use bitfield_struct::bitfield;
use netmap_core::Bus;
use netmap_core::register::{Array, ReadWrite};
use netmap_derive::Registers;

#[bitfield(u32)]
pub struct Srrctl {
    #[bits(32)]
    all: u32,
}

#[bitfield(u32)]
pub struct Tdh {
    #[bits(32)]
    all: u32,
}

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_c00c, stride = 0x40)]
    pub srrctl: Array<Srrctl, ReadWrite, 16>,
    #[reg(offset = 0x0_e010, stride = 0x40)]
    pub tdh: Array<Tdh, ReadWrite, 16>,
}

fn enable(bus: &impl Bus) {
    Regs::MAP.tdh.at(0).unwrap().write(bus, Srrctl::new());
}

fn main() {}
