//! Frames over several slots, and frames that are too long.

use std::time::Instant;

use netmap_core::abi::NS_MOREFRAG;
use netmap_core::{Policy, Progress, Reset, SyncError};
use netmap_sim::Defect;
use netmap_userspace::{BUFFER_SIZE, Error, PortConfig};

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, Slots, assert_same, memory, positions, put, put_in_parts};
use crate::cell::{Cell, Shown};
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "a frame over several slots is sent whole, wherever it is split",
        cut_anywhere,
    )
    .needs(Cell::sends_parts),
    Behaviour::new(
        "frames over one and several slots can be mixed at every slot of the smallest ring",
        mixed,
    )
    .needs(Cell::sends_parts),
    Behaviour::new(
        "an incomplete frame stays with the client until its end is there",
        half_a_frame,
    )
    .needs(Cell::sends_parts),
    Behaviour::new(
        "a frame over too many slots for the NIC is refused with the limit",
        too_many_slots,
    )
    .needs(slots_are_limited),
    Behaviour::new(
        "a frame too long for the NIC is refused with the limit before it reaches a descriptor",
        too_long,
    ),
    Behaviour::new(
        "bytes of a received frame are read wherever its slots end",
        looked_at,
    ),
    Behaviour::new(
        "long frames are sent whole, up to the NIC's limit",
        long_sent,
    )
    .needs(Cell::sends_long_frames),
    Behaviour::new(
        "long frames are received whole, up to the NIC's limit",
        long_received,
    )
    .needs(Cell::has_long_frames),
    Behaviour::new("long frames are forwarded without copying", long_forwarded)
        .needs(Cell::has_long_frames),
    Behaviour::new(
        "a frame longer than configured is returned whole, or dropped and counted",
        longer_than_wanted,
    ),
    Behaviour::new(
        "a reset resends frames over several slots whole",
        resent_whole,
    )
    .repeats()
    .needs(|cell| cell.has_inside().and(cell.sends_parts())),
    Behaviour::new(
        "a reset drops frames over several slots whole if so configured",
        dropped_whole,
    )
    .repeats()
    .needs(|cell| cell.has_inside().and(cell.sends_parts())),
];

/// The NIC's longest frames.
fn long(cell: &Cell) -> PortConfig {
    cell.some_slots(PortConfig {
        frame_max: Some(cell.facts.limits.rx_frame_max),
        ..PortConfig::default()
    })
}

fn cut_anywhere(cell: &Cell) {
    let long = cell.facts.limits.tx_frame_max.min(1514) as usize;
    let mut bench = cell.open();
    let most = cell.facts.limits.tx_frame_slots.min(20);
    let most = most.min(bench.tx.slots() - 2) as usize;
    let mut number = 0;
    let mut send = |bench: &mut Bench, len: usize, lengths: &[usize]| {
        let bytes = frame(number, len);
        number += 1;
        assert!(bench.tx.wait_for_room(lengths.len() as u32, LONG).unwrap());
        put_in_parts(&mut bench.tx, &bytes, lengths);
        bench.tx.sync().unwrap();
        bench.expect_arrivals([bytes]);
    };
    for first in [1, 2, 7, 8, 9, 13, 14, 15, 31, 59] {
        send(&mut bench, 60, &[first, 60 - first]);
        send(&mut bench, long, &[first, long - first]);
        send(&mut bench, long, &[long - first, first]);
    }
    for parts in 2..=most {
        let len = 60 + 17 * parts;
        let mut lengths = vec![17; parts - 1];
        lengths.push(len - 17 * (parts - 1));
        send(&mut bench, len, &lengths);
        // Single bytes, with the rest before or after them.
        let mut lengths = vec![1; parts];
        lengths[parts - 1] = len - (parts - 1);
        send(&mut bench, len, &lengths);
        lengths.reverse();
        send(&mut bench, len, &lengths);
    }
    bench.drain();
    assert_eq!(bench.tx.counters().sent, u64::from(number));
    bench.assert_silent();
}

fn mixed(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Fewest, PortConfig::default());
    let slots = bench.tx.slots();
    let most = cell.facts.limits.tx_frame_slots.min(slots - 2);
    let mut number = 0;
    for parts in 2..=most {
        for _ in 0..=slots {
            let before = frame(number, 60);
            let (long, len) = (frame(number + 1, 300), 300);
            let mut lengths = vec![10; parts as usize - 1];
            lengths.push(len - 10 * (parts as usize - 1));
            put(&mut bench.tx, [&before]);
            put_in_parts(&mut bench.tx, &long, &lengths);
            bench.tx.sync().unwrap();
            bench.expect_arrivals([before, long]);
            bench.drain();
            number += 2;
        }
    }
    assert_eq!(bench.tx.counters().sent, u64::from(number));
    bench.assert_silent();
}

