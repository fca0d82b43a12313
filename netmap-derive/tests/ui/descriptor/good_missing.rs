use netmap_derive::Descriptor;

#[derive(Descriptor)]
#[descriptor(receive)]
pub struct Format {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = length, done(dd))]
    pub status: u64,
}

fn main() {}
