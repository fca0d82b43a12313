//! Devices that misbehave: they cause an error or a count, never a panic, and a reset recovers.

use std::time::Instant;

use netmap_core::{Completion, Direction, Reset, SyncError};
use netmap_sim::Defect;
use netmap_userspace::{AnyPort, Error, PortConfig};

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, Slots, assert_same, memory, put};
use crate::cell::Cell;
use crate::frames::{frame, number_of};

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new("a reset restarts a stuck device", stuck).needs(Cell::has_inside),
    Behaviour::new(
        "a removed device is noticed by the next tick, and a reset starts it when it is back",
        pulled,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a start, a stop and every reset notice that the device was removed",
        absent,
    )
    .needs(Cell::has_inside),
    Behaviour::new("a reported length past the buffer is an error", past_buffer)
        .needs(|cell| cell.has_inside().and(cell.reports_overlong())),
    Behaviour::new("damaged frames are skipped and counted", damaged).needs(Cell::has_inside),
    Behaviour::new("late and out-of-order completions are handled", late).needs(Cell::has_inside),
    Behaviour::new(
        "a missing transmit completion blocks later ones and is counted",
        tx_withheld,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a missing receive completion blocks later ones and is counted",
        rx_withheld,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "an invalid head in the register returns no slot and is an error each time",
        |cell| {
            invalid_heads(cell, Completion::HeadRegister);
        },
    )
    .needs(|cell| {
        cell.has_inside()
            .and(cell.completes_by(Completion::HeadRegister))
    }),
    Behaviour::new(
        "an invalid head write-back returns no slot and is an error each time",
        |cell| {
            invalid_heads(cell, Completion::HeadWriteback);
        },
    )
    .needs(|cell| {
        cell.has_inside()
            .and(cell.completes_by(Completion::HeadWriteback))
    }),
    Behaviour::new(
        "a reset restarts a device that has reset itself",
        resets_itself,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a stuck transmitter does not affect the receiver, and vice versa",
        half_stuck,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "an unsupported configuration is refused with the limit",
        limits,
    ),
];

fn stuck(cell: &Cell) {
    let mut bench = cell.open();
    bench.device().break_by(Defect::Stuck);
    let count = bench.sendable(6);
    bench.send((0..count).map(|number| frame(number, 60)));
    assert!(!bench.tx.drain(SHORT).unwrap());
    bench.device().mend();
    bench.reset();
    bench.drain();
    let mut arrived: Vec<_> = (0..count).map(|_| bench.arrival()).collect();
    arrived.dedup();
    assert!(arrived.contains(&frame(0, 60)));
}

fn pulled(cell: &Cell) {
    let mut bench = cell.open();
    bench.send([frame(0, 60)]);
    bench.expect_arrivals([frame(0, 60)]);
    bench.drain();
    let counters = |bench: &mut Bench| -> Vec<u64> {
        let counters = bench.port.statistics();
        counters.into_iter().map(|(_, count)| count).collect()
    };
    let counted = counters(&mut bench);
    bench.device().break_by(Defect::Gone);
    bench.send([frame(1, 60)]);
    assert!(!bench.tx.drain(SHORT).unwrap());
    assert!(!bench.rx.wait(SHORT).unwrap());
    for _ in 0..2 {
        let error = bench.port.tick().unwrap_err();
        assert!(matches!(error, Error::Gone { .. }), "{error}");
        let error = bench.port.wait_for_link(LONG).unwrap_err();
        assert!(matches!(error, Error::Gone { .. }), "{error}");
        assert_eq!(bench.tx.sync(), Err(SyncError::DeviceGone));
        assert_eq!(bench.rx.sync(), Err(SyncError::DeviceGone));
        assert!(bench.tx.drain(LONG).is_err());
        assert!(bench.rx.wait(LONG).is_err());
        assert_eq!(counters(&mut bench), counted);
        let error = bench.port.reset(Reset::Device).unwrap_err();
        assert!(matches!(error, Error::Gone { .. }), "{error}");
    }

    // The device is back: a reset starts it, and the waiting frames are sent.
    bench.device().mend();
    bench.reset();
    bench.expect_arrivals([frame(1, 60)]);
    bench.far.send(&frame(2, 60));
    bench.expect_received([frame(2, 60)]);
}

