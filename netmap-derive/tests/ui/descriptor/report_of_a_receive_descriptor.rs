use netmap_derive::Descriptor;

#[derive(Descriptor)]
#[descriptor(receive)]
pub struct Format {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = length, done(dd), good(eop = 1), report(rs))]
    pub status: u64,
}

fn main() {}
