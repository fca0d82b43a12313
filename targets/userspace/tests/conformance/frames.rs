//! Frames to push through a NIC.

use std::fs::File;
use std::path::Path;

use pcap_file::pcap::PcapReader;

/// A frame of `len` bytes to everyone that no other number has.
pub fn frame(number: u32, len: usize) -> Vec<u8> {
    let mut frame = vec![0xff; 6];
    frame.extend([2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
    frame.extend(number.to_be_bytes());
    while frame.len() < len {
        frame.push((number as usize + frame.len() * 7) as u8);
    }
    frame
}

/// The same to one address.
pub fn frame_to(address: [u8; 6], number: u32, len: usize) -> Vec<u8> {
    let mut frame = frame(number, len);
    frame[..6].copy_from_slice(&address);
    frame
}

/// Hundreds of frames: recorded traffic, the same with VLAN tags, and one of each thirteenth length.
pub fn mixture() -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/traffic.pcap");
    let mut capture = PcapReader::new(File::open(path).unwrap()).unwrap();
    let mut recorded = Vec::new();
    while let Some(packet) = capture.next_packet() {
        recorded.push(packet.unwrap().data.into_owned());
    }
    let tagged = recorded.iter().filter(|frame| frame.len() <= 1510);
    let tagged = tagged.map(|frame| with_vlan_tag(frame));
    let lengths = (60..=1514).step_by(13).enumerate().map(|(number, length)| {
        let mut frame: Vec<u8> = (0..length).map(|at| (at * 31 + number) as u8).collect();
        // To a group address, from a locally administered one, with an EtherType for experiments.
        frame[..6].copy_from_slice(&[1, 0, 0x5e, 0, 0, number as u8]);
        frame[6..14].copy_from_slice(&[2, 0, 0, 0, 0, 1, 0x88, 0xb5]);
        frame
    });
    let frames: Vec<_> = tagged.chain(lengths).collect();
    let frames: Vec<_> = [recorded, frames].concat();
    assert!(frames.len() > 600 && frames.iter().any(|frame| frame.len() == 1514));
    frames
}

/// IEEE 802.1Q: tag protocol 0x8100, priority 5, VLAN 42, between the addresses and the EtherType.
pub fn with_vlan_tag(frame: &[u8]) -> Vec<u8> {
    [&frame[..12], &[0x81, 0, 0xa0, 42], &frame[12..]].concat()
}
