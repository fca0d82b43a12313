use bitfield_struct::bitfield;
use netmap_derive::Descriptor;

#[bitfield(u64)]
pub struct RxStatus {
    pub length: u16,
    pub checksum: u16,
    pub dd: bool,
    pub eop: bool,
    #[bits(6)]
    __: u8,
    pub errors: u8,
    pub special: u16,
}

#[derive(Descriptor)]
#[descriptor(receive)]
pub struct Format {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = length, done(dd), good(eop = 2))]
    pub status: RxStatus,
}

fn main() {}
