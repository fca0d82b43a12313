use netmap_core::register::{ReadWrite, Register};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_0000, offset = 0x0_0004)]
    pub ctrl: Register<u32, ReadWrite>,
}

fn main() {}
