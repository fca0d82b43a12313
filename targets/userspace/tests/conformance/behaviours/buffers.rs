//! Buffers are exchanged between rings without copying, losing or sharing any.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use netmap_core::abi::NS_BUF_CHANGED;
use netmap_core::{BufIdx, RingMemory as _, SlotCell, SyncError};
use netmap_userspace::{Error, PortConfig, Ring};

use super::Behaviour;
use crate::bench::{Bench, LONG, Slots, assert_same, memory, put};
use crate::cell::{Cell, Shown};
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "frames are forwarded between ports of one memory without copying",
        forwarded,
    ),
    Behaviour::new(
        "frames are forwarded to and from ports of every other NIC",
        other_nics,
    )
    .repeats()
    .needs(has_other_nics),
    Behaviour::new("buffers stay in their memory region", stay_in_memory),
    Behaviour::new("a frame can be kept and sent later", kept),
    Behaviour::new("a closed port frees all its memory", frees_memory),
    Behaviour::new("a ring may outlive its port and keeps its memory", outlives),
    Behaviour::new("two ports of one memory exchange frames over a cable", talk),
];

fn buffers(rings: [&Ring; 4]) -> HashSet<BufIdx> {
    let all: Vec<BufIdx> = rings
        .iter()
        .flat_map(|ring| ring.slots().iter().map(SlotCell::buffer))
        .collect();
    let set: HashSet<BufIdx> = all.iter().copied().collect();
    assert_eq!(set.len(), all.len(), "a buffer in two slots");
    set
}

fn forwarded(cell: &Cell) {
    let memory = memory(1024);
    let left = cell.open_on(&memory, Slots::Some, PortConfig::default());
    let right = cell.open_on(&memory, Slots::Fewest, PortConfig::default());
    let under_way = cell.under_way(&left.rx);
    bridge(left, right, 500, under_way);
}

fn has_other_nics(cell: &Cell) -> Shown {
    match cell.others().is_empty() {
        true => Err("there is no other NIC".to_owned()),
        false => Ok(()),
    }
}

fn other_nics(cell: &Cell) {
    for other in cell.others() {
        for (from, to) in [(cell, other), (other, cell)] {
            let memory = memory(1024);
            let left = from.open_on(&memory, Slots::Some, PortConfig::default());
            let right = to.open_on(&memory, Slots::Fewest, PortConfig::default());
            let under_way = from.under_way(&left.rx);
            bridge(left, right, 200, under_way);
        }
    }
}

/// A bridge: one port sends what the other receives, by exchanging buffers.
/// So many frames are under way at most.
fn bridge(mut left: Bench, mut right: Bench, count: u32, under_way: u32) {
    let rings = |left: &Bench, right: &Bench| {
        buffers([left.tx.raw(), left.rx.raw(), right.tx.raw(), right.rx.raw()])
    };
    let before = rings(&left, &right);
    let bytes = |number: u32| frame(number, 60 + number as usize % 100);
    let (mut sent, mut moved, mut arrived) = (0, 0u32, 0);
    let since = Instant::now();
    while arrived < count {
        assert!(
            since.elapsed() < LONG,
            "{sent} sent, {moved} moved, {arrived} arrived"
        );
        while sent < count.min(moved.saturating_add(under_way)) && left.far.offer(&bytes(sent)) {
            sent += 1;
        }
        left.rx.sync().unwrap();
        moved += left.rx.forward(&mut right.tx).unwrap();
        right.tx.sync().unwrap();
        while let Some(found) = right.far.receive() {
            assert_same(&found, &bytes(arrived));
            arrived += 1;
        }
    }
    assert_eq!(moved, count);
    assert_eq!(rings(&left, &right), before);
}

fn stay_in_memory(cell: &Cell) {
    let (mut left, mut right) = (cell.open(), cell.open());
    left.far.send(&frame(1, 60));
    left.await_frames(1);
    assert!(matches!(
        left.rx.forward(&mut right.tx),
        Err(Error::OtherMemory)
    ));
    let mut foreign = right.memory.buffer().unwrap();
    let mut slots = left.tx.reserve(1);
    let mut slot = slots.next().unwrap();
    assert!(matches!(
        slot.swap_buffer(&mut foreign, 60),
        Err(Error::OtherMemory)
    ));
    drop(slots);
    left.expect_received([frame(1, 60)]);
}

fn kept(cell: &Cell) {
    let mut bench = cell.open();
    let free = bench.memory.free_buffers();
    bench.far.send(&frame(7, 333));
    bench.await_frames(1);
    let mut kept = bench.memory.buffer().unwrap();
    let mut frames = bench.rx.frames();
    let len = frames.next().unwrap().swap_buffer(&mut kept).unwrap();
    frames.release();
    // Both slots have another buffer than before.
    let changed = |ring: &Ring| ring.slots()[0].len_flags().1 & NS_BUF_CHANGED;
    assert_eq!(changed(bench.rx.raw()), NS_BUF_CHANGED);
    bench.rx.sync().unwrap();
    assert_same(&kept.contents().to_vec(0, len), &frame(7, 333));

    let mut slots = bench.tx.reserve(1);
    let mut slot = slots.next().unwrap();
    slot.swap_buffer(&mut kept, len as u16).unwrap();
    slots.commit();
    assert_eq!(changed(bench.tx.raw()), NS_BUF_CHANGED);
    bench.tx.sync().unwrap();
    bench.expect_arrivals([frame(7, 333)]);
    drop(kept);
    assert_eq!(bench.memory.free_buffers(), free);
}

fn frees_memory(cell: &Cell) {
    let memory = memory(300);
    let free = memory.free_buffers();
    for round in 0..3 {
        let mut bench = cell.open_on(&memory, Slots::Some, PortConfig::default());
        let taken = bench.tx.slots() + bench.rx.slots();
        assert_eq!(memory.free_buffers(), free - taken);
        bench.send([frame(round, 60)]);
        bench.expect_arrivals([frame(round, 60)]);
        drop(bench);
        assert_eq!(memory.free_buffers(), free);
    }
}

fn outlives(cell: &Cell) {
    let memory = memory(300);
    let region = Arc::downgrade(memory.region());
    let stopped = cell.stopped(&memory, Slots::Some, PortConfig::default());
    let mut stopped = stopped.unwrap();
    stopped.port.start().unwrap();
    let mut tx = stopped.port.tx(0).unwrap();
    assert!(matches!(stopped.port.tx(0), Err(Error::NoRing { .. })));
    assert!(matches!(stopped.port.rx(1), Err(Error::NoRing { .. })));
    drop((stopped, memory));
    assert_eq!(tx.sync(), Err(SyncError::PortClosed));
    assert!(region.upgrade().is_some());
    drop(tx);
    assert!(region.upgrade().is_none());
}

fn talk(cell: &Cell) {
    let memory = memory(1024);
    let ports = cell.two_on_a_cable(&memory, PortConfig::default());
    let [mut one, mut other] = ports.unwrap();
    for port in [&mut one, &mut other] {
        port.start().unwrap();
        port.wait_for_link(LONG).unwrap();
    }
    let (mut tx, mut rx) = (one.tx(0).unwrap(), other.rx(0).unwrap());
    for number in 0..300 {
        put(&mut tx, [frame(number, 80)]);
        tx.sync().unwrap();
        assert!(rx.wait(LONG).unwrap());
        let mut frames = rx.frames();
        assert_same(
            &frames.next().unwrap().to_vec().unwrap(),
            &frame(number, 80),
        );
        frames.release();
        assert!(tx.drain(LONG).unwrap());
    }
}
