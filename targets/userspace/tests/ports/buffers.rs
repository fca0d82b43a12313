//! Buffers move between rings without being copied, lost or shared.

use std::collections::HashSet;

use netmap_core::{BufIdx, Sides as _, SlotCell};
use netmap_nics::NAMES;
use netmap_sim::wire::{Flow, cable};
use netmap_userspace::{Error, Memory, PortConfig, Ring};

use crate::bench::{Bench, LONG, Slots, frame, stopped};

fn buffers(rings: [&Ring; 4]) -> HashSet<BufIdx> {
    let all: Vec<BufIdx> = rings
        .iter()
        .flat_map(|ring| ring.slots().iter().map(SlotCell::buffer))
        .collect();
    let set: HashSet<BufIdx> = all.iter().copied().collect();
    assert_eq!(set.len(), all.len(), "a buffer in two slots");
    set
}

/// A bridge: what one port receives the other sends, by exchanging buffers.
#[test]
fn frames_are_forwarded_between_ports_of_one_memory_without_copying() {
    for nic in NAMES {
        let memory = Memory::create(1024).unwrap();
        let mut left = Bench::on(&memory, nic, Slots::Some, PortConfig::default());
        let mut right = Bench::on(&memory, nic, Slots::Fewest, PortConfig::default());
        let rings = |left: &Bench, right: &Bench| {
            buffers([left.tx.raw(), left.rx.raw(), right.tx.raw(), right.rx.raw()])
        };
        let before = rings(&left, &right);
        for number in 0..500 {
            assert!(left.far.send(&frame(number, 60 + number as usize)));
        }
        let (mut moved, mut arrived) = (0, 0);
        while arrived < 500 {
            left.rx.sync().unwrap();
            moved += left.rx.forward(&mut right.tx).unwrap();
            right.tx.sync().unwrap();
            while let Some(bytes) = right.far.receive() {
                assert_eq!(bytes, frame(arrived, 60 + arrived as usize), "{nic}");
                arrived += 1;
            }
        }
        assert_eq!(moved, 500);
        assert_eq!(rings(&left, &right), before);
        left.assert_lawful();
        right.assert_lawful();
    }
}

#[test]
fn buffers_do_not_leave_their_memory() {
    for nic in NAMES {
        let mut left = Bench::new(nic, Slots::Some);
        let mut right = Bench::new(nic, Slots::Some);
        assert!(left.far.send(&frame(1, 60)));
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
        assert_eq!(left.take(1), [frame(1, 60)]);
    }
}

#[test]
fn a_frame_can_be_kept_and_sent_later() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        let free = bench.memory.free_buffers();
        assert!(bench.far.send(&frame(7, 333)));
        bench.await_frames(1);
        let mut kept = bench.memory.buffer().unwrap();
        let mut frames = bench.rx.frames();
        let len = frames.next().unwrap().swap_buffer(&mut kept).unwrap();
        frames.release();
        bench.rx.sync().unwrap();
        assert_eq!(kept.contents().to_vec(0, len), frame(7, 333));

        let mut slots = bench.tx.reserve(1);
        let mut slot = slots.next().unwrap();
        slot.swap_buffer(&mut kept, len as u16).unwrap();
        slots.commit();
        bench.tx.sync().unwrap();
        assert_eq!(bench.arrival(), frame(7, 333), "{nic}");
        drop(kept);
        assert_eq!(bench.memory.free_buffers(), free);
        bench.assert_lawful();
    }
}

#[test]
fn a_port_gives_everything_back() {
    for nic in NAMES {
        let memory = Memory::create(300).unwrap();
        let free = memory.free_buffers();
        for round in 0..3 {
            let mut bench = Bench::on(&memory, nic, Slots::Some, PortConfig::default());
            assert_eq!(memory.free_buffers(), free - 128);
            bench.send([frame(round, 60)]);
            assert_eq!(bench.arrival(), frame(round, 60));
            drop(bench);
            assert_eq!(memory.free_buffers(), free, "{nic}");
        }
    }
}

#[test]
fn a_ring_may_outlive_its_port_and_keeps_its_memory() {
    for nic in NAMES {
        let memory = Memory::create(300).unwrap();
        let path = memory.region().path().to_owned();
        let (mut port, _) = stopped(&memory, nic, Slots::Some, PortConfig::default()).unwrap();
        port.start().unwrap();
        let mut tx = port.tx(0).unwrap();
        assert!(matches!(port.tx(0), Err(Error::NoRing { .. })));
        assert!(matches!(port.rx(1), Err(Error::NoRing { .. })));
        drop((port, memory));
        assert_eq!(tx.sync(), Ok(netmap_core::Progress::Paused));
        assert!(path.exists());
        drop(tx);
        assert!(!path.exists(), "{nic}");
    }
}

#[test]
fn two_ports_of_one_memory_talk_over_a_cable() {
    for nic in NAMES {
        let memory = Memory::create(1024).unwrap();
        let open = || stopped(&memory, nic, Slots::Some, PortConfig::default()).unwrap();
        let ((mut one, first), (mut other, second)) = (open(), open());
        let (a, b) = cable(Flow::Lossless, 100);
        first.device().plug(a);
        second.device().plug(b);
        for port in [&mut one, &mut other] {
            port.start().unwrap();
            port.wait_for_link(LONG).unwrap();
        }
        let (mut tx, mut rx) = (one.tx(0).unwrap(), other.rx(0).unwrap());
        for number in 0..300 {
            let mut slots = tx.reserve(1);
            slots.next().unwrap().write(&frame(number, 80)).unwrap();
            slots.commit();
            tx.sync().unwrap();
            assert!(rx.wait(LONG).unwrap());
            let mut frames = rx.frames();
            assert_eq!(frames.next().unwrap().to_vec().unwrap(), frame(number, 80));
            frames.release();
            assert!(tx.drain(LONG).unwrap());
        }
    }
}
