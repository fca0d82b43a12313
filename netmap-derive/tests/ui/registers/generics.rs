use netmap_core::register::Register;
use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs<A> {
    #[reg(offset = 0x0_0000)]
    pub ctrl: Register<u32, A>,
}

fn main() {}
