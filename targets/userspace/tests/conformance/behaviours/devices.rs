//! Devices that misbehave: an error or a counter, never a panic, and a reset that mends it.

use std::time::Instant;

use netmap_core::{Progress, Reset};
use netmap_sim::Defect;
use netmap_userspace::{Error, Memory, PortConfig};

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, Slots, assert_same};
use crate::cell::Cell;
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new("a device that is stuck is started again by a reset", stuck)
        .needs(Cell::has_inside),
    Behaviour::new(
        "a device that was pulled out fails its reset and leaves the rings paused",
        pulled,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a device that reports more than a buffer holds is not believed",
        past_buffer,
    )
    .needs(Cell::has_inside),
    Behaviour::new("damaged frames are passed over and counted", damaged).needs(Cell::has_inside),
    Behaviour::new(
        "reports that come late and out of order are waited for",
        late,
    )
    .needs(Cell::has_inside),
    Behaviour::new("what a NIC cannot have is refused with the limit", limits),
];

fn stuck(cell: &Cell) {
    let mut bench = cell.open();
    bench.device().break_by(Defect::Stuck);
    bench.send((0..6).map(|number| frame(number, 60)));
    assert!(!bench.tx.drain(SHORT).unwrap());
    bench.device().mend();
    bench.reset();
    bench.drain();
    let mut arrived: Vec<_> = (0..6).map(|_| bench.arrival()).collect();
    arrived.dedup();
    assert!(arrived.contains(&frame(0, 60)));
}

fn pulled(cell: &Cell) {
    let mut bench = cell.open();
    bench.send([frame(0, 60)]);
    bench.expect_arrivals([frame(0, 60)]);
    bench.device().break_by(Defect::Gone);
    bench.send([frame(1, 60)]);
    assert!(!bench.tx.drain(SHORT).unwrap());
    assert!(!bench.rx.wait(SHORT).unwrap());
    let error = bench.port.reset(Reset::Device).unwrap_err();
    assert!(matches!(error, Error::Device(_)), "{error}");
    assert_eq!(bench.tx.sync(), Ok(Progress::Paused));

    // Put back, it is as good as new, and what waited goes out.
    bench.device().mend();
    bench.reset();
    bench.expect_arrivals([frame(1, 60)]);
}

/// Receives `expected` next, with a device that is whole again; slots before it may be empty.
fn expect_at_last(bench: &mut Bench, expected: &[u8]) {
    let since = Instant::now();
    loop {
        assert!(since.elapsed() < LONG);
        // What is still there of a lie is told once.
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
    for number in 0..200 {
        bench.far.send(&frame(number, 60));
    }
    let since = Instant::now();
    while bench.rx.counters().errors < 200 {
        assert!(since.elapsed() < LONG);
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
    for round in 0..50 {
        let frames: Vec<_> = (round * 5..round * 5 + 5)
            .map(|number| frame(number, 60))
            .collect();
        bench.send(&frames);
        bench.expect_arrivals(&frames);
        frames.iter().for_each(|frame| bench.far.send(frame));
        bench.expect_received(&frames);
        bench.drain();
    }
    bench.assert_lawful();
}

fn limits(cell: &Cell) {
    let memory = Memory::create(64).unwrap();
    let open = |config| cell.stopped(&memory, Slots::Some, config).map(drop);
    let config = PortConfig {
        queues: 1000,
        ..PortConfig::default()
    };
    let error = open(config).unwrap_err();
    assert!(matches!(error, Error::Config { .. }), "{error}");
    let config = PortConfig {
        frame_max: 70_000,
        ..PortConfig::default()
    };
    let error = open(config).unwrap_err();
    assert!(matches!(error, Error::Config { .. }), "{error}");
    // The pool is too small for two rings of 64.
    let error = open(PortConfig::default()).unwrap_err();
    assert!(matches!(error, Error::NoBuffers { .. }), "{error}");
    assert_eq!(memory.free_buffers(), 62);
}
