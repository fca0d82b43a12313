use netmap_core::register::{ReadWrite, Register};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset)]
    pub ctrl: Register<u32, ReadWrite>,
}

fn main() {}
