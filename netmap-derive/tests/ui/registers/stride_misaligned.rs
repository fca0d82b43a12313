use netmap_core::register::{Array, ReadWrite};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_5400, stride = 6)]
    pub ral: Array<u32, ReadWrite, 16>,
}

fn main() {}
