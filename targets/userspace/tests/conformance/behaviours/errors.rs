//! Damaged, partial and overrun frames; and what a NIC may strip from a good frame.

use std::time::Instant;

use netmap_core::{Policy, Reset};
use netmap_sim::Defect;
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, Slots, put};
use crate::cell::Cell;
use crate::frames::{frame, mixture, with_vlan_tag};

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "frames with a wrong CRC are counted and never returned",
        |cell| {
            bad_frames(cell, Defect::Damaged);
        },
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "frames with a wrong length are counted and never returned",
        |cell| {
            bad_frames(cell, Defect::BadLength);
        },
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "frames that overran the receiver are never returned",
        overrun,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a frame without an end is never returned, and a reset discards it",
        endless,
    )
    .needs(Cell::has_inside),
    Behaviour::new("all good frames between bad ones are returned", between)
        .needs(Cell::has_inside),
    Behaviour::new(
        "what a port lost is reported with its reason, for all queues",
        reasons,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "frames that the NIC could not send are counted, and their slots return",
        unsendable,
    )
    .needs(|cell| cell.has_inside().and(cell.reports_failures())),
    Behaviour::new("a VLAN tag stays in its frame, sent and received", tags),
    Behaviour::new("the CRC is removed exactly once", crc_once),
];

fn await_count(bench: &mut Bench, what: &str, count: impl Fn(&Bench) -> bool) {
    let since = Instant::now();
    while !count(bench) {
        assert!(since.elapsed() < LONG, "{what}: {:?}", bench.rx.counters());
        // The sync that finds a device error returns it.
        let _ = bench.rx.sync();
        let mut frames = bench.rx.frames();
        assert!(frames.next().is_none(), "{what}: a frame is returned");
        frames.release();
    }
}

/// Bad frames, several times more than the ring has slots.
fn bad_frames(cell: &Cell, defect: Defect) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    bench.device().break_by(defect);
    let count = 5 * bench.rx.slots() + 3;
    let mut sent = 0;
    while sent < count {
        let until = count.min(sent.saturating_add(cell.under_way(&bench.rx)));
        for number in sent..until {
            bench.far.send(&frame(number, 60 + number as usize % 100));
        }
        sent = until;
        await_count(&mut bench, "bad frames", |bench| {
            bench.rx.counters().errors >= u64::from(sent)
        });
    }
    bench.device().mend();
    for number in 0..20 {
        bench.far.send(&frame(number, 99));
        bench.expect_received([frame(number, 99)]);
    }
    let counters = bench.rx.counters();
    assert_eq!((counters.errors, counters.received), (count.into(), 20));
    bench.assert_silent();
}

fn overrun(cell: &Cell) {
    let mut bench = cell.open();
    bench.device().break_by(Defect::Overrun);
    for number in 0..100 {
        bench.far.send(&frame(number, 60));
    }
    let since = Instant::now();
    while bench.device().counts().rx_overruns < 100 {
        assert!(since.elapsed() < LONG, "{:?}", bench.device().counts());
        bench.rx.sync().unwrap();
        assert_eq!(bench.rx.frames().count(), 0);
    }
    bench.device().mend();
    bench.far.send(&frame(100, 60));
    bench.expect_received([frame(100, 60)]);
    bench.assert_silent();
}

fn endless(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    bench.device().break_by(Defect::Endless);
    // Each frame takes a descriptor, and none ends.
    for number in 0..bench.rx.slots() / 2 {
        bench.far.send(&frame(number, 60));
    }
    bench.await_taken(bench.rx.slots() / 2);
    for _ in 0..100 {
        let _ = bench.rx.sync();
        assert_eq!(bench.rx.frames().count(), 0);
    }
    bench.device().mend();
    bench.reset();
    for number in 100..120 {
        bench.far.send(&frame(number, 60));
        bench.expect_received([frame(number, 60)]);
    }
    bench.assert_silent();
}

fn between(cell: &Cell) {
    let mut bench = cell.open();
    let mut errors = 0;
    for number in 0..60 {
        if number % 3 == 1 {
            bench.device().break_by(Defect::Damaged);
            bench.far.send(&frame(1000 + number, 60));
            errors += 1;
            await_count(&mut bench, "a bad frame", |bench| {
                bench.rx.counters().errors >= errors
            });
            bench.device().mend();
        }
        bench.far.send(&frame(number, 60));
        bench.expect_received([frame(number, 60)]);
    }
    assert_eq!(bench.rx.counters().errors, errors);
    bench.assert_silent();
}

