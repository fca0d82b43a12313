use netmap_core::register::{ReadWrite, Register};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_0014, shared)]
    pub eerd: Register<u32, ReadWrite>,
    #[reg(offset = 0x0_0014)]
    pub flash: Register<u32, ReadWrite>,
}

fn main() {}
