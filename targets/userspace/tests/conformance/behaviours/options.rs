//! Options of a NIC, and the CRC of received frames.

use netmap_core::{Reset, Restart};
use netmap_userspace::{Error, PortConfig};

use super::Behaviour;
use crate::bench::{Bench, LONG, Slots, memory};
use crate::cell::{Cell, Shown};
use crate::frames::frame;

/// The option of NICs that can strip the CRC or leave it.
const STRIP: &str = "strip_crc";

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "an unknown option, or a value out of range, is refused by name",
        refused,
    ),
    Behaviour::new(
        "an unstripped CRC is removed from frames of every length",
        every_length,
    )
    .needs(leaves_crc),
    Behaviour::new(
        "an unstripped CRC takes room in buffers, a stripped one does not",
        takes_room,
    )
    .needs(cuts_crcs),
    Behaviour::new(
        "an unstripped CRC is removed from long frames wherever a buffer boundary cuts it",
        cut_anywhere,
    )
    .repeats()
    .needs(cuts_crcs),
    Behaviour::new("an option stays in effect over every reset", over_resets)
        .needs(|cell| leaves_crc(cell).and(cell.has_long_frames())),
    Behaviour::new(
        "an option of a running port takes effect at the next device reset",
        while_running,
    )
    .needs(|cell| leaves_crc(cell).and(cell.has_long_frames())),
];

/// Needs a NIC with optional CRC stripping.
fn leaves_crc(cell: &Cell) -> Shown {
    let mut options = cell.facts.limits.options.iter();
    match options.any(|option| option.name == STRIP) {
        true => Ok(()),
        false => Err("the NIC has no option for CRC stripping".to_owned()),
    }
}

/// Also needs that a buffer may end within a CRC.
fn cuts_crcs(cell: &Cell) -> Shown {
    let crcs = leaves_crc(cell).and(cell.counts_cut_crcs());
    crcs.and(cell.has_long_frames())
}

/// The NIC's longest frames, with the CRC stripped or not.
fn long(cell: &Cell, strip: bool) -> PortConfig {
    cell.some_slots(PortConfig {
        frame_max: Some(cell.facts.limits.rx_frame_max),
        options: vec![(STRIP.to_owned(), strip.into())],
        ..PortConfig::default()
    })
}

fn refused(cell: &Cell) {
    let memory = memory(256);
    let options = cell.facts.limits.options;
    let refused = |name: &str, value| {
        let config = PortConfig {
            options: vec![(name.to_owned(), value)],
            ..PortConfig::default()
        };
        let error = cell.stopped(&memory, Slots::Some, config).map(drop);
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Config { .. }), "{error}");
        error.to_string()
    };
    let message = refused("strip_hair", 1);
    assert!(message.contains("\"strip_hair\""), "{message}");
    assert!(message.contains(&cell.variant), "{message}");
    for option in options {
        assert!(message.contains(option.name), "{message}");
    }
    assert_eq!(
        message.contains("no options"),
        options.is_empty(),
        "{message}"
    );
    for option in options {
        let Some(above) = option.max.checked_add(1) else {
            continue;
        };
        let message = refused(option.name, above);
        let limit = format!("0 to {}", option.max);
        assert!(
            message.contains(&limit) && message.contains(option.name),
            "{message}"
        );
    }
    let mut port = cell
        .stopped(&memory, Slots::Some, PortConfig::default())
        .unwrap()
        .port;
    assert_eq!(port.chosen("strip_hair"), None);
    port.choose("strip_hair", 1).unwrap_err();
    for option in options {
        assert_eq!(port.chosen(option.name), Some(option.default));
        port.choose(option.name, option.max).unwrap();
        assert_eq!(port.chosen(option.name), Some(option.max));
        if let Some(above) = option.max.checked_add(1) {
            port.choose(option.name, above).unwrap_err();
        }
        assert_eq!(port.chosen(option.name), Some(option.max));
    }
}

