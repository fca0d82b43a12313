//! A reset is invisible to the client: positions do not move, no frame is lost, and no completed frame is sent twice.

use std::ops::Range;
use std::time::Instant;

use netmap_core::{Policy, Progress, Reset};
use netmap_sim::Defect;
use netmap_userspace::{BUFFER_SIZE, PortConfig};

use super::Behaviour;
use crate::bench::{Bench, LONG, Nic, SHORT, Slots, assert_same, positions, put};
use crate::cell::Cell;
use crate::frames::{frame, number_of};

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new("unsent frames are sent after a reset", resent).needs(Cell::has_inside),
    Behaviour::new(
        "unsent frames are dropped and counted at a reset if so configured",
        dropped,
    )
    .needs(Cell::has_inside),
    Behaviour::new("received frames stay readable over a reset", unread),
    Behaviour::new(
        "frames that arrived before a reset without a sync are available after it",
        unnoticed,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a reset of any kind loses no frame of a partly filled, full or overfull ring",
        filled,
    )
    .needs(Cell::holds_frames),
    Behaviour::new(
        "the smallest rings work at every offset between client and NIC",
        every_offset,
    ),
    Behaviour::new(
        "resets during traffic lose and repeat no received frame",
        amid_traffic,
    )
    .repeats()
    .needs(|cell| cell.has_inside().and(cell.holds_frames())),
    Behaviour::new(
        "a reset of the link alone moves no position and loses nothing",
        |cell| {
            one_reset(cell, Reset::Link);
        },
    ),
    Behaviour::new(
        "a reset of a transmit ring moves no position and loses nothing",
        |cell| {
            one_reset(cell, Reset::Tx(0));
        },
    ),
    Behaviour::new(
        "a reset of a receive ring moves no position and loses nothing",
        |cell| {
            one_reset(cell, Reset::Rx(0));
        },
    ),
    Behaviour::new(
        "a reset of the device moves no position and loses nothing",
        |cell| {
            one_reset(cell, Reset::Device);
        },
    ),
    Behaviour::new(
        "resets of every kind at any point resend everything in order",
        |cell| {
            at_any_point(cell, Policy::Resend);
        },
    )
    .repeats()
    .needs(Cell::has_inside),
    Behaviour::new(
        "resets of every kind at any point drop only outstanding frames",
        |cell| {
            at_any_point(cell, Policy::Drop);
        },
    )
    .repeats()
    .needs(Cell::has_inside),
    Behaviour::new(
        "a flapping link loses no frame that was handed over",
        flapping,
    )
    .needs(|cell| cell.has_inside().and(cell.holds_frames())),
    Behaviour::new(
        "a stopped port pauses its rings and later continues at the same positions",
        stopped,
    ),
];

/// Leaves frames in the transmit ring: without a link no frame is sent.
fn stall(bench: &mut Bench, numbers: Range<u32>) {
    bench.device().set_link(false);
    bench.send(numbers.map(|number| frame(number, 70)));
}

fn go_on(bench: &mut Bench) {
    bench.device().set_link(true);
    bench.port.wait_for_link(LONG).unwrap();
}

fn resent(cell: &Cell) {
    let mut bench = cell.open();
    let sent = bench.sendable(5);
    bench.send((0..sent).map(|number| frame(number, 70)));
    bench.drain();
    let last = sent + bench.sendable(10);
    stall(&mut bench, sent..last);
    let before = positions(bench.tx.raw());

    bench.port.reset(Reset::Device).unwrap();

    assert_eq!(positions(bench.tx.raw()), before);
    go_on(&mut bench);
    assert!(bench.tx.wait_for_room(1, LONG).unwrap());
    bench.send([frame(last, 70)]);
    bench.expect_arrivals((0..=last).map(|number| frame(number, 70)));
    bench.drain();
    bench.assert_silent();
    assert_eq!(bench.tx.counters().dropped, 0);
}

fn dropped(cell: &Cell) {
    let queue = cell.restarts_queues().ok().map(|()| Reset::Tx(0));
    for which in [Reset::Device].into_iter().chain(queue) {
        let config = PortConfig {
            policy: Policy::Drop,
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Some, config);
        let count = bench.sendable(10);
        stall(&mut bench, 0..count);
        let before = positions(bench.tx.raw());

        bench.port.reset(which).unwrap();

        assert_eq!(bench.tx.counters().dropped, u64::from(count), "{which:?}");
        assert_eq!(positions(bench.tx.raw()), before);
        bench.tx.sync().unwrap();
        assert_eq!(bench.tx.pending(), 0);
        go_on(&mut bench);
        bench.send([frame(99, 70)]);
        bench.expect_arrivals([frame(99, 70)]);
    }
}

