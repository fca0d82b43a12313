//! Clients that break the rules: the whole batch is refused, the error says why, and the next valid sync works.

use std::sync::atomic::Ordering::Relaxed;

use netmap_core::abi::{NS_INDIRECT, NS_MOREFRAG};
use netmap_core::{BufIdx, Progress, Reset, RingMemory as _, SlotCell, SyncError};
use netmap_userspace::Ring;

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, positions};
use crate::cell::Cell;
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "a head outside the client's slots is refused every time",
        bad_head,
    ),
    Behaviour::new(
        "a head that moves back over outstanding slots is refused",
        head_back,
    )
    .needs(Cell::has_inside),
    Behaviour::new("a cur outside head to tail is refused", bad_cur),
    Behaviour::new(
        "a buffer index out of range is refused and nothing of its batch is sent",
        bad_buffer,
    ),
    Behaviour::new(
        "an invalid length is refused and nothing of its batch is sent",
        bad_length,
    ),
    Behaviour::new("an unsupported flag is refused", bad_flag),
    Behaviour::new(
        "writing to slots of the NIC does not change frames already handed over",
        scribbling,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a reset reports slots that have become invalid, once",
        unfit,
    )
    .needs(Cell::has_inside),
];

/// Whether the error is in the first sync of a ring or after some valid ones.
const WHEN: [bool; 2] = [true, false];

fn used(cell: &Cell, first: bool) -> Bench {
    let mut bench = cell.open();
    if !first {
        to_and_fro(&mut bench, 0..100, 60);
        bench.rx.sync().unwrap();
    }
    bench
}

fn to_and_fro(bench: &mut Bench, numbers: std::ops::Range<u32>, len: usize) {
    for number in numbers {
        let frame = frame(number, len);
        bench.send([&frame]);
        bench.expect_arrivals([&frame]);
        bench.drain();
        bench.far.send(&frame);
        bench.expect_received([&frame]);
    }
}

fn still_works(bench: &mut Bench) {
    to_and_fro(bench, 1000..1100, 100);
}

/// A slot of the ring, counted from the client's first.
fn slot(ring: &Ring, from_head: u32) -> &SlotCell {
    let (head, _, _) = positions(ring);
    let slots = ring.slots();
    &slots[(head + from_head) as usize % slots.len()]
}

fn move_head(ring: &Ring, by: u32) {
    let (head, _, _) = positions(ring);
    let head = (head + by) % ring.slots().len() as u32;
    ring.header().cur.store(head, Relaxed);
    ring.header().head.store(head, Relaxed);
}

/// Checks that syncs of `tx` and `rx` refuse each of `heads`, three times each.
macro_rules! refuse_heads {
    ($ring:expr, $heads:expr) => {
        let before = positions($ring.raw());
        for head in $heads {
            for _ in 0..3 {
                $ring.raw().header().head.store(head, Relaxed);
                let fault = $ring.sync().unwrap_err();
                assert!(
                    matches!(fault, SyncError::HeadOutOfRange { head: refused, .. } if refused == head),
                    "{fault}"
                );
                assert_eq!(positions($ring.raw()), before);
            }
        }
    };
}

fn bad_head(cell: &Cell) {
    for first in WHEN {
        let mut bench = used(cell, first);
        refuse_heads!(bench.tx, [bench.tx.slots(), u32::MAX]);
        let count = bench.receivable(5);
        for number in 0..count {
            bench.far.send(&frame(number, 60));
        }
        bench.await_frames(count);
        let (head, _, tail) = positions(bench.rx.raw());
        let slots = bench.rx.slots();
        let before_head = (head + slots - 1) % slots;
        refuse_heads!(bench.rx, [(tail + 1) % slots, before_head, slots, u32::MAX]);
        bench.expect_received((0..count).map(|number| frame(number, 60)));
        bench.rx.sync().unwrap();
        bench.assert_silent();
        still_works(&mut bench);
    }
}

fn head_back(cell: &Cell) {
    for first in WHEN {
        let mut bench = used(cell, first);
        let slots = bench.tx.slots();
        let count = bench.sendable(10);
        // The NIC owns so many slots, which it cannot send.
        bench.device().set_link(false);
        bench.send((0..count).map(|number| frame(number, 60)));
        let (head, _, tail) = positions(bench.tx.raw());
        refuse_heads!(
            bench.tx,
            [
                (head + slots - 1) % slots,
                (head + slots - count) % slots,
                (tail + 1) % slots
            ]
        );
        bench.device().set_link(true);
        bench.expect_arrivals((0..count).map(|number| frame(number, 60)));
        bench.drain();
        still_works(&mut bench);
    }
}

fn bad_cur(cell: &Cell) {
    for first in WHEN {
        let mut bench = used(cell, first);
        let slots = bench.tx.slots();
        let before = positions(bench.tx.raw());
        for cur in [(before.2 + 1) % slots, slots, u32::MAX] {
            move_head(bench.tx.raw(), 2);
            bench.tx.raw().header().cur.store(cur, Relaxed);
            let fault = bench.tx.sync().unwrap_err();
            assert!(matches!(fault, SyncError::CurOutOfRange { .. }), "{fault}");
            assert_eq!(positions(bench.tx.raw()), before);
        }
        bench.assert_silent();
        still_works(&mut bench);
    }
}

