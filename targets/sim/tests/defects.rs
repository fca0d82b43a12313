//! Injected faults that drivers must survive.

mod toy;

use std::time::Duration;

use netmap_core::{Bus, Direction};
use netmap_sim::wire::Loopback;
use netmap_sim::{Defect, Device};
use toy::driver::{Toy, Tx, frame, stepped};

const ALL: u32 = 1000;

/// A device with a loopback wire and an injected fault.
fn broken_by(defect: Defect) -> (Device, Toy) {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    device.break_by(defect);
    (device, toy)
}

fn send(tx: &mut Tx<'_>, count: u64) {
    for n in 0..count {
        assert!(tx.push(&frame(n, 64)));
    }
    tx.doorbell();
}

/// Which of the first four descriptors are done.
fn done(tx: &Tx<'_>) -> [bool; 4] {
    [0, 1, 2, 3].map(|index| tx.descriptor(index)[1] >> 32 & 1 == 1)
}

#[test]
fn a_stuck_device_goes_on_when_mended() {
    let (device, toy) = broken_by(Defect::Stuck);
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    send(&mut tx, 1);
    device.run(ALL);
    assert_eq!((toy.read("TDH", 0), toy.read("TDT", 0)), (0, 1));
    device.mend();
    device.run(ALL);
    assert_eq!(rx.drain().len(), 1);
}

#[test]
fn a_length_past_the_buffer_is_reported_and_not_written() {
    let (device, toy) = broken_by(Defect::Length(5000));
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    send(&mut tx, 1);
    device.run(ALL);
    assert_eq!(rx.next().map(|received| received.reported), Some(5000));
}

#[test]
fn a_damaged_frame_is_reported_as_damaged() {
    let (device, toy) = broken_by(Defect::Damaged);
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    send(&mut tx, 1);
    device.run(ALL);
    assert!(rx.next().is_some_and(|received| received.damaged));
}

#[test]
fn done_bits_out_of_order_come_newest_first() {
    let (device, toy) = broken_by(Defect::DoneOutOfOrder);
    let mut tx = toy.tx(0, 8);
    send(&mut tx, 4);
    device.step();
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(done(&tx).iter().rposition(|done| !done));
        device.step();
    }
    assert_eq!(seen, [Some(3), Some(2), Some(1), Some(0)]);
    assert_eq!(done(&tx), [true; 4]);
}

#[test]
fn delayed_done_bits_arrive_after_the_given_steps() {
    let (device, toy) = broken_by(Defect::DoneLate(3));
    let mut tx = toy.tx(0, 8);
    send(&mut tx, 2);
    for _ in 0..3 {
        device.step();
        assert_eq!(toy.read("TDH", 0), 2);
        assert_eq!(done(&tx), [false; 4]);
    }
    device.step();
    assert_eq!(done(&tx), [true, true, false, false]);
}

#[test]
fn a_removed_device_reads_as_ones_and_ignores_writes() {
    let (device, toy) = broken_by(Defect::Gone);
    assert_eq!(toy.read("CTRL", 0), u32::MAX);
    toy.write("KEPT", 0, 1);
    device.mend();
    assert_eq!(toy.read("KEPT", 0), 0x30);
    drop(device);
    assert_eq!(toy.read("CTRL", 0), u32::MAX);
}

#[test]
fn a_spontaneous_reset_stops_the_rings_at_zero() {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    let (_rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    send(&mut tx, 3);
    device.run(ALL);
    assert_eq!(toy.read("TDH", 0), 3);
    device.reset();
    assert_eq!((toy.read("TDH", 0), toy.read("TCTL", 0)), (0, 0));
    toy.bus.sleep(Duration::from_secs(1));
    assert!(!device.step());
}

#[test]
fn a_transmitter_or_a_receiver_can_be_stuck_alone() {
    let (device, toy) = broken_by(Defect::StuckReceiver);
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    send(&mut tx, 2);
    device.run(ALL);
    assert_eq!((tx.reclaim(), rx.drain().len()), (2, 0));
    device.break_by(Defect::StuckTransmitter);
    device.mend();
    device.run(ALL);
    assert_eq!(rx.drain().len(), 2);
    device.break_by(Defect::StuckTransmitter);
    send(&mut tx, 1);
    device.run(ALL);
    assert_eq!((tx.reclaim(), rx.drain().len()), (0, 0));
}

#[test]
fn the_oldest_done_bit_can_be_missing_in_either_direction() {
    let (device, toy) = broken_by(Defect::OldestNeverDone(Direction::Rx));
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    send(&mut tx, 3);
    device.run(ALL);
    assert_eq!(tx.reclaim(), 3);
    assert_eq!(rx.next(), None);
    device.mend();
    device.run(ALL);
    assert_eq!(rx.drain().len(), 3);
    device.break_by(Defect::OldestNeverDone(Direction::Tx));
    send(&mut tx, 3);
    device.run(ALL);
    assert_eq!((tx.reclaim(), rx.drain().len()), (0, 3));
}

#[test]
fn frame_errors_are_counted_by_kind() {
    for (defect, counter, delivered) in [
        (Defect::Damaged, "CRCERRS", 1),
        (Defect::BadLength, "RLEC", 1),
        (Defect::Overrun, "RXOVR", 0),
    ] {
        let (device, toy) = broken_by(defect);
        let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
        send(&mut tx, 1);
        device.run(ALL);
        let mut got = Vec::new();
        got.extend(std::iter::from_fn(|| rx.next()));
        assert_eq!(got.len(), delivered, "{defect:?}");
        assert!(got.iter().all(|frame| frame.damaged), "{defect:?}");
        let seen = ["CRCERRS", "RLEC", "RXOVR", "GPRC"].map(|name| (name, toy.read(name, 0)));
        for (name, count) in seen {
            assert_eq!(count, u32::from(name == counter), "{defect:?}: {name}");
        }
    }
}

#[test]
fn a_device_can_reset_itself_after_some_frames() {
    let (device, toy) = broken_by(Defect::ResetsAfter(4));
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    send(&mut tx, 1);
    device.run(ALL);
    assert_eq!(rx.drain().len(), 1);
    assert_eq!(toy.read("TDT", 0), 1);
    send(&mut tx, 1);
    device.run(ALL);
    assert_eq!((toy.read("TDT", 0), toy.read("TCTL", 0)), (0, 0));
    // Once only.
    let (_rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    send(&mut tx, 5);
    device.run(ALL);
    assert_eq!(toy.read("TDT", 0), 5);
}
