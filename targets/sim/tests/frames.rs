//! Frames over several descriptors, frames with a VLAN tag, frames that are too long, and completion schemes.

mod toy;

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use netmap_core::{Bus, Direction, Dma};
use netmap_sim::wire::{Flow, Loopback, cable};
use netmap_sim::{Defect, Device, RingName, Violation};
use toy::driver::{Toy, Tx, frame, stepped};

const ALL: u32 = 1000;
const RS: u64 = 1 << 27;
const TX: RingName = RingName {
    direction: Direction::Tx,
    queue: 0,
};

fn looped() -> (Device, Toy) {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    (device, toy)
}

/// Puts a frame into buffers of `lens` bytes from `buffer` on, and their descriptors into the ring.
fn push(toy: &Toy, tx: &mut Tx<'_>, frame: &[u8], buffer: usize, lens: &[usize]) {
    assert_eq!(lens.iter().sum::<usize>(), frame.len());
    let mut from = 0;
    for (at, len) in lens.iter().enumerate() {
        let last = at + 1 == lens.len();
        toy.fill(buffer + at, &frame[from..from + len]);
        let [address, word] = Tx::part(
            *len as u64,
            toy.address(buffer + at),
            frame.len() as u64,
            at == 0,
            last,
        );
        tx.push_words([address, word | if last { RS } else { 0 }]);
        from += len;
    }
}

#[test]
fn a_frame_over_several_descriptors_goes_out_as_one() {
    let (device, toy) = looped();
    let (mut rx, mut tx) = (toy.rx(0, 16), toy.tx(0, 8));
    // Around the end of the ring, too.
    for n in 0..6 {
        let sent = frame(n, 100);
        push(&toy, &mut tx, &sent, 0, &[17, 1, 82]);
        push(&toy, &mut tx, &sent, 8, &[60, 40]);
        tx.doorbell();
        device.run(ALL);
        assert_eq!(rx.drain(), [sent.clone(), sent]);
    }
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}

#[test]
fn a_frame_waits_for_its_last_descriptor() {
    let (device, toy) = looped();
    let (mut rx, mut tx) = (toy.rx(0, 16), toy.tx(0, 8));
    let sent = frame(7, 100);
    push(&toy, &mut tx, &sent, 0, &[50, 50]);
    toy.bus.publish();
    toy.write("TDT", 0, 1);
    device.run(ALL);
    assert_eq!(toy.read("TDH", 0), 0);
    tx.doorbell();
    device.run(ALL);
    assert_eq!(toy.read("TDH", 0), 2);
    assert_eq!(rx.drain(), [sent]);
}

/// The violations of these descriptors: length, length of the frame, first, last.
fn violations_of(parts: &[(u64, u64, bool, bool)]) -> Vec<Violation> {
    let (device, toy) = looped();
    let mut tx = toy.tx(0, 8);
    for (length, total, first, last) in parts {
        tx.push_words(Tx::part(*length, toy.address(0), *total, *first, *last));
    }
    tx.doorbell();
    device.run(ALL);
    device.take_violations().iter().copied().collect()
}

#[test]
fn malformed_frames_are_violations() {
    let mark = |index, place| Violation::FrameMark {
        ring: TX,
        index,
        place,
    };
    assert_eq!(
        violations_of(&[(60, 100, true, false), (40, 100, false, true)]),
        []
    );
    assert_eq!(
        violations_of(&[(60, 60, false, true)]),
        [mark(0, "the first one")]
    );
    assert_eq!(
        violations_of(&[(60, 100, true, false), (40, 100, true, true)]),
        [mark(1, "not the first one")]
    );
    let field = |index, found| Violation::DescriptorField {
        ring: TX,
        index,
        field: "TOTAL",
        found,
        expected: 100,
    };
    assert_eq!(
        violations_of(&[(60, 60, true, false), (40, 40, false, true)]),
        [field(0, 60), field(1, 40)]
    );
    let four = [(25, 100, true, false), (25, 100, false, false)];
    assert_eq!(
        violations_of(&[four[0], four[1], four[1], (25, 100, false, true)]),
        [Violation::FrameDescriptors {
            ring: TX,
            index: 0,
            count: 4
        }]
    );
    let long = [(60_000, 9001, true, false), (0, 9001, false, false)];
    assert!(
        violations_of(&[long[0], long[1], (1, 9001, false, true)]).contains(
            &Violation::FrameLength {
                ring: TX,
                index: 0,
                bytes: 60_001
            }
        )
    );
}

#[test]
fn a_ring_without_an_end_of_frame_is_halted() {
    let (device, toy) = looped();
    let mut tx = toy.tx(0, 8);
    for index in 0..7 {
        tx.push_words(Tx::part(10, toy.address(0), 100, index == 0, false));
    }
    tx.doorbell();
    device.run(ALL);
    assert_eq!(toy.read("TDH", 0), 0);
    assert_eq!(device.counts().tx_frames, 0);
}

#[test]
fn the_first_and_the_last_buffer_of_a_frame_are_marked() {
    let (device, toy) = looped();
    let (mut rx, mut tx) = (toy.rx(0, 16), toy.tx(0, 8));
    let sent = frame(3, 2048 * 2 + 10);
    push(&toy, &mut tx, &sent, 0, &[2000, 2000, 106]);
    tx.doorbell();
    device.run(ALL);
    let marks: Vec<_> = std::iter::from_fn(|| rx.next())
        .map(|part| (part.first, part.whole, part.reported))
        .collect();
    assert_eq!(
        marks,
        [(true, false, 2048), (false, false, 2048), (false, true, 10)]
    );
}

