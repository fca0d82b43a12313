use netmap_core::register::{Array, ReadWrite};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_5400, stride = 8)]
    pub ral: Array<u32, ReadWrite, { 8 + 8 }>,
}

fn main() {}
