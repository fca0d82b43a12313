//! Clients that break the rules: the whole batch is refused, the error says why, and the next legal sync works.

use std::sync::atomic::Ordering::Relaxed;

use netmap_core::abi::{NS_INDIRECT, NS_MOREFRAG};
use netmap_core::{BufIdx, Reset, Sides as _, SlotCell, SyncError};
use netmap_nics::NAMES;
use netmap_userspace::Ring;

use crate::bench::{Bench, LONG, SHORT, Slots, frame, positions};

/// Whether a mistake comes in the first sync of a ring or after some that went well.
const WHEN: [bool; 2] = [true, false];

fn used(nic: &str, first: bool) -> Bench {
    let mut bench = Bench::new(nic, Slots::Some);
    if !first {
        for number in 0..100 {
            bench.send([frame(number, 60)]);
            assert_eq!(bench.arrival(), frame(number, 60));
            assert!(bench.tx.drain(LONG).unwrap());
            assert!(bench.far.send(&frame(number, 60)));
            assert_eq!(bench.take(1), [frame(number, 60)]);
        }
        bench.rx.sync().unwrap();
    }
    bench
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

#[test]
fn a_head_outside_what_the_client_owns_is_refused_however_often() {
    for nic in NAMES {
        for first in WHEN {
            let mut bench = used(nic, first);
            let slots = bench.tx.slots();
            // Ten slots are the NIC's, which cannot send them.
            bench.nic.device().set_link(false);
            bench.send((0..10).map(|number| frame(number, 60)));
            let (tx, rx) = (positions(bench.tx.raw()), positions(bench.rx.raw()));
            for head in [
                (tx.2 + 1) % slots,
                (tx.0 + slots - 1) % slots,
                slots,
                u32::MAX,
            ] {
                for _ in 0..3 {
                    bench.tx.raw().header().head.store(head, Relaxed);
                    let fault = bench.tx.sync().unwrap_err();
                    assert!(
                        matches!(fault, SyncError::HeadOutOfRange { head: told, .. } if told == head),
                        "{nic}: {fault}"
                    );
                    assert_eq!(positions(bench.tx.raw()), tx);
                }
            }
            for head in [(rx.2 + 1) % slots, slots, u32::MAX] {
                for _ in 0..3 {
                    bench.rx.raw().header().head.store(head, Relaxed);
                    let fault = bench.rx.sync().unwrap_err();
                    assert!(
                        matches!(fault, SyncError::HeadOutOfRange { .. }),
                        "{nic}: {fault}"
                    );
                    assert_eq!(positions(bench.rx.raw()), rx);
                }
            }
            bench.nic.device().set_link(true);
            for number in 0..10 {
                assert_eq!(bench.arrival(), frame(number, 60));
            }
            still_works(&mut bench);
        }
    }
}

#[test]
fn a_cur_outside_head_to_tail_is_refused() {
    for nic in NAMES {
        for first in WHEN {
            let mut bench = used(nic, first);
            let slots = bench.tx.slots();
            let before = positions(bench.tx.raw());
            for cur in [(before.2 + 1) % slots, slots, u32::MAX] {
                move_head(bench.tx.raw(), 2);
                bench.tx.raw().header().cur.store(cur, Relaxed);
                let fault = bench.tx.sync().unwrap_err();
                assert!(
                    matches!(fault, SyncError::CurOutOfRange { .. }),
                    "{nic}: {fault}"
                );
                assert_eq!(positions(bench.tx.raw()), before);
            }
            still_works(&mut bench);
        }
    }
}

#[test]
fn a_buffer_that_is_no_clients_is_refused_and_nothing_of_its_batch_leaves() {
    for nic in NAMES {
        for first in WHEN {
            let mut bench = used(nic, first);
            for index in [0, 1, bench.memory.buffers(), u32::MAX] {
                let before = positions(bench.tx.raw());
                let good = slot(bench.tx.raw(), 2).buffer();
                slot(bench.tx.raw(), 2).set_buffer(BufIdx(index));
                for i in 0..4 {
                    slot(bench.tx.raw(), i).set_len_flags(60, 0);
                }
                move_head(bench.tx.raw(), 4);
                let fault = bench.tx.sync().unwrap_err();
                let at = (before.0 + 2) % bench.tx.slots();
                assert_eq!(
                    fault,
                    SyncError::BufferOutOfRange {
                        slot: at,
                        buffer: index
                    }
                );
                assert_eq!(positions(bench.tx.raw()), before);
                slot(bench.tx.raw(), 2).set_buffer(good);
            }
            assert_eq!(bench.far.receive_within(SHORT), None);

            for number in 0..4 {
                assert!(bench.far.send(&frame(number, 60)));
            }
            bench.await_frames(4);
            for index in [0, 1, bench.memory.buffers(), u32::MAX] {
                let before = positions(bench.rx.raw());
                let good = slot(bench.rx.raw(), 1).buffer();
                slot(bench.rx.raw(), 1).set_buffer(BufIdx(index));
                move_head(bench.rx.raw(), 3);
                let fault = bench.rx.sync().unwrap_err();
                assert!(
                    matches!(fault, SyncError::BufferOutOfRange { buffer, .. } if buffer == index),
                    "{nic}: {fault}"
                );
                assert_eq!(positions(bench.rx.raw()), before);
                slot(bench.rx.raw(), 1).set_buffer(good);
            }
            for number in 0..4 {
                assert_eq!(bench.take(1), [frame(number, 60)]);
            }
            still_works(&mut bench);
        }
    }
}

#[test]
fn a_length_that_cannot_be_sent_is_refused() {
    for nic in NAMES {
        for first in WHEN {
            let mut bench = used(nic, first);
            for len in [0, 1, 2049, u16::MAX] {
                let before = positions(bench.tx.raw());
                slot(bench.tx.raw(), 0).set_len_flags(60, 0);
                slot(bench.tx.raw(), 1).set_len_flags(len, 0);
                move_head(bench.tx.raw(), 2);
                let fault = bench.tx.sync().unwrap_err();
                assert!(
                    matches!(fault, SyncError::LengthOutOfRange { len: told, .. } if told == len),
                    "{nic}: {fault}"
                );
                assert_eq!(positions(bench.tx.raw()), before);
            }
            assert_eq!(bench.far.receive_within(SHORT), None);
            still_works(&mut bench);
        }
    }
}

#[test]
fn a_flag_that_a_nic_ring_does_not_take_is_refused() {
    for nic in NAMES {
        for first in WHEN {
            let mut bench = used(nic, first);
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
                "{nic}: {fault}"
            );
            assert_eq!(positions(bench.tx.raw()), before);
            slot(bench.tx.raw(), 0).set_len_flags(60, NS_MOREFRAG);
            move_head(bench.tx.raw(), 1);
            assert!(bench.tx.sync().is_err());
            assert_eq!(positions(bench.tx.raw()), before);
            still_works(&mut bench);
        }
    }
}

