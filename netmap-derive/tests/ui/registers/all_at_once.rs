use netmap_core::register::{Array, ReadWrite, Register};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_0002)]
    pub ctrl: Register<u32, ReadWrite>,
    #[reg(ofset = 0x0_0008, width = 12, width = 16)]
    pub status: Register<u32, ReadWrite>,
    pub ctrl_ext: u32,
    #[reg(offset = 0x0_1018, stride = 0x40, elements = 0..60)]
    #[reg(offset = 0x0_d018, elements = 64..128)]
    pub rdt: Array<u32, ReadWrite, 128>,
    #[reg(offset = 0x0_1000, stride = 8)]
    pub ral: Array<u32, ReadWrite, 16>,
}

fn main() {}