fn unread(cell: &Cell) {
    let mut bench = cell.open();
    let count = bench.receivable(9);
    let read = count / 3;
    for number in 0..count {
        bench.far.send(&frame(number, 70));
    }
    bench.await_frames(count);
    bench.expect_received((0..read).map(|number| frame(number, 70)));
    let before = positions(bench.rx.raw());

    bench.port.reset(Reset::Device).unwrap();

    assert_eq!(positions(bench.rx.raw()), before);
    bench.port.wait_for_link(LONG).unwrap();
    for number in count..count + read {
        bench.far.send(&frame(number, 70));
    }
    bench.expect_received((read..count + read).map(|number| frame(number, 70)));
}

fn unnoticed(cell: &Cell) {
    let mut bench = cell.open();
    let count = bench.receivable(3);
    for number in 0..count {
        bench.far.send(&frame(number, 70));
    }
    bench.await_taken(count);
    bench.port.reset(Reset::Device).unwrap();
    assert_eq!(bench.rx.available(), 0);
    bench.rx.sync().unwrap();
    assert_eq!(bench.rx.available(), count);
    bench.expect_received((0..count).map(|number| frame(number, 70)));
}

/// A ring that nobody reads gets a few frames, as many as it holds, one more, and many more; then a reset of each kind.
fn filled(cell: &Cell) {
    let resets: [fn(&mut Bench); 5] = [
        |bench| bench.port.reset(Reset::Device).unwrap(),
        |bench| bench.port.reset(Reset::Link).unwrap(),
        |bench| bench.port.reset(Reset::Tx(0)).unwrap(),
        |bench| bench.port.reset(Reset::Rx(0)).unwrap(),
        |bench| {
            bench.port.stop().unwrap();
            bench.port.start().unwrap();
        },
    ];
    let long = cell.has_long_frames().ok();
    let long = long.map(|()| cell.facts.limits.rx_frame_max.min(BUFFER_SIZE + 70));
    let lengths = [70].into_iter().chain(long.map(|len| len as usize));
    let config = PortConfig {
        frame_max: long,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Fewest, config);
    let holds = bench.rx.slots() - 1;
    let mut next = 0;
    let frames: Vec<_> = lengths
        .flat_map(|len| [(len, false), (len, true)])
        .collect();
    // QEMU's links take half a second to return, so there each two of reset, frames and count meet, but not all three.
    let every = match &bench.nic {
        Nic::Sim(_) => 1,
        Nic::Qemu(_) => frames.len(),
    };
    for (which, reset) in resets.into_iter().enumerate() {
        for (kind, &(length, synced)) in frames.iter().enumerate() {
            let counts = [holds / 2, holds, holds + 1, holds + 8];
            for (filled, count) in counts.into_iter().enumerate() {
                if (which + kind + filled).is_multiple_of(every) {
                    let first = next;
                    next += count;
                    survive(&mut bench, reset, first..next, length, synced);
                }
            }
        }
    }
    bench.assert_silent();
}

/// Receives frames, after a sync or not, resets, and reads them.
fn survive(
    bench: &mut Bench,
    reset: fn(&mut Bench),
    numbers: Range<u32>,
    length: usize,
    synced: bool,
) {
    // All slots that were read receive again. A read of a register is answered after the doorbell: before that, QEMU's
    // models drop a frame that needs more slots than they have.
    bench.rx.sync().unwrap();
    bench.port.link().unwrap();
    let count = numbers.end - numbers.start;
    // The device receives this many in any case.
    let least = match length > BUFFER_SIZE as usize {
        true => 1,
        false => count.min(bench.rx.slots() - 1),
    };
    let before = match &bench.nic {
        Nic::Sim(_) => bench.device().counts().rx_frames,
        Nic::Qemu(_) => 0,
    };
    for number in numbers.clone() {
        bench.far.send(&frame(number, length));
    }
    let received = match &bench.nic {
        Nic::Sim(_) => {
            bench.await_taken(before as u32 + least);
            (bench.await_idle() - before) as u32
        }
        Nic::Qemu(_) => {
            bench.await_frames(least);
            least
        }
    };
    if synced {
        bench.rx.sync().unwrap();
    }

    reset(bench);

    bench.port.wait_for_link(LONG).unwrap();
    // Later frames may be lost while the receiver is off, as on any wire.
    let certain = numbers.start..numbers.start + received;
    bench.expect_received(certain.clone().map(|number| frame(number, length)));
    let end = frame(numbers.end, 71);
    bench.far.send(&end);
    let mut after = certain.end;
    loop {
        let found = bench.take(1).remove(0);
        if found == end {
            break;
        }
        let number = number_of(&found);
        assert!((after..numbers.end).contains(&number), "frame {number}");
        assert_same(&found, &frame(number, length));
        after = number + 1;
    }
}

