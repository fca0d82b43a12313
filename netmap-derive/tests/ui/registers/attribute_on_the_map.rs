use netmap_core::register::{ReadWrite, Register};
use netmap_derive::Registers;

#[derive(Registers)]
#[reg(offset = 0x0_0000)]
pub struct Regs {
    #[reg(offset = 0x0_0000)]
    pub ctrl: Register<u32, ReadWrite>,
}

fn main() {}
