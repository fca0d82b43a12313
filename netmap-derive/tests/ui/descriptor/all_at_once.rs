use netmap_derive::Descriptor;

#[derive(Descriptor)]
#[descriptor(transmit, min = 17, max = 70000, part = 2048)]
pub struct Format<T> {
    #[descriptor(address = address, report(rs))]
    pub address: u64,
    #[descriptor(length = length, set(eop, ifcs = one, eop = 1), finished(dd))]
    pub command: u64,
    pub third: T,
}

fn main() {}
