use netmap_core::register::{Array, ReadWrite};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_1018, stride = 0x40, elements = 64..64)]
    pub rdt: Array<u32, ReadWrite, 64>,
}

fn main() {}
