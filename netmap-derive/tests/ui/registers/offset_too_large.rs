use netmap_core::register::{ReadWrite, Register};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x1_0000_0000)]
    pub ctrl: Register<u32, ReadWrite>,
}

fn main() {}
