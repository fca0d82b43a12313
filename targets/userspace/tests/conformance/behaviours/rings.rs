//! Positions: full and empty rings, batches of every size at every slot, and syncs of part of the available slots.

use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Instant;

use netmap_core::{Progress, RingMemory as _};
use netmap_sim::Defect;
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, Slots, positions};
use crate::cell::{Bus, Cell};
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new("a sync of empty rings does nothing, however often", empty),
    Behaviour::new(
        "a full transmit ring accepts no frame until there is room",
        full_tx,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a full receive ring keeps its frames, and others wait",
        full_rx,
    )
    .needs(Cell::holds_frames),
    Behaviour::new(
        "a receive ring that was full keeps its frames although the device lost others",
        lossy_rx,
    )
    .needs(Cell::loses_frames),
    Behaviour::new(
        "batches of every size are sent from every slot of the smallest ring",
        batches_sent,
    ),
    Behaviour::new(
        "batches of every size are received into every slot of the smallest ring",
        batches_received,
    ),
    Behaviour::new(
        "only slots before head are handed over, wherever cur is",
        head_counts,
    ),
    Behaviour::new(
        "slots can be released in steps of any size",
        partial_release,
    ),
    Behaviour::new("rings work with every size that the NIC supports", sizes),
];

fn empty(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let before = (positions(bench.tx.raw()), positions(bench.rx.raw()));
    let nothing = Progress::Synced {
        handed: 0,
        returned: 0,
    };
    for _ in 0..200 {
        assert_eq!(bench.tx.sync(), Ok(nothing));
        assert_eq!(bench.rx.sync(), Ok(nothing));
    }
    assert_eq!(
        (positions(bench.tx.raw()), positions(bench.rx.raw())),
        before
    );
    assert_eq!(bench.tx.room(), bench.tx.slots() - 1);
    assert_eq!(
        bench.tx.reserve(u32::MAX).len(),
        bench.tx.slots() as usize - 1
    );
    assert_eq!(bench.rx.frames().count(), 0);
    bench.send([frame(1, 60)]);
    bench.expect_arrivals([frame(1, 60)]);
}

fn full_tx(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let most = bench.tx.slots() - 1;
    // The ring is filled starting at every slot.
    for round in 0..=bench.tx.slots() {
        bench.device().break_by(Defect::StuckTransmitter);
        let numbers = round * 1000..round * 1000 + most;
        bench.send(numbers.clone().map(|number| frame(number, 60)));
        assert_eq!((bench.tx.room(), bench.tx.pending()), (0, most));
        for _ in 0..3 {
            assert!(bench.tx.reserve(1).next().is_none());
            let progress = bench.tx.sync().unwrap();
            assert!(matches!(
                progress,
                Progress::Synced {
                    handed: 0,
                    returned: 0
                }
            ));
        }
        bench.device().mend();
        bench.expect_arrivals(numbers.map(|number| frame(number, 60)));
        bench.drain();
        assert_eq!(bench.tx.room(), most);
        bench.send([frame(round, 61)]);
        bench.expect_arrivals([frame(round, 61)]);
        bench.drain();
    }
}

fn full_rx(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let most = bench.rx.slots() - 1;
    let mut first = 0;
    for _ in 0..3 {
        let total = 2 * most;
        let Bench { far, rx, .. } = &mut bench;
        thread::scope(|scope| {
            scope.spawn(|| (first..first + total).for_each(|number| far.send(&frame(number, 60))));
            let since = Instant::now();
            while rx.available() < most && since.elapsed() < LONG {
                rx.wait(SHORT).unwrap();
                rx.sync().unwrap();
            }
            thread::sleep(SHORT);
            rx.sync().unwrap();
            assert_eq!(rx.available(), most, "a slot stays free");
        });
        bench.expect_received((first..first + total).map(|number| frame(number, 60)));
        first += total + 1;
        // One more, so that the next round begins at another slot.
        bench.far.send(&frame(first - 1, 60));
        bench.expect_received([frame(first - 1, 60)]);
    }
    bench.assert_silent();
}

fn lossy_rx(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let most = bench.rx.slots() - 1;
    let mut number = 0;
    for _ in 0..3 {
        let first = number;
        number += 3 * most;
        (first..number).for_each(|number| bench.far.send(&frame(number, 60)));
        bench.await_frames(most);
        thread::sleep(SHORT);
        bench.rx.sync().unwrap();
        assert_eq!(bench.rx.available(), most, "a slot stays free");
        bench.expect_received((first..first + most).map(|number| frame(number, 60)));
        bench.rx.sync().unwrap();
        bench.assert_silent();
        // One more, so that the next round begins at another slot.
        bench.far.send(&frame(number, 60));
        bench.expect_received([frame(number, 60)]);
        bench.rx.sync().unwrap();
        number += 1;
    }
}