/// Every call of control that touches the device notices it first.
fn absent(cell: &Cell) {
    type Call = fn(&mut AnyPort) -> Result<(), Error>;
    let mut bench = cell.open();
    let calls: [(&str, Call); 5] = [
        ("stop", |port| port.stop()),
        ("reset of the device", |port| port.reset(Reset::Device)),
        ("reset of the link", |port| port.reset(Reset::Link)),
        ("reset of tx ring 0", |port| port.reset(Reset::Tx(0))),
        ("reset of rx ring 0", |port| port.reset(Reset::Rx(0))),
    ];
    for (number, (what, call)) in (0..).zip(calls) {
        bench.device().break_by(Defect::Gone);
        let error = call(&mut bench.port).unwrap_err();
        assert!(matches!(error, Error::Gone { .. }), "{what}: {error}");
        assert_eq!(bench.tx.sync(), Err(SyncError::DeviceGone), "{what}");
        // There is nothing left to stop.
        bench.port.stop().unwrap();
        let error = bench.port.start().unwrap_err();
        assert!(matches!(error, Error::Gone { .. }), "{what}: {error}");
        bench.device().mend();
        bench.reset();
        bench.send([frame(number, 60)]);
        bench.expect_arrivals([frame(number, 60)]);
        bench.drain();
    }
    // A stopped port notices it when it starts.
    bench.port.stop().unwrap();
    bench.device().break_by(Defect::Gone);
    let error = bench.port.start().unwrap_err();
    assert!(matches!(error, Error::Gone { .. }), "{error}");
    bench.device().mend();
    bench.reset();
}

/// Receives `expected` next, after the fault is removed; slots before it may be empty.
fn expect_at_last(bench: &mut Bench, expected: &[u8]) {
    let since = Instant::now();
    loop {
        assert!(since.elapsed() < LONG);
        // A remaining invalid report is returned once.
        let _ = bench.rx.sync();
        let mut frames = bench.rx.frames();
        let next = frames.next().map(|frame| frame.to_vec().unwrap());
        frames.release();
        if let Some(found) = next {
            return assert_same(&found, expected);
        }
    }
}

fn past_buffer(cell: &Cell) {
    let mut bench = cell.open();
    bench.device().break_by(Defect::Length(u16::MAX));
    bench.far.send(&frame(0, 60));
    let since = Instant::now();
    while bench.rx.counters().overlong == 0 {
        let _ = bench.rx.sync();
        assert!(since.elapsed() < LONG);
    }
    bench.device().mend();
    bench.far.send(&frame(1, 60));
    expect_at_last(&mut bench, &frame(1, 60));
}

fn damaged(cell: &Cell) {
    let mut bench = cell.open();
    bench.device().break_by(Defect::Damaged);
    let (since, mut sent) = (Instant::now(), 0);
    while bench.rx.counters().errors < 200 {
        assert!(since.elapsed() < LONG);
        let most = bench.rx.counters().errors + u64::from(cell.under_way(&bench.rx));
        while sent < most.min(200) {
            bench.far.send(&frame(sent as u32, 60));
            sent += 1;
        }
        bench.rx.sync().unwrap();
        let mut frames = bench.rx.frames();
        assert!(frames.next().is_none());
        frames.release();
    }
    bench.device().mend();
    bench.far.send(&frame(200, 60));
    expect_at_last(&mut bench, &frame(200, 60));
}

fn late(cell: &Cell) {
    let mut bench = cell.open();
    bench.device().break_by(Defect::DoneOutOfOrder);
    bench.device().break_by(Defect::DoneLate(3));
    let count = bench.sendable(5).min(bench.receivable(5));
    for round in 0..50 {
        let numbers = round * count..(round + 1) * count;
        let frames: Vec<_> = numbers.map(|number| frame(number, 60)).collect();
        bench.send(&frames);
        bench.expect_arrivals(&frames);
        frames.iter().for_each(|frame| bench.far.send(frame));
        bench.expect_received(&frames);
        bench.drain();
    }
}

