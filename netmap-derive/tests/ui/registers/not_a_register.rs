use netmap_derive::Registers;

#[derive(Registers)]
pub struct Regs {
    #[reg(offset = 0x0_0000)]
    pub ctrl: u32,
}

fn main() {}
