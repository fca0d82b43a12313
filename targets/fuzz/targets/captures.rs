//! Bytes of a capture: every frame is inside the file, and reading ends.
#![no_main]

use std::io::{self, ErrorKind, Read};

use libfuzzer_sys::fuzz_target;
use netmap_sim::wire::{Next, Records};

/// A reader of a pipe: pieces of any size, and sometimes none yet.
struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let piece = match self.sizes.next() {
            Some(0) => return Err(ErrorKind::WouldBlock.into()),
            Some(&size) => usize::from(size),
            None => usize::MAX,
        };
        let piece = piece.min(self.bytes.len());
        Read::read(&mut &self.bytes[..piece], into).inspect(|&count| {
            self.bytes = &self.bytes[count..];
        })
    }
}

/// What a reading finds: the frames, and how it ends.
fn read(bytes: &[u8], sizes: &[u8], strict: bool) -> (Vec<Vec<u8>>, Result<(), String>) {
    let sizes = sizes.iter().cycle();
    let mut records = Records::new(Pieces { bytes, sizes }, strict);
    let (mut frames, mut total, mut waits) = (Vec::new(), 0, 0);
    loop {
        match records.next() {
            Ok(Next::Frame { bytes: frame, .. }) => {
                total += frame.len();
                assert!(total <= bytes.len(), "more frames than bytes");
                frames.push(frame.to_vec());
            }
            Ok(Next::NotYet) => {
                waits += 1;
                assert!(waits <= 2 * bytes.len() + 2, "it waits for ever");
            }
            Ok(Next::End) => return (frames, Ok(())),
            Err(error) => return (frames, Err(error.to_string())),
        }
    }
}

// A byte with the number of sizes and whether reading is strict, the sizes of pieces, and the capture.
fuzz_target!(|input: &[u8]| {
    let Some((&first, rest)) = input.split_first() else {
        return;
    };
    let (strict, sizes) = (first & 1 != 0, usize::from(first >> 1) % 16);
    let Some((sizes, bytes)) = rest.split_at_checked(sizes) else {
        return;
    };
    // At least every other piece has a byte.
    let sizes: Vec<u8> = sizes.iter().flat_map(|&size| [size, size | 1]).collect();
    let whole = read(bytes, &[], strict);
    assert_eq!(read(bytes, &sizes, strict), whole, "the pieces matter");
});