/// Syncs with a permanently stuck device: several times the number after which a fault is counted.
const SYNCS: u32 = 300;

/// Schemes that report each slot separately; a head position cannot omit one.
fn by_slot(cell: &Cell) -> impl Iterator<Item = Completion> + use<> {
    let by_slot = [Completion::DoneBit, Completion::OwnerBit];
    let known = cell.facts.limits.completions;
    by_slot
        .into_iter()
        .filter(|completion| known.contains(completion))
}

fn tx_withheld(cell: &Cell) {
    for completion in by_slot(cell) {
        let config = PortConfig {
            completion: Some(completion),
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Some, config);
        let slots = bench.tx.slots();
        let count = bench.sendable(10);
        // Separate batches, so that each frame is reported.
        bench
            .device()
            .break_by(Defect::OldestNeverDone(Direction::Tx));
        for number in 0..count {
            bench.send([frame(number, 60)]);
            bench.expect_arrivals([frame(number, 60)]);
        }
        for _ in 0..SYNCS {
            bench.tx.sync().unwrap();
            assert_eq!(bench.tx.pending(), count, "{}", completion.name());
        }
        let counters = bench.tx.counters();
        assert!(counters.faults > 0, "{} counts nothing", completion.name());
        assert_eq!((counters.sent, counters.refused), (0, 0));
        bench.device().mend();
        bench.reset();
        bench.drain();
        assert_eq!(bench.tx.room(), slots - 1);
        bench.send([frame(99, 60)]);
        while bench.arrival() != frame(99, 60) {}
    }
}

fn rx_withheld(cell: &Cell) {
    let mut bench = cell.open();
    for number in 0..3 {
        bench.far.send(&frame(number, 60));
        bench.expect_received([frame(number, 60)]);
    }
    bench.rx.sync().unwrap();
    bench
        .device()
        .break_by(Defect::OldestNeverDone(Direction::Rx));
    // All slots are free.
    let until = 3 + 10.min(bench.rx.slots() - 1);
    for number in 3..until {
        bench.far.send(&frame(number, 60));
    }
    bench.await_taken(until);
    // Received frames are reported a little later, on a busy machine after many syncs.
    let since = Instant::now();
    let mut syncs = 0;
    while syncs < SYNCS || bench.rx.counters().faults == 0 {
        bench.rx.sync().unwrap();
        assert_eq!(bench.rx.available(), 0);
        syncs += 1;
        assert!(since.elapsed() < LONG, "the fault is not counted");
    }
    bench.device().mend();
    bench.reset();
    // The blocked frames arrive in order, or not at all, and make room for one more.
    bench.rx.sync().unwrap();
    let mut blocked = bench.rx.frames();
    let numbers = (&mut blocked).map(|frame| number_of(&frame.to_vec().unwrap()));
    let mut found: Vec<_> = numbers.collect();
    blocked.release();
    bench.rx.sync().unwrap();
    bench.far.send(&frame(99, 60));
    while found.last() != Some(&99) {
        found.push(number_of(&bench.take(1)[0]));
    }
    assert!(found.is_sorted_by(|a, b| a < b), "{found:?}");
}

