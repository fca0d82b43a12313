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
    #[bits(2)]
    pub end: u8,
    #[bits(44)]
    __: u64,
}

#[derive(Descriptor)]
#[descriptor(receive)]
pub struct Format {
    #[descriptor(length = length, owner = own, end_of_ring = end, last = ls)]
    pub command: Command,
    #[descriptor(address)]
    pub address: u64,
}

fn main() {}
