//! Frames through the rings of a device that runs in single steps.

mod toy;

use netmap_sim::wire::{Flow, Loopback, cable};
use toy::QUEUES;
use toy::driver::{BUFFER, frame, number, stepped};

/// Lets the device do all it can.
const ALL: u32 = 1000;

#[test]
fn a_frame_passes_a_loopback_unchanged() {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    assert!(tx.push(&frame(7, 100)));
    tx.doorbell();
    assert_eq!(tx.reclaim(), 0);
    device.run(ALL);
    assert_eq!(tx.reclaim(), 1);
    assert_eq!(rx.drain(), [frame(7, 100)]);
    assert_eq!((toy.read("TDH", 0), toy.read("RDH", 0)), (1, 1));
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}

#[test]
fn frames_pass_at_every_offset_of_both_rings_and_in_every_batch_size() {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    // Rings of different lengths, so that all pairs of offsets occur.
    let (mut rx, mut tx) = (toy.rx(0, 12), toy.tx(0, 8));
    let (mut sent, mut received) = (0, 0);
    for round in 0..200 {
        for _ in 0..round % 8 {
            if tx.push(&frame(sent, 60 + sent as usize % 700)) {
                sent += 1;
            }
        }
        tx.doorbell();
        device.run(ALL);
        tx.reclaim();
        for got in rx.drain() {
            assert_eq!(got, frame(received, 60 + received as usize % 700));
            received += 1;
        }
    }
    assert_eq!(sent, received);
    assert!(sent > 600);
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}

#[test]
fn a_full_ring_is_sent_and_an_empty_ring_stays_idle() {
    let (device, toy) = stepped();
    let (end, far) = cable(Flow::Lossless, 64);
    device.plug(end);
    let mut far = far.socket();
    let mut tx = toy.tx(0, 8);
    assert!(!device.step());
    for n in 0..7 {
        assert!(tx.push(&frame(n, 64)));
    }
    assert!(!tx.push(&frame(7, 64)));
    tx.doorbell();
    device.run(ALL);
    assert_eq!(toy.read("TDH", 0), 7);
    assert_eq!(tx.reclaim(), 7);
    for n in 0..7 {
        assert_eq!(far.receive().map(|frame| number(&frame)), Some(n));
    }
    assert_eq!(far.receive(), None);
    assert!(!device.step());
}

#[test]
fn done_bits_are_written_only_where_requested() {
    let (device, toy) = stepped();
    let tx = toy.tx(0, 8);
    for index in 0..4 {
        let [first, second] = toy::driver::Tx::words(64, toy.address(index));
        let report = if index == 2 { 1 << 27 } else { 0 };
        tx.put(index as u32, [first, second | report]);
    }
    use netmap_core::Bus;
    toy.bus.publish();
    toy.write("TDT", 0, 4);
    device.run(ALL);
    let done = |index| tx.descriptor(index)[1] >> 32 & 1;
    assert_eq!([0, 1, 2, 3].map(done), [0, 0, 1, 0]);
    // A report does not change the driver's part of the descriptor.
    assert_eq!(tx.descriptor(2)[0], toy.address(2));
}

#[test]
fn short_frames_are_padded_and_the_crc_follows_unless_it_is_stripped() {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    let mut tx = toy.tx(0, 8);
    // Both fields strip the CRC together; one alone does not.
    let mut rx = toy.rx_with(0, 8, 1 << 1 | 1 << 3);
    tx.push(&frame(1, 30));
    tx.doorbell();
    device.run(ALL);
    let got = rx.next().unwrap();
    assert_eq!(got.frame.len(), 64);
    assert_eq!(got.frame[..30], frame(1, 30));
    assert!(got.frame[30..60].iter().all(|byte| *byte == 0));
    // The CRC over a frame and its own CRC is a constant.
    let crc = got.frame.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ ((crc & 1) * 0xedb8_8320)
        })
    });
    assert_eq!(crc, 0xdebb_20e3);

    toy.write("RCTL", 0, 1 << 1 | 1 << 3 | 1 << 26);
    tx.push(&frame(2, 30));
    tx.doorbell();
    device.run(ALL);
    assert_eq!(rx.next().unwrap().frame.len(), 60);
}

#[test]
fn a_long_frame_takes_several_buffers() {
    let (device, toy) = stepped();
    let (end, far) = cable(Flow::Lossless, 64);
    device.plug(end);
    let mut far = far.socket();
    let mut rx = toy.rx(0, 4);
    far.send(&frame(3, 5000));
    device.run(ALL);
    let mut whole = Vec::new();
    for last in [false, false, true] {
        let part = rx.next().unwrap();
        assert_eq!(part.whole, last);
        whole.extend(part.frame);
    }
    assert_eq!(whole, frame(3, 5000));
    // A frame that needs one more buffer than available waits.
    rx.refill();
    far.send(&frame(4, 3 * BUFFER + 1));
    device.run(ALL);
    assert_eq!(rx.next(), None);
}

#[test]
fn a_write_back_overwrites_the_address_that_the_driver_gave() {
    use netmap_core::Dma;
    use std::sync::atomic::Ordering::Relaxed;
    let (device, toy) = stepped();
    let (end, far) = cable(Flow::Lossless, 64);
    device.plug(end);
    let rx = toy.rx(0, 4);
    far.socket().send(&frame(0, 64));
    let address = rx.ring.words()[0].load(Relaxed);
    device.run(ALL);
    assert_ne!(rx.ring.words()[0].load(Relaxed), address);
}