/// Rounds of one batch size, so that batches begin at every slot in turn.
fn rounds(cell: &Cell, slots: u32, batch: u32) -> u32 {
    match cell.bus {
        Bus::Sim => slots,
        // On QEMU a register write takes some microseconds, and waiting for its effect takes longer.
        Bus::Qemu(_) => slots.div_ceil(batch),
    }
}

fn batches_sent(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let mut number = 0;
    for batch in 1..bench.tx.slots() {
        for _ in 0..rounds(cell, bench.tx.slots(), batch) {
            let frames: Vec<_> = (number..number + batch).map(|n| frame(n, 60)).collect();
            bench.send(&frames);
            bench.expect_arrivals(&frames);
            bench.drain();
            number += batch;
        }
    }
    assert_eq!(bench.tx.counters().sent, u64::from(number));
    bench.assert_silent();
}

fn batches_received(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let mut number = 0;
    for batch in 1..bench.rx.slots() {
        for _ in 0..rounds(cell, bench.rx.slots(), batch) {
            let frames: Vec<_> = (number..number + batch).map(|n| frame(n, 60)).collect();
            frames.iter().for_each(|frame| bench.far.send(frame));
            bench.await_frames(batch);
            bench.expect_received(&frames);
            bench.rx.sync().unwrap();
            number += batch;
        }
    }
    assert_eq!(bench.rx.counters().received, u64::from(number));
    bench.assert_silent();
}

fn head_counts(cell: &Cell) {
    let mut bench = cell.open();
    // Seven is coprime to the size of most rings.
    let count = bench.sendable(7);
    for round in 0..20 {
        let numbers = round * count..(round + 1) * count;
        let frames: Vec<_> = numbers.map(|number| frame(number, 60)).collect();
        let (head, _, _) = positions(bench.tx.raw());
        let slots = bench.tx.slots();
        let mut reserved = bench.tx.reserve(count);
        for (mut slot, frame) in (&mut reserved).zip(&frames) {
            slot.write(frame).unwrap();
        }
        drop(reserved);
        let mut handed_so_far = 0;
        for (step, ahead) in [(1, 6), (2, 0), (0, 4), (3, 1), (1, 0)] {
            let step = step.min(count - handed_so_far);
            handed_so_far += step;
            let ahead = ahead.min(count - handed_so_far);
            let header = bench.tx.raw().header();
            let new_head = (head + handed_so_far) % slots;
            header.cur.store((new_head + ahead) % slots, Relaxed);
            header.head.store(new_head, Relaxed);
            let progress = bench.tx.sync().unwrap();
            assert!(matches!(progress, Progress::Synced { handed, .. } if handed == step));
            let from = (handed_so_far - step) as usize;
            bench.expect_arrivals(&frames[from..handed_so_far as usize]);
            assert_eq!(bench.far.receive(), None);
        }
        bench.drain();
    }
}

fn partial_release(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let most = bench.rx.slots() - 1;
    let (mut sent, mut taken) = (0, 0);
    for step in (1..most).cycle().take(3 * bench.rx.slots() as usize) {
        while sent < taken + most {
            bench.far.send(&frame(sent, 60));
            sent += 1;
        }
        bench.await_frames(most);
        bench.expect_received((taken..taken + step).map(|number| frame(number, 60)));
        taken += step;
        let progress = bench.rx.sync().unwrap();
        assert!(matches!(progress, Progress::Synced { handed, .. } if handed == step));
        assert!(bench.rx.available() >= most - step);
    }
    bench.expect_received((taken..sent).map(|number| frame(number, 60)));
}

/// The second smallest and the largest size, more than once around the ring.
fn sizes(cell: &Cell) {
    const BATCH: u32 = 100;
    let limits = [cell.facts.limits.tx, cell.facts.limits.rx];
    let smallest_but_one = limits.map(|limits| (limits.min + limits.multiple).min(limits.max));
    let largest = limits.map(|limits| limits.max);
    for [tx_slots, rx_slots] in [smallest_but_one, largest] {
        let config = PortConfig {
            tx_slots: Some(tx_slots),
            rx_slots: Some(rx_slots),
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::AsTold, config);
        assert_eq!((bench.tx.slots(), bench.rx.slots()), (tx_slots, rx_slots));
        let mut number = 0;
        while number <= tx_slots.max(rx_slots) {
            let batch = BATCH.min(tx_slots - 1).min(rx_slots - 1);
            let frames: Vec<_> = (number..number + batch).map(|n| frame(n, 60)).collect();
            bench.send(&frames);
            bench.expect_arrivals(&frames);
            frames.iter().for_each(|frame| bench.far.send(frame));
            bench.expect_received(&frames);
            bench.rx.sync().unwrap();
            bench.drain();
            number += batch;
        }
        bench.assert_silent();
    }
}