fn reasons(cell: &Cell) {
    let queues = cell.queues().min(2);
    let config = PortConfig {
        queues,
        policy: Policy::Drop,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    bench.device().break_by(Defect::Damaged);
    let damaged = bench.receivable(2);
    (0..damaged).for_each(|number| bench.far.send(&frame(number, 60)));
    await_count(&mut bench, "bad frames", |bench| {
        bench.rx.counters().errors >= damaged.into()
    });
    bench.device().mend();
    let overlong = match cell.reports_overlong() {
        Ok(()) => bench.receivable(3),
        Err(_) => 0,
    };
    bench.device().break_by(Defect::Length(u16::MAX >> 3));
    (0..overlong).for_each(|number| bench.far.send(&frame(number, 60)));
    await_count(&mut bench, "frames past a buffer", |bench| {
        bench.rx.counters().overlong >= u64::from(overlong)
    });
    bench.device().mend();
    assert_eq!(bench.port.sent(), 0);

    // Frames of every queue are at the device at a reset.
    bench.device().set_link(false);
    let sent = bench.sendable(4);
    bench.send((0..sent).map(|number| frame(number, 60)));
    for queue in 1..queues {
        let mut ring = bench.port.tx(queue).unwrap();
        put(&mut ring, [&frame(queue, 60)]);
        ring.sync().unwrap();
    }
    assert_eq!(bench.port.sent(), 0, "the device has no link");
    bench.port.reset(Reset::Device).unwrap();

    let losses = bench.port.losses().into_iter();
    let losses = losses.filter(|loss| !loss.why.starts_with("lost by the NIC"));
    let found: Vec<(u64, String)> = losses.map(|loss| (loss.frames, loss.why)).collect();
    let expected = [
        (
            u64::from(sent + queues - 1),
            "dropped from a transmit ring at a reset",
        ),
        (damaged.into(), "received damaged or incomplete"),
        (overlong.into(), "received longer than a buffer"),
    ];
    let expected = expected.into_iter().filter(|&(frames, _)| frames > 0);
    let expected: Vec<_> = expected
        .map(|(frames, why)| (frames, why.to_owned()))
        .collect();
    assert_eq!(found, expected);
}

fn unsendable(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let count = bench.tx.slots() - 1;
    for round in 1..=3 {
        bench.device().break_by(Defect::Unsendable);
        bench.send((0..count).map(|number| frame(number, 60)));
        bench.drain();
        assert_eq!(bench.far.receive_within(SHORT), None);
        bench.device().mend();
        bench.send([frame(round, 61)]);
        bench.expect_arrivals([frame(round, 61)]);
        bench.drain();
        let counters = bench.tx.counters();
        // Only descriptors with a report have it, the last one of a batch at least.
        let failed = counters.failed;
        assert!(
            (round.into()..=u64::from(round * count)).contains(&failed),
            "{counters:?}"
        );
        assert_eq!(counters.sent, u64::from(round * (count + 1)));
        let losses = bench.port.losses().into_iter();
        let found: Vec<_> = losses.map(|loss| (loss.frames, loss.why)).collect();
        let why = "not sent, as the NIC reports".to_owned();
        assert!(found.contains(&(failed, why)), "{found:?}");
    }
}

fn tags(cell: &Cell) {
    let config = PortConfig {
        promiscuous: true,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    let frames = mixture(&cell.facts.limits);
    let most = 1510.min(cell.facts.limits.frame_max as usize - 4);
    let frames = frames
        .iter()
        .filter(|frame| frame.len() <= most && frame[12..14] != [0x81, 0]);
    for frame in frames.step_by(3) {
        let once = with_vlan_tag(frame);
        let mut tagged = vec![once.clone()];
        if once.len() <= most {
            tagged.push(with_vlan_tag(&once));
        }
        for bytes in tagged {
            bench.far.send(&bytes);
            bench.expect_received([&bytes]);
            bench.send([&bytes]);
            bench.expect_arrivals([&bytes]);
        }
    }
    bench.assert_silent();
}

/// Frames whose last bytes could be taken for a CRC, or for padding.
fn crc_once(cell: &Cell) {
    let mut bench = cell.open();
    let most = cell.facts.limits.frame_max as usize;
    let lengths = (60..=72).chain([127, 128, 129, 1500, 1510, 1513, 1514]);
    for len in lengths.filter(|&len| len <= most) {
        for tail in [[0; 4], [0xff; 4], [0xde, 0xad, 0xbe, 0xef]] {
            let mut bytes = frame(len as u32, len);
            bytes[len - 4..].copy_from_slice(&tail);
            bench.far.send(&bytes);
            bench.expect_received([&bytes]);
            bench.send([&bytes]);
            bench.expect_arrivals([&bytes]);
        }
    }
}
