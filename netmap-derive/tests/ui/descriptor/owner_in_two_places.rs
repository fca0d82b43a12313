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
    #[descriptor(owner = dd)]
    pub command: Command,
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(written_back, length = length, owner = own, last = ls)]
    pub status: Command,
    #[descriptor(written_back)]
    pub vlan: u64,
}

fn main() {}
