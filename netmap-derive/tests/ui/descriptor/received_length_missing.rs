use netmap_derive::Descriptor;

#[derive(Descriptor)]
#[descriptor(receive)]
pub struct Format {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(done(dd), good(eop = 1))]
    pub status: u64,
}

fn main() {}
