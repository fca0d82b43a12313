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
#[descriptor(transmit, min = 17, max = 65535, descriptors = 4)]
pub struct Format {
    #[descriptor(length = length, report(), owner = own, first = fs, last = ls)]
    pub command: Command,
    #[descriptor(address)]
    pub address: u64,
}

fn main() {}