fn half_a_frame(cell: &Cell) {
    let mut bench = cell.open();
    for round in 0..70 {
        let whole = frame(round, 100);
        let next = frame(round + 1000, 200);
        let (head, _, _) = positions(bench.tx.raw());
        // A complete frame, and half of the next.
        put(&mut bench.tx, [&whole]);
        let mut slots = bench.tx.reserve(1);
        let mut slot = slots.next().unwrap();
        slot.write(&next[..120]).unwrap();
        slot.set_more();
        slots.commit();
        let progress = bench.tx.sync().unwrap();
        assert!(
            matches!(progress, Progress::Synced { handed: 1, .. }),
            "{progress:?}"
        );
        bench.expect_arrivals([&whole]);
        for _ in 0..3 {
            let progress = bench.tx.sync().unwrap();
            assert!(
                matches!(progress, Progress::Synced { handed: 0, .. }),
                "{progress:?}"
            );
        }
        assert_eq!(positions(bench.tx.raw()).0, (head + 2) % bench.tx.slots());
        assert_eq!(bench.far.receive(), None);
        put(&mut bench.tx, [&next[120..]]);
        bench.tx.sync().unwrap();
        bench.expect_arrivals([&next]);
        bench.drain();
    }
}

fn slots_are_limited(cell: &Cell) -> Shown {
    let limits = &cell.facts.limits;
    match limits.tx_frame_slots + 8 > limits.tx.max {
        true => Err("no ring has more slots than the NIC supports for a frame".to_owned()),
        false => Ok(()),
    }
}

/// The ring has room to spare, so that only the frame's limit applies.
fn roomy(cell: &Cell) -> Bench {
    let limits = cell.facts.limits;
    let wanted = (limits.tx_frame_slots + 8).max(64);
    let slots = (wanted..=limits.tx.max).find(|&slots| limits.tx.allows(slots));
    let some = cell.some_slots(PortConfig::default());
    let config = PortConfig {
        tx_slots: slots.or(some.tx_slots),
        ..some
    };
    cell.open_as(Slots::AsTold, config)
}

fn assert_refused(bench: &mut Bench, as_expected: impl Fn(SyncError) -> bool) {
    let before = positions(bench.tx.raw());
    let handed = bench.tx.counters().handed;
    let fault = bench.tx.sync().unwrap_err();
    assert!(as_expected(fault), "{fault}");
    let after = positions(bench.tx.raw());
    assert_eq!(after.2, before.2);
    assert_eq!(bench.tx.counters().handed, handed);
    assert_eq!(bench.far.receive_within(SHORT), None);
}

fn too_many_slots(cell: &Cell) {
    let max = cell.facts.limits.tx_frame_slots;
    let mut bench = roomy(cell);
    for number in 0..3 {
        let parts = max as usize;
        if parts > 1 {
            let longest = frame(number, 40 * parts);
            put_in_parts(&mut bench.tx, &longest, &vec![40; parts]);
            bench.tx.sync().unwrap();
            bench.expect_arrivals([longest]);
            bench.drain();
        }
        let parts = parts + 1;
        put(&mut bench.tx, [frame(number, 60)]);
        put_in_parts(&mut bench.tx, &frame(number, 40 * parts), &vec![40; parts]);
        assert_refused(&mut bench, |fault| match fault {
            SyncError::TooManySlots { max: reported, .. } => reported == max,
            SyncError::FlagNotSupported { flags, .. } => max == 1 && flags == NS_MOREFRAG,
            _ => false,
        });
        bench.send([frame(number, 77)]);
        bench.expect_arrivals([frame(number, 77)]);
        bench.drain();
    }
}

