//! Bugs that hand-written netmap adapters had, by the numbers of their reports (github.com/luigirizzo/netmap/issues).
//!
//! Each behaviour excludes a bug of some adapter. Bugs that a spec cannot express, or that a rule refuses, are in
//! `nicspecs/tests/reports.rs`; the book's chapter on testing lists all of them.

use std::thread;

use netmap_core::{Completion, Policy, Reset};
use netmap_userspace::{PortConfig, TxRing};

use super::Behaviour;
use crate::bench::{Bench, LONG, Slots, assert_same, memory, positions, put};
use crate::cell::Cell;
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "#169: a received frame has its sent length, whether or not the NIC strips the CRC",
        whole_length,
    ),
    Behaviour::new(
        "#288: one direction works, also over resets, while the other is not opened",
        one_direction,
    )
    .repeats(),
    Behaviour::new(
        "#404: the tail of an idle transmit ring does not move while others send",
        idle_tail,
    ),
    Behaviour::new(
        "#431: a transmit ring never runs out of slots under load in both directions",
        load_both_ways,
    )
    .needs(Cell::holds_frames),
    Behaviour::new(
        "#558: a full transmit ring returns every slot after the link comes up again",
        link_came_back,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "#600: a ring that one client left full works for the next client",
        next_client,
    )
    .needs(Cell::has_inside),
    Behaviour::new("#764: one rxsync imports every received frame", all_at_once)
        .needs(Cell::has_inside),
    Behaviour::new(
        "#860: only NICs with head write-back offer it",
        head_writeback,
    ),
    Behaviour::new(
        "#905: the last slot of a ring filled for the first time has its own frame",
        first_filling,
    ),
];

/// Every length from the shortest to one below the usual limit; checks the last bytes of each frame.
fn whole_length(cell: &Cell) {
    let mut bench = cell.open();
    let most = cell.facts.limits.longest_received(&PortConfig::default()) as usize;
    let lengths = (60..200).chain([1000, 1500]).chain(1510..=1514);
    for len in lengths.filter(|&len| len < most - 4).chain(most - 4..=most) {
        let bytes = frame(len as u32, len);
        bench.far.send(&bytes);
        let received = bench.take(1).remove(0);
        assert_eq!(received.len(), len);
        assert_same(&received, &bytes);
    }
}

const ALL_RESETS: [Reset; 4] = [Reset::Device, Reset::Link, Reset::Tx(0), Reset::Rx(0)];

fn one_direction(cell: &Cell) {
    // The rings of the other direction are never taken from the port.
    for (sends, which) in [false, true]
        .into_iter()
        .flat_map(|sends| ALL_RESETS.map(|which| (sends, which)))
    {
        let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
        let slots = if sends {
            bench.tx.slots()
        } else {
            bench.rx.slots()
        };
        let mut number = 0;
        for round in 0..3 {
            for _ in 0..=slots {
                let bytes = frame(number, 80);
                number += 1;
                if sends {
                    bench.send([&bytes]);
                    bench.expect_arrivals([&bytes]);
                } else {
                    bench.far.send(&bytes);
                    bench.expect_received([&bytes]);
                }
            }
            if round < 2 {
                bench.port.reset(which).unwrap();
                bench.port.wait_for_link(LONG).unwrap();
            }
        }
    }
}

fn idle_tail(cell: &Cell) {
    for &completion in cell.facts.limits.completions {
        let queues = cell.queues().min(4);
        let config = PortConfig {
            queues,
            completion: Some(completion),
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Fewest, config);
        let mut idle: Vec<TxRing> = (1..queues)
            .map(|queue| bench.port.tx(queue).unwrap())
            .collect();
        let rest = |ring: &TxRing| (0, 0, ring.slots() - 1);
        // Before anything was sent, the first ring is idle, too.
        bench.tx.sync().unwrap();
        assert_eq!(positions(bench.tx.raw()), rest(&bench.tx));
        for number in 0..2 * bench.tx.slots() {
            bench.send([frame(number, 60)]);
            bench.expect_arrivals([frame(number, 60)]);
            bench.drain();
            for ring in &mut idle {
                ring.sync().unwrap();
                assert_eq!(positions(ring.raw()), rest(ring), "{}", completion.name());
            }
        }
    }
}

