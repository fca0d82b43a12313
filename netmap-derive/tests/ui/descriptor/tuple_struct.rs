use netmap_derive::Descriptor;

#[derive(Descriptor)]
#[descriptor(transmit, min = 17, max = 16288)]
pub struct Format(u64, u64);

fn main() {}