/// Every possible offset between the client's and the NIC's positions, in both directions.
fn every_offset(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let slots = bench.tx.slots().max(bench.rx.slots());
    let mut number = 0;
    for _ in 0..=slots {
        // One slot more, then a reset, increases the offset by one.
        bench.send([frame(number, 70)]);
        bench.expect_arrivals([frame(number, 70)]);
        bench.drain();
        bench.far.send(&frame(number, 70));
        bench.expect_received([frame(number, 70)]);
        bench.rx.sync().unwrap();
        number += 1;
        // Some frames are received before the reset and read after it.
        let unread = number..number + (bench.rx.slots() / 2).min(cell.under_way(&bench.rx));
        number = unread.end;
        for number in unread.clone() {
            bench.far.send(&frame(number, 70));
        }
        bench.await_frames(unread.end - unread.start);
        bench.reset();
        bench.expect_received(unread.map(|number| frame(number, 70)));

        // A little more than once around the ring, in batches of all sizes.
        for batch in 1..bench.tx.slots() {
            let frames: Vec<_> = (number..number + batch)
                .map(|number| frame(number, 70))
                .collect();
            bench.send(&frames);
            bench.expect_arrivals(&frames);
            bench.drain();
            for some in frames.chunks(cell.under_way(&bench.rx) as usize) {
                bench.rx.sync().unwrap();
                some.iter().for_each(|frame| bench.far.send(frame));
                bench.expect_received(some);
            }
            number += batch;
        }
    }
}

