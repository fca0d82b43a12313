use bitfield_struct::bitfield;
use netmap_derive::Descriptor;

#[bitfield(u64)]
pub struct Wide {
    #[bits(20)]
    pub length: u32,
    pub dd: bool,
    pub eop: bool,
    #[bits(42)]
    __: u64,
}

#[derive(Descriptor)]
#[descriptor(receive)]
pub struct Format {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = length, done(dd), good(eop = 1))]
    pub status: Wide,
}

fn main() {}