fn bad_buffer(cell: &Cell) {
    for first in WHEN {
        let mut bench = used(cell, first);
        let count = bench.sendable(4);
        let wrong = count / 2;
        for index in [0, 1, bench.memory.buffers(), u32::MAX] {
            let before = positions(bench.tx.raw());
            let good = slot(bench.tx.raw(), wrong).buffer();
            slot(bench.tx.raw(), wrong).set_buffer(BufIdx(index));
            for i in 0..count {
                slot(bench.tx.raw(), i).set_len_flags(60, 0);
            }
            move_head(bench.tx.raw(), count);
            let fault = bench.tx.sync().unwrap_err();
            let at = (before.0 + wrong) % bench.tx.slots();
            assert_eq!(
                fault,
                SyncError::BufferOutOfRange {
                    slot: at,
                    buffer: index
                }
            );
            assert_eq!(positions(bench.tx.raw()), before);
            slot(bench.tx.raw(), wrong).set_buffer(good);
        }
        assert_eq!(bench.far.receive_within(SHORT), None);

        let count = bench.receivable(4);
        for number in 0..count {
            bench.far.send(&frame(number, 60));
        }
        bench.await_frames(count);
        let wrong = count / 4;
        let released = count.min(wrong + 2);
        for index in [0, 1, bench.memory.buffers(), u32::MAX] {
            let before = positions(bench.rx.raw());
            let good = slot(bench.rx.raw(), wrong).buffer();
            slot(bench.rx.raw(), wrong).set_buffer(BufIdx(index));
            move_head(bench.rx.raw(), released);
            let fault = bench.rx.sync().unwrap_err();
            assert!(
                matches!(fault, SyncError::BufferOutOfRange { buffer, .. } if buffer == index),
                "{fault}"
            );
            assert_eq!(positions(bench.rx.raw()), before);
            slot(bench.rx.raw(), wrong).set_buffer(good);
        }
        bench.expect_received((0..count).map(|number| frame(number, 60)));
        still_works(&mut bench);
    }
}

fn bad_length(cell: &Cell) {
    for first in WHEN {
        let mut bench = used(cell, first);
        let limits = cell.facts.limits;
        let too_short = limits.frame_min as u16 - 1;
        for len in [0, too_short, limits.tx_slot_bytes as u16 + 1, u16::MAX] {
            let before = positions(bench.tx.raw());
            slot(bench.tx.raw(), 0).set_len_flags(60, 0);
            slot(bench.tx.raw(), 1).set_len_flags(len, 0);
            move_head(bench.tx.raw(), 2);
            let fault = bench.tx.sync().unwrap_err();
            assert!(
                matches!(fault, SyncError::LengthOutOfRange { len: refused, .. } if refused == len),
                "{fault}"
            );
            assert_eq!(positions(bench.tx.raw()), before);
        }
        assert_eq!(bench.far.receive_within(SHORT), None);
        still_works(&mut bench);
    }
}

fn bad_flag(cell: &Cell) {
    for first in WHEN {
        let mut bench = used(cell, first);
        let before = positions(bench.tx.raw());
        slot(bench.tx.raw(), 0).set_len_flags(60, NS_INDIRECT);
        move_head(bench.tx.raw(), 1);
        let fault = bench.tx.sync().unwrap_err();
        assert!(
            matches!(
                fault,
                SyncError::FlagNotSupported {
                    flags: NS_INDIRECT,
                    ..
                }
            ),
            "{fault}"
        );
        assert_eq!(positions(bench.tx.raw()), before);
        if cell.facts.limits.tx_frame_slots == 1 {
            slot(bench.tx.raw(), 0).set_len_flags(60, NS_MOREFRAG);
            move_head(bench.tx.raw(), 1);
            assert!(bench.tx.sync().is_err());
            assert_eq!(positions(bench.tx.raw()), before);
        }
        bench.assert_silent();
        still_works(&mut bench);
    }
}

/// A client may write to slots that the NIC owns; they were already read when they were handed over.
fn scribbling(cell: &Cell) {
    let mut bench = cell.open();
    let count = bench.sendable(4);
    bench.device().set_link(false);
    bench.send((0..count).map(|number| frame(number, 60)));
    let slots = bench.tx.raw().slots();
    let good: Vec<BufIdx> = slots.iter().map(SlotCell::buffer).collect();
    for slot in slots {
        slot.set_buffer(BufIdx(u32::MAX));
        slot.set_len_flags(u16::MAX, u16::MAX);
    }
    bench.device().set_link(true);
    bench.expect_arrivals((0..count).map(|number| frame(number, 60)));
    bench.drain();
    for (slot, buffer) in bench.tx.raw().slots().iter().zip(good) {
        slot.set_buffer(buffer);
        slot.set_len_flags(0, 0);
    }
    still_works(&mut bench);
}

/// At a reset, such a client loses the slots that it wrote to, gets an error, and can continue.
fn unfit(cell: &Cell) {
    let mut bench = cell.open();
    let count = bench.sendable(4);
    let wrong = count / 2;
    bench.device().set_link(false);
    bench.send((0..count).map(|number| frame(number, 60)));
    let spoiled = &bench.tx.raw().slots()[wrong as usize];
    let good = spoiled.buffer();
    spoiled.set_buffer(BufIdx(0));
    bench.port.reset(Reset::Device).unwrap();
    assert_eq!(bench.tx.counters().dropped, u64::from(count));
    assert_eq!(
        bench.tx.sync(),
        Err(SyncError::BufferOutOfRange {
            slot: wrong,
            buffer: 0
        })
    );
    bench.tx.raw().slots()[wrong as usize].set_buffer(good);
    // Only once, and without another step of control.
    let returned = Progress::Synced {
        handed: 0,
        returned: count,
    };
    assert_eq!(bench.tx.sync(), Ok(returned));
    bench.device().set_link(true);
    bench.port.wait_for_link(LONG).unwrap();
    still_works(&mut bench);
}