/// A client may scribble on slots that are the NIC's; what was handed over was read already.
#[test]
fn scribbling_on_slots_of_the_nic_changes_nothing_that_was_handed_over() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        bench.nic.device().set_link(false);
        bench.send((0..4).map(|number| frame(number, 60)));
        let good: Vec<BufIdx> = bench
            .tx
            .raw()
            .slots()
            .iter()
            .map(SlotCell::buffer)
            .collect();
        for slot in bench.tx.raw().slots() {
            slot.set_buffer(BufIdx(u32::MAX));
            slot.set_len_flags(u16::MAX, u16::MAX);
        }
        bench.nic.device().set_link(true);
        for number in 0..4 {
            assert_eq!(bench.arrival(), frame(number, 60), "{nic}");
        }
        assert!(bench.tx.drain(LONG).unwrap());
        for (slot, buffer) in bench.tx.raw().slots().iter().zip(good) {
            slot.set_buffer(buffer);
            slot.set_len_flags(0, 0);
        }
        still_works(&mut bench);
    }
}

/// If the same client is reset it loses what it scribbled on, is told, and goes on.
#[test]
fn a_reset_finds_slots_that_are_no_longer_fit_and_says_so_once() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        bench.nic.device().set_link(false);
        bench.send((0..4).map(|number| frame(number, 60)));
        let spoiled = &bench.tx.raw().slots()[2];
        let good = spoiled.buffer();
        spoiled.set_buffer(BufIdx(0));
        bench.port.reset(Reset::Device).unwrap();
        assert_eq!(bench.tx.counters().dropped, 4, "{nic}");
        assert_eq!(
            bench.tx.sync(),
            Err(SyncError::BufferOutOfRange { slot: 2, buffer: 0 })
        );
        bench.tx.raw().slots()[2].set_buffer(good);
        bench.nic.device().set_link(true);
        bench.port.wait_for_link(LONG).unwrap();
        still_works(&mut bench);
    }
}

fn still_works(bench: &mut Bench) {
    for number in 1000..1100 {
        bench.send([frame(number, 100)]);
        assert_eq!(bench.arrival(), frame(number, 100));
        assert!(bench.tx.drain(LONG).unwrap());
        assert!(bench.far.send(&frame(number, 100)));
        assert_eq!(bench.take(1), [frame(number, 100)]);
    }
    bench.assert_lawful();
}
