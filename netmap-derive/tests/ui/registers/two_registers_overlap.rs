use netmap_core::register::{ReadWrite, Register};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_0010)]
    pub eecd: Register<u32, ReadWrite>,
    #[reg(offset = 0x0_0012)]
    pub eerd: Register<u8, ReadWrite>,
}

fn main() {}