fn invalid_heads(cell: &Cell, completion: Completion) {
    let config = PortConfig {
        completion: Some(completion),
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    for number in 0..20 {
        bench.send([frame(number, 60)]);
        bench.expect_arrivals([frame(number, 60)]);
        bench.drain();
    }
    let slots = bench.tx.slots();
    // The NIC's head is 20, and 20 to 25 are outstanding.
    for value in [19, 26, 40, 0, slots, slots + 20, u32::MAX] {
        bench.device().break_by(Defect::StuckTransmitter);
        bench.device().break_by(Defect::Head(value));
        let frames: Vec<_> = (0..5).map(|number| frame(number, 60)).collect();
        put(&mut bench.tx, &frames);
        let before = bench.tx.counters();
        for round in 1..5 {
            match bench.tx.sync() {
                Err(SyncError::NicHeadOutOfRange { read, .. }) => assert_eq!(read, value),
                // The NIC writes its head only after it has moved.
                Ok(_) if completion == Completion::HeadWriteback => {}
                other => panic!("{other:?} for a head at {value}"),
            }
            assert_eq!(bench.tx.pending(), 5);
            if completion == Completion::HeadRegister {
                assert_eq!(bench.tx.counters().faults, before.faults + round);
            }
        }
        assert_eq!(bench.tx.counters().sent, before.sent);
        bench.device().mend();
        bench.drain();
        bench.expect_arrivals(&frames);
        // Back to the position where the other values start.
        bench.reset();
        for number in 0..20 {
            bench.send([frame(number, 60)]);
            bench.expect_arrivals([frame(number, 60)]);
            bench.drain();
        }
    }
}

fn resets_itself(cell: &Cell) {
    let mut bench = cell.open();
    let count = bench.sendable(10);
    for round in 0..5 {
        bench.send([frame(round, 60)]);
        bench.expect_arrivals([frame(round, 60)]);
        bench.drain();
        // Those before the defect are the driver's own.
        let violations = bench.device().take_violations();
        assert!(violations.is_empty(), "{violations}");
        bench
            .device()
            .break_by(Defect::ResetsAfter(u64::from(round) + 1));
        let frames: Vec<_> = (100..100 + count).map(|number| frame(number, 60)).collect();
        bench.send(&frames);
        // Whatever happens, there must be no panic and no frame that was not sent.
        for _ in 0..100 {
            let _ = bench.tx.sync();
            let _ = bench.rx.sync();
        }
        bench.device().mend();
        bench.reset();
        // The driver could not know that the device was not set up.
        bench.device().take_violations();
        bench.drain();
        bench.send([frame(1000, 60)]);
        let mut arrived = vec![bench.arrival()];
        while arrived.last() != Some(&frame(1000, 60)) {
            arrived.push(bench.arrival());
        }
        for frame in &frames {
            assert!(arrived.contains(frame));
        }
        bench.drain();
        bench.far.send(&frame(round, 60));
        bench.expect_received([frame(round, 60)]);
    }
}

fn half_stuck(cell: &Cell) {
    let mut bench = cell.open();
    bench.device().break_by(Defect::StuckTransmitter);
    bench.send([frame(0, 60)]);
    for number in 0..100 {
        bench.far.send(&frame(number, 60));
        bench.expect_received([frame(number, 60)]);
    }
    assert_eq!(bench.tx.pending(), 1);
    bench.device().mend();
    bench.expect_arrivals([frame(0, 60)]);
    bench.drain();
    bench.device().break_by(Defect::StuckReceiver);
    bench.far.send(&frame(500, 60));
    for number in 0..100 {
        bench.send([frame(number, 60)]);
        bench.expect_arrivals([frame(number, 60)]);
        bench.drain();
    }
    bench.rx.sync().unwrap();
    assert_eq!(bench.rx.available(), 0);
    bench.device().mend();
    bench.expect_received([frame(500, 60)]);
}

fn limits(cell: &Cell) {
    // The pool is too small for the rings: two buffers are reserved.
    let few = cell.some_slots(PortConfig::default()).buffers() + 1;
    let memory = memory(few);
    let open = |config| cell.stopped(&memory, Slots::Some, config).map(drop);
    let config = PortConfig {
        queues: 1000,
        ..PortConfig::default()
    };
    let error = open(config).unwrap_err();
    assert!(matches!(error, Error::Config { .. }), "{error}");
    let config = PortConfig {
        frame_max: Some(70_000),
        ..PortConfig::default()
    };
    let error = open(config).unwrap_err();
    assert!(matches!(error, Error::Config { .. }), "{error}");
    let error = open(PortConfig::default()).unwrap_err();
    assert!(matches!(error, Error::NoBuffers { .. }), "{error}");
    assert_eq!(memory.free_buffers(), few - 2);
}