fn too_long(cell: &Cell) {
    let limits = cell.facts.limits;
    let mut bench = roomy(cell);
    let parts = (limits.tx_frame_slots.min(bench.tx.slots() - 2)) as usize;
    // A frame with the most slots, one byte longer than the NIC supports.
    let sent_max = limits.tx_frame_max as usize;
    let longest = parts * limits.tx_slot_bytes as usize;
    for number in 0..3 {
        put(&mut bench.tx, [frame(number, 60)]);
        if longest > sent_max {
            let bytes = frame(number, sent_max + 1);
            put(&mut bench.tx, [bytes]);
        } else {
            // No frame that fits its slots is too long, but one slot may be.
            let mut slots = bench.tx.reserve(1);
            slots.next().unwrap().set_len(BUFFER_SIZE as u16 + 1);
            slots.commit();
        }
        assert_refused(&mut bench, |fault| match fault {
            SyncError::FrameTooLong { len, max, .. } => {
                len as usize > sent_max && max as usize == sent_max
            }
            SyncError::TooManySlots { max, .. } => max == limits.tx_frame_slots,
            SyncError::LengthOutOfRange { max, .. } => usize::from(max) <= sent_max,
            _ => false,
        });
        bench.send([frame(number, 77)]);
        bench.expect_arrivals([frame(number, 77)]);
        bench.drain();
    }
    let config = PortConfig {
        frame_max: Some(limits.rx_frame_max + 1),
        ..long(cell)
    };
    let memory = memory(256);
    let error = cell.stopped(&memory, Slots::AsTold, config).map(drop);
    let error = error.unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, Error::Config { .. }), "{error}");
    let most = limits.rx_frame_max.to_string();
    assert!(message.contains(&most), "{message}");
    assert!(message.contains(&cell.variant), "{message}");
}

/// Lengths up to `max` around multiples of the buffer size, and the longest one.
fn lengths(cell: &Cell, max: u32) -> Vec<usize> {
    let max = max as usize;
    let buffers = [
        cell.facts.limits.tx_slot_bytes,
        cell.facts.limits.rx_slot_bytes,
    ];
    let mut all = vec![60, 1514, 1515, 1518, 1522, max - 4, max - 3, max - 1, max];
    for buffer in buffers.map(|bytes| bytes as usize) {
        for ends in 1..=max / buffer {
            // The CRC is in the frame's last buffer, in a separate one, or split over both.
            all.extend((ends * buffer - 5)..=(ends * buffer + 5));
        }
    }
    all.retain(|&len| len <= max);
    all.sort_unstable();
    all.dedup();
    all
}

fn long_sent(cell: &Cell) {
    // What a port receives does not limit what it sends.
    for frame_max in [long(cell).frame_max, None, Some(60)] {
        let config = PortConfig {
            frame_max,
            ..long(cell)
        };
        let mut bench = cell.open_as(Slots::AsTold, config);
        for (number, len) in (0..).zip(lengths(cell, cell.facts.limits.tx_frame_max)) {
            let bytes = frame(number, len);
            let slots = cell.facts.limits.tx_slots_of(len as u32);
            assert!(bench.tx.wait_for_room(slots, LONG).unwrap());
            bench.send([&bytes]);
            bench.expect_arrivals([&bytes]);
        }
        bench.drain();
        bench.assert_silent();
    }
}

fn long_received(cell: &Cell) {
    let mut bench = cell.open_as(Slots::AsTold, long(cell));
    let lengths = lengths(cell, cell.facts.limits.rx_frame_max);
    for (number, &len) in (0..).zip(&lengths) {
        let bytes = frame(number, len);
        bench.far.send(&bytes);
        bench.expect_received([&bytes]);
        bench.rx.sync().unwrap();
    }
    let counters = bench.rx.counters();
    assert_eq!(counters.received, lengths.len() as u64);
    assert_eq!((counters.errors, counters.overlong), (0, 0));
    bench.assert_silent();
}

fn looked_at(cell: &Cell) {
    let limits = cell.facts.limits;
    let slot = limits.rx_slot_bytes as usize;
    let most = cell.longest_received() as usize;
    let mut bench = cell.open_as(Slots::AsTold, long(cell));
    let lengths = [60, 61, 1514, slot - 1, slot + 1, 2 * slot + 3, 3 * slot];
    for (number, len) in (0..).zip(lengths.into_iter().filter(|&len| len <= most)) {
        let bytes = frame(number, len);
        bench.far.send(&bytes);
        bench.await_frames(1);
        let since = Instant::now();
        while bench.rx.frames().next().is_none() {
            assert!(since.elapsed() < LONG);
            bench.rx.sync().unwrap();
        }
        let mut frames = bench.rx.frames();
        let found = frames.next().unwrap();
        assert_eq!(found.len(), len);
        assert_eq!(found.header::<14>().unwrap(), bytes[..14]);
        let ends = (1..=3).flat_map(|slots| (slots * slot).saturating_sub(9)..=slots * slot);
        for at in (0..len.min(40)).chain(ends).chain(len - 9..=len + 1) {
            let rest = bytes.get(at..).unwrap_or_default();
            let expected = rest.first_chunk::<8>();
            assert_eq!(found.bytes_at::<8>(at).as_ref(), expected, "{at} of {len}");
            let expected = rest.first_chunk().copied();
            assert_eq!(found.be16_at(at), expected.map(u16::from_be_bytes));
            let expected = rest.first_chunk().copied();
            assert_eq!(found.be32_at(at), expected.map(u32::from_be_bytes));
            let mut some = [0; 33];
            let read = found.read_at(at, &mut some).unwrap();
            assert_eq!(&some[..read], &rest[..rest.len().min(33)]);
        }
        assert_eq!(found.bytes_at::<1>(usize::MAX), None);
        assert_eq!(found.bytes_at::<0>(len), Some([]));
        frames.release();
    }
}

