use netmap_derive::Descriptor;

#[derive(Descriptor)]
pub struct Format {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = length, set(eop = 1), report(rs), done(dd))]
    pub command: u64,
}

fn main() {}
