use bitfield_struct::bitfield;
use netmap_derive::Descriptor;

#[bitfield(u32)]
pub struct Small {
    pub length: u16,
    pub dd: bool,
    pub rs: bool,
    #[bits(14)]
    __: u16,
}

#[derive(Descriptor)]
#[descriptor(transmit, min = 17, max = 16288)]
pub struct Format {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = length, report(rs), done(dd))]
    pub command: Small,
}

fn main() {}
