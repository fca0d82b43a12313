use netmap_core::register::{Array, ReadWrite};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_1018, stride = 0x40, elements = 0..64)]
    #[reg(offset = 0x0_d018, stride = 0x40, elements = 63..128)]
    pub rdt: Array<u32, ReadWrite, 128>,
}

fn main() {}