fn long_forwarded(cell: &Cell) {
    let memory = memory(1024);
    let mut left = cell.open_on(&memory, Slots::AsTold, long(cell));
    let mut right = cell.open_on(&memory, Slots::AsTold, long(cell));
    for (number, len) in (0..).zip(lengths(cell, cell.facts.limits.frame_max)) {
        let bytes = frame(number, len);
        left.far.send(&bytes);
        let mut moved = 0;
        let since = Instant::now();
        while moved == 0 {
            assert!(
                since.elapsed() < LONG,
                "{} slots of {len} bytes",
                left.rx.available()
            );
            assert!(left.rx.wait(LONG).unwrap());
            moved = left.rx.forward(&mut right.tx).unwrap();
            right.tx.sync().unwrap();
        }
        left.rx.sync().unwrap();
        right.expect_arrivals([bytes]);
        right.drain();
    }
}

/// NICs differ in which frames they drop: tagged frames may be longer by four or eight bytes, and some NICs can only
/// allow long frames or not.
fn longer_than_wanted(cell: &Cell) {
    let mut bench = cell.open();
    let long: Vec<_> = (0..)
        .zip([1515, 1519, 1600, 2044, 2048, 2049, 4000, 9000])
        .collect();
    for &(number, len) in &long {
        bench.far.send(&frame(number, len));
    }
    let last = frame(1000, 100);
    bench.far.send(&last);
    let mut found = Vec::new();
    while found.last() != Some(&last) {
        found.extend(bench.take(1));
    }
    found.pop();
    // The shorter ones arrive whole and in order, and none of the others.
    assert!(found.len() <= long.len(), "an unexpected frame");
    for (shown, &(number, len)) in found.iter().zip(&long) {
        assert_same(shown, &frame(number, len));
    }
    if cell.has_inside().is_ok() {
        let missing = (long.len() - found.len()) as u64;
        assert_eq!(bench.device().counts().rx_length_errors, missing);
    }
    bench.assert_silent();
}

/// Seven frames over one to three slots, or as many as there is room for, that are in the ring when the NIC is reset.
fn leave_in_ring(cell: &Cell, bench: &mut Bench) -> Vec<Vec<u8>> {
    let most = cell.facts.limits.tx_frame_slots.min(3) as usize;
    bench.device().break_by(Defect::StuckTransmitter);
    let mut frames = Vec::new();
    for (number, parts) in (0..7).zip((1..=most).cycle()) {
        if bench.tx.reserve(u32::MAX).len() < parts {
            break;
        }
        let mut lengths = vec![30; parts - 1];
        lengths.push(120 - 30 * (parts - 1));
        frames.push(frame(number, 120));
        put_in_parts(&mut bench.tx, &frames[number as usize], &lengths);
    }
    bench.tx.sync().unwrap();
    frames
}

fn go_on(bench: &mut Bench) {
    bench.device().mend();
    bench.port.wait_for_link(LONG).unwrap();
}

fn resent_whole(cell: &Cell) {
    let mut bench = cell.open();
    for _ in 0..40 {
        let frames = leave_in_ring(cell, &mut bench);
        // A client's writes to slots that it no longer owns have no effect.
        bench.port.reset(Reset::Device).unwrap();
        go_on(&mut bench);
        bench.expect_arrivals(&frames);
        bench.drain();
    }
    assert_eq!(bench.tx.counters().dropped, 0);
    bench.assert_silent();
}

fn dropped_whole(cell: &Cell) {
    let config = PortConfig {
        policy: Policy::Drop,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    let mut dropped = 0;
    for round in 1..40 {
        dropped += leave_in_ring(cell, &mut bench).len() as u64;
        bench.port.reset(Reset::Device).unwrap();
        go_on(&mut bench);
        assert_eq!(bench.tx.counters().dropped, dropped);
        bench.drain();
        let after = frame(round, 99);
        bench.send([&after]);
        bench.expect_arrivals([&after]);
        bench.drain();
    }
    bench.assert_silent();
}
