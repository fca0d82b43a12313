use netmap_derive::Descriptor;

#[derive(Descriptor)]
#[descriptor(receive)]
pub struct Format {
    #[descriptor(address)]
    pub address: u64,
    #[descriptor(length = length, done(dd), good(eop = 1))]
    pub header: u64,
    #[descriptor(written_back)]
    pub info: u64,
    #[descriptor(written_back, length = length, done(dd), good(eop = 1))]
    pub status: u64,
}

fn main() {}