/// As in the report: frames of 400 bytes as fast as possible; one thread sends and another receives.
fn load_both_ways(cell: &Cell) {
    const FRAMES: u32 = 3000;
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let Bench { tx, rx, far, .. } = &mut bench;
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..FRAMES {
                assert!(tx.wait_for_room(1, LONG).unwrap(), "no room at {number}");
                put(tx, [frame(number, 400)]);
                tx.sync().unwrap();
            }
            assert!(tx.drain(LONG).unwrap(), "{} slots stay", tx.pending());
        });
        scope.spawn(|| {
            let mut next = 0;
            while next < FRAMES {
                assert!(rx.wait(LONG).unwrap(), "no frame at {next}");
                let mut frames = rx.frames();
                for found in &mut frames {
                    assert_same(&found.to_vec().unwrap(), &frame(next, 400));
                    next += 1;
                }
                frames.release();
            }
        });
        // Every sent frame is returned.
        for number in 0..FRAMES {
            let found = far.receive_within(LONG).expect("a frame");
            assert_same(&found, &frame(number, 400));
            far.send(&found);
        }
    });
}

/// Hands over all slots without a link.
fn fill_without_link(bench: &mut Bench) {
    bench.device().set_link(false);
    let full = bench.tx.slots() - 1;
    bench.send((0..full).map(|number| frame(number, 60)));
    assert_eq!(bench.tx.room(), 0);
}

/// Sends a whole ring at once.
fn serves(bench: &mut Bench, from: u32) {
    for round in 0..3 {
        let full = bench.tx.slots() - 1;
        assert_eq!(bench.tx.room(), full, "slots are lost");
        let first = from + round * full;
        let frames: Vec<_> = (first..first + full)
            .map(|number| frame(number, 60))
            .collect();
        bench.send(&frames);
        bench.expect_arrivals(&frames);
        bench.drain();
    }
}

fn link_came_back(cell: &Cell) {
    for (policy, which) in [Policy::Resend, Policy::Drop]
        .into_iter()
        .flat_map(|policy| ALL_RESETS.map(|which| (policy, which)))
    {
        let config = PortConfig {
            policy,
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Fewest, config);
        fill_without_link(&mut bench);
        bench.port.tick().unwrap();
        bench.port.reset(which).unwrap();
        bench.device().set_link(true);
        bench.port.wait_for_link(LONG).unwrap();
        bench.drain();
        while bench.far.receive().is_some() {}
        serves(&mut bench, 1000);
    }
}

fn next_client(cell: &Cell) {
    for &completion in cell.facts.limits.completions {
        let config = PortConfig {
            completion: Some(completion),
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Fewest, config.clone());
        for client in 0..3 {
            serves(&mut bench, 1000 * client);
            fill_without_link(&mut bench);
            bench.device().set_link(true);
            bench = cell.reopen(bench, config.clone());
            // Frames of the previous client may still have left.
            while bench.far.receive().is_some() {}
        }
    }
}

fn all_at_once(cell: &Cell) {
    let mut bench = cell.open();
    let mut number = 0;
    let full = bench.rx.slots() - 1;
    for count in [1, 2, 7, full, full / 2, full, full].map(|count| count.min(full)) {
        let frames: Vec<_> = (number..number + count)
            .map(|number| frame(number, 60))
            .collect();
        number += count;
        frames.iter().for_each(|bytes| bench.far.send(bytes));
        bench.await_taken(number);
        bench.rx.sync().unwrap();
        assert_eq!(bench.rx.available(), count, "one sync, all frames");
        bench.expect_received(&frames);
        bench.rx.sync().unwrap();
    }
    bench.assert_silent();
}

fn head_writeback(cell: &Cell) {
    let scheme = Completion::HeadWriteback;
    let config = PortConfig {
        completion: Some(scheme),
        ..PortConfig::default()
    };
    let Err(lacks) = cell.completes_by(scheme) else {
        let mut bench = cell.open_as(Slots::Fewest, config);
        serves(&mut bench, 0);
        return;
    };
    let memory = memory(200);
    let Err(error) = cell.stopped(&memory, Slots::Some, config) else {
        panic!("{lacks}, but the port opens");
    };
    assert!(error.to_string().contains(scheme.name()), "{error}");
}

/// Rings of several sizes, filled for the first time without releasing a slot.
fn first_filling(cell: &Cell) {
    let limits = cell.facts.limits.rx;
    let sizes = (limits.min..=limits.max).filter(|&slots| limits.allows(slots));
    for slots in sizes.take(3) {
        let config = PortConfig {
            tx_slots: Some(cell.facts.limits.tx.min),
            rx_slots: Some(slots),
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::AsTold, config);
        let full = slots - 1;
        (0..full).for_each(|number| bench.far.send(&frame(number, 60)));
        bench.await_frames(full);
        // Twice around the ring, one by one: every slot was offered with its own buffer.
        for number in 0..2 * slots + 1 {
            if !cell.lossy {
                bench.far.send(&frame(full + number, 60));
            }
            bench.expect_received([frame(number, 60)]);
            bench.rx.sync().unwrap();
            if cell.lossy {
                bench.far.send(&frame(full + number, 60));
            }
        }
    }
}
