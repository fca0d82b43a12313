use netmap_core::register::{ReadWrite, Register};
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs(#[reg(offset = 0x0_0000)] Register<u32, ReadWrite>);

fn main() {}
