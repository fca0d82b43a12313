use netmap_derive::Registers;

#[derive(Registers)]
pub enum Regs {
    Ctrl,
}

fn main() {}
