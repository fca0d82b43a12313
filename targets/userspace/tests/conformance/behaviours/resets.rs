//! A reset is invisible to the client: positions stay, nothing is lost, nothing comes twice that was told.

use std::thread;

use netmap_core::{Policy, Progress, Reset};
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, Slots, assert_same, positions, put};
use crate::cell::Cell;
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "frames handed over and not sent leave after the reset",
        resent,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "frames handed over and not sent are dropped and counted if so configured",
        dropped,
    )
    .needs(Cell::has_inside),
    Behaviour::new("frames received and not read stay readable", unread),
    Behaviour::new(
        "frames that arrived unnoticed before a reset are there after it",
        unnoticed,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "the smallest rings work at every offset between client and NIC",
        every_offset,
    ),
    Behaviour::new(
        "resets in the middle of traffic lose and repeat nothing received",
        amid_traffic,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a stopped port pauses its rings and goes on where it was",
        stopped,
    ),
];

/// Lets frames stand in the transmit ring: without a link nothing leaves.
fn stall(bench: &mut Bench, numbers: std::ops::Range<u32>) {
    bench.device().set_link(false);
    bench.send(numbers.map(|number| frame(number, 70)));
}

fn go_on(bench: &mut Bench) {
    bench.device().set_link(true);
    bench.port.wait_for_link(LONG).unwrap();
}

fn resent(cell: &Cell) {
    let mut bench = cell.open();
    bench.send((0..5).map(|number| frame(number, 70)));
    bench.drain();
    stall(&mut bench, 5..15);
    let before = positions(bench.tx.raw());

    bench.port.reset(Reset::Device).unwrap();

    assert_eq!(positions(bench.tx.raw()), before);
    go_on(&mut bench);
    bench.send([frame(15, 70)]);
    bench.expect_arrivals((0..=15).map(|number| frame(number, 70)));
    bench.drain();
    bench.assert_silent();
    assert_eq!(bench.tx.counters().dropped, 0);
    bench.assert_lawful();
}

fn dropped(cell: &Cell) {
    let config = PortConfig {
        policy: Policy::Drop,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    stall(&mut bench, 0..10);
    let before = positions(bench.tx.raw());

    bench.port.reset(Reset::Device).unwrap();

    assert_eq!(bench.tx.counters().dropped, 10);
    assert_eq!(positions(bench.tx.raw()), before);
    bench.tx.sync().unwrap();
    assert_eq!(bench.tx.pending(), 0);
    go_on(&mut bench);
    bench.send([frame(99, 70)]);
    bench.expect_arrivals([frame(99, 70)]);
    bench.assert_lawful();
}

fn unread(cell: &Cell) {
    let mut bench = cell.open();
    for number in 0..9 {
        bench.far.send(&frame(number, 70));
    }
    bench.await_frames(9);
    bench.expect_received([frame(0, 70), frame(1, 70)]);
    let before = positions(bench.rx.raw());

    bench.port.reset(Reset::Device).unwrap();

    assert_eq!(positions(bench.rx.raw()), before);
    bench.port.wait_for_link(LONG).unwrap();
    for number in 9..12 {
        bench.far.send(&frame(number, 70));
    }
    bench.expect_received((2..12).map(|number| frame(number, 70)));
    bench.assert_lawful();
}

fn unnoticed(cell: &Cell) {
    let mut bench = cell.open();
    for number in 0..3 {
        bench.far.send(&frame(number, 70));
    }
    while bench.device().counts().rx_frames < 3 {
        thread::yield_now();
    }
    bench.port.reset(Reset::Device).unwrap();
    assert_eq!(bench.rx.available(), 0);
    bench.rx.sync().unwrap();
    assert_eq!(bench.rx.available(), 3);
    bench.expect_received((0..3).map(|number| frame(number, 70)));
    bench.assert_lawful();
}

/// Client and NIC stand apart by every number of slots that a ring allows, in both directions.
fn every_offset(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let slots = bench.tx.slots().max(bench.rx.slots());
    let mut number = 0;
    for _ in 0..=slots {
        // One slot more, then a reset, and the two sides stand one further apart.
        bench.send([frame(number, 70)]);
        bench.expect_arrivals([frame(number, 70)]);
        bench.drain();
        bench.far.send(&frame(number, 70));
        bench.expect_received([frame(number, 70)]);
        bench.rx.sync().unwrap();
        number += 1;
        // Some frames are received before the reset and read after it.
        let unread = number..number + bench.rx.slots() / 2;
        number = unread.end;
        for number in unread.clone() {
            bench.far.send(&frame(number, 70));
        }
        bench.await_frames(unread.end - unread.start);
        bench.reset();
        bench.expect_received(unread.map(|number| frame(number, 70)));

        // Once around and a little more, in batches of all sizes.
        for batch in 1..bench.tx.slots() {
            let frames: Vec<_> = (number..number + batch)
                .map(|number| frame(number, 70))
                .collect();
            bench.send(&frames);
            bench.expect_arrivals(&frames);
            bench.drain();
            frames.iter().for_each(|frame| bench.far.send(frame));
            bench.expect_received(&frames);
            number += batch;
        }
    }
    bench.assert_lawful();
}

fn amid_traffic(cell: &Cell) {
    let mut bench = cell.open();
    let bytes = |number: u32| frame(number, 64 + number as usize % 100);
    let (mut sent, mut received) = (0, 0);
    for round in 0..200 {
        for _ in 0..round % 13 {
            bench.far.send(&bytes(sent));
            sent += 1;
        }
        bench.rx.sync().unwrap();
        if round % 5 == 0 {
            // What finds the receiver off is lost on any wire.
            while bench.device().counts().rx_frames < u64::from(sent) {
                thread::yield_now();
            }
            bench.reset();
        }
        let available = bench.rx.available() as usize;
        for found in bench.take(available / 2) {
            assert_same(&found, &bytes(received));
            received += 1;
        }
    }
    bench.expect_received((received..sent).map(bytes));
}

fn stopped(cell: &Cell) {
    let mut bench = cell.open();
    bench.send([frame(0, 70)]);
    bench.expect_arrivals([frame(0, 70)]);
    bench.port.stop().unwrap();
    bench.port.stop().unwrap();

    put(&mut bench.tx, [frame(1, 70)]);
    assert_eq!(bench.tx.sync(), Ok(Progress::Paused));
    assert_eq!(bench.rx.sync(), Ok(Progress::Paused));
    assert!(!bench.rx.wait(SHORT).unwrap());

    bench.port.start().unwrap();
    bench.port.wait_for_link(LONG).unwrap();
    bench.tx.sync().unwrap();
    bench.expect_arrivals([frame(1, 70)]);
    bench.assert_lawful();
}