fn every_length(cell: &Cell) {
    let config = PortConfig {
        options: vec![(STRIP.to_owned(), 0)],
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    let mut count = 0;
    // All in one slot, so that rings wrap, too.
    let most = cell.facts.limits.rx_frame_max as usize;
    let lengths = (60..=132).chain(250..=260).chain(1500..=1514);
    for len in lengths.filter(|&len| len <= most) {
        let mut bytes = frame(count, len);
        count += 1;
        bench.far.send(&bytes);
        bench.expect_received([&bytes]);
        // Frame bytes that look like a CRC must stay.
        bytes[len - 4..].fill(0);
        bench.far.send(&bytes);
        bench.expect_received([&bytes]);
    }
    let counters = bench.rx.counters();
    assert_eq!(counters.received, u64::from(count) * 2);
    assert_eq!((counters.errors, counters.overlong), (0, 0));
    bench.assert_silent();
}

/// Bytes of a receive buffer.
fn full(cell: &Cell) -> usize {
    cell.facts.limits.rx_slot_bytes as usize
}

/// Receives one frame. Returns the slots that it and its CRC took.
fn slots_of(bench: &mut Bench, number: u32, len: usize) -> u32 {
    let bytes = frame(number, len);
    bench.far.send(&bytes);
    bench.await_frames(1);
    let slots = bench.rx.available();
    bench.expect_received([&bytes]);
    pass_over(bench);
    slots
}

/// Releases slots without a frame: a slot with only a CRC follows its frame.
fn pass_over(bench: &mut Bench) {
    let mut frames = bench.rx.frames();
    assert_eq!(frames.by_ref().count(), 0, "an unexpected frame");
    frames.release();
    bench.rx.sync().unwrap();
    assert_eq!(bench.rx.available(), 0, "an unexpected frame");
}

/// Lengths of frames around the buffer size, without those whose split CRC the device counts wrongly.
fn about_full(cell: &Cell) -> Vec<usize> {
    let full = full(cell);
    match cell.counts_cut_crcs() {
        Ok(()) => ((full - 5)..=full).collect(),
        Err(_) => vec![full - 5, full - 4],
    }
}

/// Slots of a frame that fits a buffer, with its CRC if that is not stripped.
fn slots(cell: &Cell, len: usize, is_left: bool) -> u32 {
    if is_left && len + 4 > full(cell) {
        2
    } else {
        1
    }
}

/// Asserts that frames arrive unchanged, in the number of slots that they need with or without the CRC.
fn expect_crc(cell: &Cell, bench: &mut Bench, is_left: bool) {
    for (number, len) in (0..).zip([60, 61, 1514].into_iter().chain(about_full(cell))) {
        let expected = slots(cell, len, is_left);
        assert_eq!(slots_of(bench, number, len), expected, "{len} bytes");
    }
}

fn takes_room(cell: &Cell) {
    for strip in [false, true] {
        let mut bench = cell.open_as(Slots::AsTold, long(cell, strip));
        expect_crc(cell, &mut bench, !strip);
        bench.assert_silent();
    }
}

fn cut_anywhere(cell: &Cell) {
    let mut bench = cell.open_as(Slots::AsTold, long(cell, false));
    let (full, max) = (full(cell), cell.facts.limits.rx_frame_max as usize);
    let ends = (1..=max / full).map(|buffers| buffers * full);
    let lengths = ends.flat_map(|end| (end - 5)..=(end + 5));
    let lengths = lengths.chain((max - 5)..=max).filter(|&len| len <= max);
    let mut count = 0;
    for len in lengths {
        let slots = slots_of(&mut bench, count, len);
        assert_eq!(slots as usize, (len + 4).div_ceil(full), "{len} bytes");
        count += 1;
    }
    let counters = bench.rx.counters();
    assert_eq!(counters.received, u64::from(count));
    assert_eq!((counters.errors, counters.overlong), (0, 0));
    bench.assert_silent();
}

fn over_resets(cell: &Cell) {
    let mut bench = cell.open_as(Slots::AsTold, long(cell, false));
    for which in [Reset::Device, Reset::Rx(0), Reset::Tx(0), Reset::Link] {
        // Frames in the ring at a reset were received before it.
        let longest = about_full(cell).pop().unwrap();
        let before = [frame(1, 60), frame(2, longest)];
        before.iter().for_each(|frame| bench.far.send(frame));
        bench.await_frames(1 + slots(cell, longest, true));
        bench.port.reset(which).unwrap();
        bench.port.wait_for_link(LONG).unwrap();
        bench.expect_received(&before);
        pass_over(&mut bench);
        expect_crc(cell, &mut bench, true);
    }
    bench.port.stop().unwrap();
    bench.port.start().unwrap();
    bench.port.wait_for_link(LONG).unwrap();
    expect_crc(cell, &mut bench, true);
    assert_eq!(bench.port.chosen(STRIP), Some(0));
    assert_eq!(bench.rx.counters().errors, 0);
    bench.assert_silent();
}

fn while_running(cell: &Cell) {
    let mut bench = cell.open_as(Slots::AsTold, long(cell, true));
    for is_left in [false, true, false] {
        expect_crc(cell, &mut bench, is_left);
        bench.port.choose(STRIP, is_left.into()).unwrap();
        assert_eq!(bench.port.chosen(STRIP), Some(is_left.into()));
        expect_crc(cell, &mut bench, is_left);
        // A reset of a single queue keeps the device's current setting.
        if cell.facts.limits.rx.restart == Restart::Queue {
            bench.port.reset(Reset::Rx(0)).unwrap();
            expect_crc(cell, &mut bench, is_left);
        }
        // On QEMU only a sync can detect that they have arrived; on the simulator the reset is the first to import
        // them.
        let longest = about_full(cell).pop().unwrap();
        let before = [frame(1, 60), frame(2, longest), frame(3, 61)];
        match cell.has_inside() {
            Ok(()) => {
                let taken = bench.device().counts().rx_frames as u32;
                before.iter().for_each(|frame| bench.far.send(frame));
                bench.await_taken(taken + 3);
            }
            Err(_) => {
                before.iter().for_each(|frame| bench.far.send(frame));
                bench.await_frames(2 + slots(cell, longest, is_left));
            }
        }
        bench.reset();
        bench.expect_received(&before);
        pass_over(&mut bench);
        expect_crc(cell, &mut bench, !is_left);
    }
    assert_eq!(bench.rx.counters().errors, 0);
    bench.assert_silent();
}
