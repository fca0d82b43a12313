use bitfield_struct::bitfield;
use netmap_core::register::{ReadWrite, Register};
use netmap_derive::Registers;

#[bitfield(u32)]
pub struct Ctrl {
    #[bits(32)]
    all: u32,
}

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_0000)]
    pub ctrl: Register<Ctrl, ReadWrite>,
    #[reg(offset = 0x0_0004, width = 16)]
    pub ctrl_dup: Register<Ctrl, ReadWrite>,
}

fn main() {}
