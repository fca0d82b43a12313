use bitfield_struct::bitfield;
use netmap_derive::Descriptor;

#[bitfield(u64)]
pub struct Command {
    #[bits(14)]
    pub length: u16,
    pub fs: bool,
    pub ls: bool,
    pub own: bool,
    pub dd: bool,
    #[bits(46)]
    __: u64,
}

#[derive(Descriptor)]
#[descriptor(receive)]
pub struct Format {
    #[descriptor(length = length, owner = own)]
    pub command: Command,
    #[descriptor(address = length, last = ls)]
    pub address: Command,
}

fn main() {}
