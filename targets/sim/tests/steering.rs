//! Frames are distributed over queues as the registers of receive-side scaling say.

mod toy;

use netmap_sim::wire::{Flow, cable};
use toy::driver::{Toy, frame, stepped};

const ALL: u32 = 1000;

/// A TCP segment of IPv4 from one port to another.
fn segment(from: u16, to: u16) -> Vec<u8> {
    let mut segment = frame(0, 80);
    segment[12..24].copy_from_slice(&[0x08, 0x00, 0x45, 0, 0, 66, 0, 0, 0x40, 0, 64, 6]);
    // The first of Microsoft's examples.
    segment[26..30].copy_from_slice(&[66, 9, 149, 187]);
    segment[30..34].copy_from_slice(&[161, 142, 100, 80]);
    segment[34..36].copy_from_slice(&from.to_be_bytes());
    segment[36..38].copy_from_slice(&to.to_be_bytes());
    segment
}

/// Writes the key of Microsoft's examples.
fn write_key(toy: &Toy) {
    const KEY: [u8; 40] = [
        0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f,
        0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
        0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
    ];
    for (element, octets) in (0..).zip(KEY.as_chunks::<4>().0) {
        toy.write("RSSRK", element, u32::from_le_bytes(*octets));
    }
}

#[test]
fn the_table_names_the_queue_by_the_hash() {
    let (device, toy) = stepped();
    let (end, far) = cable(Flow::Lossless, 64);
    device.plug(end);
    let mut far = far.socket();
    let mut queues = [toy.rx(0, 16), toy.rx(1, 16)];
    let mut goes_to = |frame: &[u8]| {
        assert!(far.send(frame));
        device.run(ALL);
        let got = queues.each_mut().map(|queue| queue.drain().len());
        assert_eq!(got.iter().sum::<usize>(), 1);
        got.iter().position(|count| *count == 1).unwrap()
    };
    write_key(&toy);
    // Only entry 0x78 names queue 1: the hash with ports ends with it, the hash without ports ends with 0x42.
    toy.write("RETA", 0x78 / 4, 0x80);
    let example = segment(2794, 1766);
    assert_eq!(goes_to(&example), 0, "turned off");
    toy.write("MRQC", 0, 1 | 1 << 16 | 1 << 17);
    assert_eq!(goes_to(&example), 1);
    assert_eq!(goes_to(&segment(2795, 1766)), 0, "another flow");
    assert_eq!(goes_to(&frame(0, 80)), 0, "no address at all");
    toy.write("MRQC", 0, 1 | 1 << 17);
    assert_eq!(goes_to(&example), 0, "only the addresses count");
    toy.write("RETA", 0x42 / 4, 0x80 << 16);
    assert_eq!(goes_to(&example), 1);
    toy.write("MRQC", 0, 1);
    assert_eq!(goes_to(&example), 0, "no kind of frame is hashed");
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}

#[test]
fn many_flows_reach_all_queues() {
    let (device, toy) = stepped();
    let (end, far) = cable(Flow::Lossless, 256);
    device.plug(end);
    let mut far = far.socket();
    let mut queues = [toy.rx(0, 256), toy.rx(1, 256)];
    write_key(&toy);
    for element in 0..32 {
        toy.write("RETA", element, 0x8000_8000);
    }
    toy.write("MRQC", 0, 1 | 1 << 16);
    for port in 0..200 {
        assert!(far.send(&segment(1000 + port, 80)));
        device.run(ALL);
    }
    let got = queues.each_mut().map(|queue| queue.drain().len());
    assert_eq!(got.iter().sum::<usize>(), 200);
    assert!(got.iter().all(|count| *count > 60), "{got:?}");
}
