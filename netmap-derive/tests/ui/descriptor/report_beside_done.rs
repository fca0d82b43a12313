use netmap_derive::Descriptor;

#[derive(Descriptor)]
#[descriptor(transmit, min = 17, max = 16288)]
pub struct Format {
    #[descriptor(address = address, report(rs))]
    pub address: u64,
    #[descriptor(length = length, done(dd))]
    pub command: u64,
}

fn main() {}