#[test]
fn a_frame_that_never_ends_has_no_last_buffer() {
    let (device, toy) = looped();
    device.break_by(Defect::Endless);
    let (mut rx, mut tx) = (toy.rx(0, 16), toy.tx(0, 8));
    tx.push(&frame(0, 64));
    tx.doorbell();
    device.run(ALL);
    assert!(rx.next().is_some_and(|part| part.first && !part.whole));
}

#[test]
fn frames_longer_than_the_registers_allow_are_counted_and_dropped() {
    let (device, toy) = looped();
    let mut tx = toy.tx(0, 8);
    let mut rx = toy.rx_with(0, 16, 1 << 1 | 1 << 3 | 1 << 26);
    for (len, tagged) in [(1514, false), (1515, false), (1518, true), (1519, true)] {
        let mut frame = frame(len as u64, len);
        if tagged {
            frame[12..14].copy_from_slice(&[0x81, 0x00]);
        }
        tx.push(&frame);
    }
    tx.doorbell();
    device.run(ALL);
    let lengths: Vec<usize> = rx.drain().iter().map(Vec::len).collect();
    assert_eq!(lengths, [1514, 1518]);
    assert_eq!(toy.read("RLEC", 0), 2);
}

#[test]
fn a_vlan_tag_stays_unless_all_strip_bits_are_set() {
    const VME: u32 = 1 << 30 | 1 << 6;
    let (device, toy) = stepped();
    let (end, far) = cable(Flow::Lossless, 64);
    device.plug(end);
    let mut far = far.socket();
    let mut rx = toy.rx(0, 16);
    let mut tagged = frame(0, 80);
    tagged[12..16].copy_from_slice(&[0x81, 0x00, 0x00, 0x05]);
    let mut pass = |ctrl: u32, pipe: u32| {
        toy.write("CTRL", 0, ctrl);
        toy.write("RXPIPE", 0, 1 | 1 << 4 | pipe);
        assert!(far.send(&tagged));
        device.run(ALL);
        rx.drain().remove(0)
    };
    assert_eq!(pass(1 << 6, 0), tagged);
    assert_eq!(pass(VME, 0), tagged);
    assert_eq!(pass(1 << 6, 2), tagged);
    let untagged = [&tagged[..12], &tagged[16..]].concat();
    assert_eq!(pass(VME, 2), untagged);
}

#[test]
fn head_write_back_does_not_change_descriptors() {
    let (device, toy) = looped();
    let mut tx = toy.tx(0, 8);
    // In the upper half of a word, to check that the lower half does not change.
    let word = toy.bus.dma_alloc(64, 64, 64).unwrap();
    word.words()[0].store(0x1111_1111_2222_2222, Relaxed);
    let at = word.address().0 + 4;
    toy.write("TDWBAH", 0, (at >> 32) as u32);
    toy.write("TDWBAL", 0, at as u32 | 1);
    for n in 0..3 {
        tx.push(&frame(n, 64));
    }
    tx.doorbell();
    device.run(ALL);
    assert_eq!(word.words()[0].load(Acquire), 0x0000_0003_2222_2222);
    assert_eq!(tx.reclaim(), 0, "no done bit");
    assert_eq!(toy.read("TDH", 0), 3);
    // Without a request nothing is reported.
    let [address, words] = Tx::words(64, toy.address(0));
    tx.push_words([address, words]);
    tx.doorbell();
    device.run(ALL);
    assert_eq!(word.words()[0].load(Acquire) >> 32, 3);
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
    // With head write-back off, done bits are written again.
    toy.write("TDWBAL", 0, at as u32);
    tx.push(&frame(9, 64));
    tx.doorbell();
    device.run(ALL);
    assert_eq!(word.words()[0].load(Acquire) >> 32, 3);
    assert_eq!(tx.descriptor(4)[1] >> 32 & 1, 1);
}

#[test]
fn head_write_back_outside_memory_is_a_violation() {
    let (device, toy) = looped();
    let mut tx = toy.tx(0, 8);
    toy.write("TDWBAH", 0, 0x77);
    toy.write("TDWBAL", 0, 1);
    tx.push(&frame(0, 64));
    tx.doorbell();
    device.run(ALL);
    let all: Vec<_> = device.take_violations().iter().copied().collect();
    assert_eq!(
        all,
        [Violation::DmaOutside {
            ring: TX,
            address: 0x77_0000_0000,
            bytes: 4
        }]
    );
}

#[test]
fn a_false_head_is_reported_in_the_register_and_in_memory() {
    let (device, toy) = looped();
    let mut tx = toy.tx(0, 8);
    let word = toy.bus.dma_alloc(64, 64, 64).unwrap();
    toy.write("TDWBAH", 0, word.address().high());
    toy.write("TDWBAL", 0, word.address().low() | 1);
    device.break_by(Defect::Head(77));
    tx.push(&frame(0, 64));
    tx.doorbell();
    device.run(ALL);
    assert_eq!(toy.read("TDH", 0), 77);
    assert_eq!(word.words()[0].load(Acquire), 77);
    device.mend();
    assert_eq!(toy.read("TDH", 0), 1);
}
