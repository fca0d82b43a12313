use bitfield_struct::bitfield;
use netmap_derive::Descriptor;

#[bitfield(u64)]
pub struct TxCommand {
    pub length: u16,
    pub cso: u8,
    pub eop: bool,
    pub ifcs: bool,
    pub rs: bool,
    #[bits(3)]
    pub kind: u8,
    #[bits(2)]
    __: u8,
    pub dd: bool,
    #[bits(31)]
    __: u32,
}

#[derive(Descriptor)]
#[descriptor(transmit, min = 17, max = 16288)]
pub struct Format {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = len, set(eop = 1), report(rs), done(dd))]
    pub command: TxCommand,
}

fn main() {}