fn amid_traffic(cell: &Cell) {
    let mut bench = cell.open();
    let bytes = |number: u32| frame(number, 64 + number as usize % 100);
    let (mut sent, mut received) = (0, 0);
    for round in 0..200 {
        // No more than the ring holds, so that the device takes all of them.
        let room = bench.rx.slots() - 1 - (sent - received);
        for _ in 0..room.min(round % 13) {
            bench.far.send(&bytes(sent));
            sent += 1;
        }
        bench.rx.sync().unwrap();
        if round % 5 == 0 {
            // What finds the receiver off is lost on any wire.
            bench.await_taken(sent);
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

/// Receives frames, reads half of them, sends frames, and resets; everything continues at the same positions.
fn one_reset(cell: &Cell, which: Reset) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let unread = (bench.rx.slots() - 1).min(5);
    let mut number = 0;
    for _ in 0..2 {
        let few = 3.min(bench.tx.slots() - 1);
        bench.send((0..few).map(|at| frame(number + at, 70)));
        bench.expect_arrivals((0..few).map(|at| frame(number + at, 70)));
        bench.drain();
        bench.rx.sync().unwrap();
        for at in 0..unread {
            bench.far.send(&frame(number + at, 70));
        }
        bench.await_frames(unread);
        bench.expect_received([frame(number, 70)]);
        let before = (positions(bench.tx.raw()), positions(bench.rx.raw()));

        bench.port.reset(which).unwrap();

        let after = (positions(bench.tx.raw()), positions(bench.rx.raw()));
        assert_eq!(after, before);
        bench.port.wait_for_link(LONG).unwrap();
        bench.expect_received((1..unread).map(|at| frame(number + at, 70)));
        number += unread.max(few);
        // Once around the ring, both ways.
        for _ in 0..=bench.tx.slots() {
            bench.send([frame(number, 70)]);
            bench.expect_arrivals([frame(number, 70)]);
            bench.drain();
            bench.rx.sync().unwrap();
            bench.far.send(&frame(number, 70));
            bench.expect_received([frame(number, 70)]);
            number += 1;
        }
    }
    assert_eq!(bench.tx.counters().dropped, 0);
    bench.assert_silent();
}

/// Pseudo-random numbers, the same in every run (xorshift; Marsaglia 2003).
struct Dice(u32);

impl Dice {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % end
    }
}

/// Both directions at once with the smallest rings: frames are sent, blocked, received, read or not, and in between
/// something is reset.
fn at_any_point(cell: &Cell, policy: Policy) {
    let config = PortConfig {
        policy,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Fewest, config);
    let mut dice = Dice(0x2545_f491);
    let (mut sent, mut incoming, mut received) = (0, 0, 0);
    let mut arrived = Vec::new();
    for _ in 0..400 {
        match dice.below(8) {
            0 => bench.device().break_by(Defect::StuckTransmitter),
            1 | 2 => bench.device().mend(),
            3 => {
                let which = [Reset::Device, Reset::Link, Reset::Tx(0), Reset::Rx(0)];
                // What finds the receiver off is lost on any wire.
                bench.await_taken(incoming);
                let before = [positions(bench.tx.raw()), positions(bench.rx.raw())];
                bench.port.reset(which[dice.below(4) as usize]).unwrap();
                let after = [positions(bench.tx.raw()), positions(bench.rx.raw())];
                assert_eq!(before.map(|at| at.0), after.map(|at| at.0), "heads");
                bench.port.wait_for_link(LONG).unwrap();
            }
            4 | 5 => {
                let count = dice.below(bench.tx.slots()).min(bench.tx.room());
                bench.send((sent..sent + count).map(|number| frame(number, 60)));
                sent += count;
            }
            6 => {
                let unread = incoming - received;
                let count = dice
                    .below(bench.rx.slots())
                    .min(bench.rx.slots() - 1 - unread);
                (incoming..incoming + count).for_each(|number| bench.far.send(&frame(number, 60)));
                incoming += count;
            }
            _ => {
                bench.rx.sync().unwrap();
                let available = bench.rx.available();
                let count = dice.below(available + 1);
                bench.expect_received((received..received + count).map(|number| frame(number, 60)));
                received += count;
                bench.rx.sync().unwrap();
            }
        }
        while let Some(bytes) = bench.far.receive() {
            arrived.push(number_of(&bytes));
        }
    }
    bench.expect_received((received..incoming).map(|number| frame(number, 60)));
    bench.device().mend();
    bench.drain();
    bench.send([frame(sent, 60)]);
    while arrived.last() != Some(&sent) {
        arrived.push(number_of(&bench.arrival()));
    }
    bench.drain();
    let counters = bench.tx.counters();
    match policy {
        Policy::Resend => {
            // A frame that was sent before the reset without its completion is sent twice, and so are those after it.
            let mut next = 0;
            for &number in &arrived {
                assert!(
                    number <= next,
                    "frame {number} after frame {}",
                    next.max(1) - 1
                );
                next = next.max(number + 1);
            }
            assert_eq!((next, counters.dropped), (sent + 1, 0));
        }
        Policy::Drop => {
            assert!(arrived.is_sorted_by(|a, b| a < b), "{arrived:?}");
            assert_eq!(counters.sent + counters.dropped, u64::from(sent) + 1);
            assert!(arrived.len() as u64 >= counters.sent);
            assert!(counters.dropped > 0);
        }
    }
    bench.assert_silent();
}

fn flapping(cell: &Cell) {
    const FRAMES: u32 = 300;
    let mut bench = cell.open();
    let (mut sent, mut arrived, mut received) = (0, 0, 0);
    let since = Instant::now();
    for round in 0.. {
        if sent == FRAMES && arrived == FRAMES && received == FRAMES {
            break;
        }
        assert!(
            since.elapsed() < LONG,
            "{sent} sent, {arrived} arrived, {received} received"
        );
        bench.device().set_link(false);
        bench.port.tick().unwrap();
        let count = (FRAMES - sent).min(bench.tx.room()).min(round % 9);
        put(
            &mut bench.tx,
            (sent..sent + count).map(|number| frame(number, 60)),
        );
        // Whether or not the port has read the link state.
        bench.tx.sync().unwrap();
        (sent..sent + count).for_each(|number| bench.far.send(&frame(number, 60)));
        sent += count;
        bench.device().set_link(true);
        if round % 2 == 0 {
            bench.port.wait_for_link(LONG).unwrap();
        }
        bench.port.tick().unwrap();
        bench.tx.sync().unwrap();
        while let Some(bytes) = bench.far.receive() {
            assert_same(&bytes, &frame(arrived, 60));
            arrived += 1;
        }
        bench.rx.sync().unwrap();
        let available = bench.rx.available();
        bench.expect_received((received..received + available).map(|number| frame(number, 60)));
        received += available;
    }
    bench.assert_silent();
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
}