#[test]
fn frames_wait_for_a_full_ring_and_are_lost_on_a_dropping_wire() {
    for (flow, all) in [(Flow::Lossless, true), (Flow::Dropping, false)] {
        let (device, toy) = stepped();
        let (end, far) = cable(flow, 64);
        device.plug(end);
        let mut far = far.socket();
        let mut rx = toy.rx(0, 8);
        for n in 0..20 {
            assert!(far.send(&frame(n, 64)));
        }
        device.run(ALL);
        let mut received = Vec::new();
        for _ in 0..4 {
            received.extend(rx.drain().iter().map(|frame| number(frame)));
            device.run(ALL);
        }
        let expected: Vec<u64> = if all {
            (0..20).collect()
        } else {
            (0..7).collect()
        };
        assert_eq!(received, expected);
        let missed = if all { 0 } else { 13 };
        assert_eq!(toy.read("MPC", 0), missed);
        assert_eq!(toy.read("MPC", 0), 0, "reading clears");
    }
}

#[test]
fn the_transmitter_waits_while_the_far_side_has_no_room() {
    let (device, toy) = stepped();
    let (end, far) = cable(Flow::Lossless, 2);
    device.plug(end);
    let mut far = far.socket();
    let mut tx = toy.tx(0, 1024);
    let mut sent = 0;
    while tx.push(&frame(sent, 64)) {
        sent += 1;
    }
    tx.doorbell();
    device.run(ALL);
    // One burst is in the device, the rest stays in the ring.
    assert_eq!(toy.read("TDH", 0), 256);
    let mut received = 0;
    while received < sent {
        let frame = far.receive().expect("the next frame");
        assert_eq!(number(&frame), received);
        received += 1;
        device.run(ALL);
    }
    assert_eq!(toy.read("TDH", 0), 1023);
}

#[test]
fn every_queue_has_a_ring_of_its_own() {
    let (device, toy) = stepped();
    let (end, far) = cable(Flow::Lossless, 64);
    device.plug(end);
    let mut far = far.socket();
    let mut queues: Vec<_> = (0..QUEUES).map(|queue| toy.tx(queue, 8)).collect();
    for (queue, tx) in queues.iter_mut().enumerate() {
        for n in 0..=queue as u64 {
            tx.push(&frame(100 * queue as u64 + n, 64));
        }
        tx.doorbell();
    }
    device.run(ALL);
    let mut numbers: Vec<u64> =
        std::iter::from_fn(|| far.receive().map(|frame| number(&frame))).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 100, 101, 200, 201, 202]);
    for (queue, tx) in queues.iter_mut().enumerate() {
        assert_eq!(tx.reclaim(), queue as u32 + 1);
        assert_eq!(toy.read("TDH", queue as u32), queue as u32 + 1);
    }
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}

#[test]
fn the_filter_follows_the_registers() {
    let (device, toy) = stepped();
    let (end, far) = cable(Flow::Lossless, 64);
    device.plug(end);
    let mut far = far.socket();
    let mut rx = toy.rx_with(0, 64, 1 << 1 | 1 << 26);
    let to = |address: [u8; 6]| {
        let mut frame = frame(0, 64);
        frame[..6].copy_from_slice(&address);
        frame
    };
    let station = [0x02, 0, 0, 0, 0, 1];
    let other = [0x02, 0, 0, 0, 0, 2];
    let group = [0x01, 0xaa, 0x00, 0x12, 0x34, 0x56];
    let everyone = [0xff; 6];
    let mut passes = |rctl: u32| {
        toy.write("RCTL", 0, rctl | 1 << 1 | 1 << 26);
        [station, other, group, everyone].map(|address| {
            far.send(&to(address));
            device.run(ALL);
            !rx.drain().is_empty()
        })
    };
    assert_eq!(passes(0), [true, false, false, false]);
    assert_eq!(passes(1 << 15), [true, false, false, true]);
    assert_eq!(passes(1 << 4), [true, false, true, false]);
    assert_eq!(passes(1 << 3), [true, true, true, true]);
    // Bits 47:36 of the address are 0x563.
    toy.write("MTA", 0x563 >> 5, 1 << (0x563 & 31));
    assert_eq!(passes(0), [true, false, true, false]);
    toy.write("RAL", 2, 0x0000_0002);
    toy.write("RAH", 2, 0x8000_0200);
    assert_eq!(passes(0), [true, true, true, false]);
    assert_eq!(device.counts().rx_filtered, 3 + 2 + 2 + 2 + 1);
}

#[test]
fn a_reset_during_traffic_stops_the_rings_at_zero() {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    for round in 0..5 {
        let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
        for n in 0..round {
            tx.push(&frame(n, 64));
        }
        tx.doorbell();
        device.run(ALL);
        assert_eq!(rx.drain().len() as u64, round);
        tx.push(&frame(99, 64));
        tx.doorbell();
        toy.reset();
        device.run(ALL);
        assert_eq!((toy.read("TDH", 0), toy.read("TDT", 0)), (0, 0));
        assert_eq!(tx.reclaim() as u64, round, "nothing is done after a reset");
        assert_eq!(rx.next(), None);
    }
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}

#[test]
fn no_frame_passes_without_a_link() {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    device.set_link(false);
    tx.push(&frame(1, 64));
    tx.doorbell();
    device.run(ALL);
    assert_eq!(toy.read("TDH", 0), 0);
    device.set_link(true);
    device.run(ALL);
    assert_eq!(rx.drain(), [frame(1, 64)]);
}
