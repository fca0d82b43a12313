//! Frames are sent and received whole, in order and once.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use netmap_core::Link;
use netmap_sim::wire::Loopback;
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, Slots, Stopped, assert_same, memory, put};
use crate::cell::{Cell, Shown};
use crate::frames::{frame, mixture, with_vlan_tag};

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "frames of every length are sent whole and in order",
        every_length_sent,
    ),
    Behaviour::new(
        "frames of every length are received whole and in order",
        every_length_received,
    ),
    Behaviour::new(
        "a capture passes both ways unchanged with the smallest rings",
        |cell| {
            capture_passes(cell, Slots::Fewest);
        },
    )
    .repeats(),
    Behaviour::new(
        "a capture passes both ways unchanged with the default rings",
        |cell| {
            capture_passes(cell, Slots::AsTold);
        },
    )
    .repeats(),
    Behaviour::new(
        "the longest configured frames pass both ways, for every configured limit",
        longest,
    ),
    Behaviour::new("the shortest frames are padded with zeros", shortest),
    Behaviour::new(
        "a port receives no frame much longer than configured",
        much_longer,
    )
    .needs(Cell::limits_lengths),
    Behaviour::new(
        "full-size frames with a VLAN tag pass both ways, and longer ones are dropped and counted",
        full_size_tagged,
    )
    .needs(Cell::limits_lengths),
    Behaviour::new("full rings lose nothing", full_rings).needs(Cell::holds_frames),
    Behaviour::new(
        "a lost link is reported once, and so is its return",
        link_state,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "ten million frames are sent and received in order",
        ten_million,
    )
    .needs(|cell| cell.has_inside().and(is_never_kicked(cell)))
    .takes_long(),
];

/// Needs a device without kicks: so many kicks are lost that ten million frames would take very long.
fn is_never_kicked(cell: &Cell) -> Shown {
    match cell.facts.is_kicked {
        true => Err("ten million frames take too long on a device that waits for kicks".to_owned()),
        false => Ok(()),
    }
}

/// Every length up to `most`, which is 1514 at most, in an irregular order.
fn lengths(most: u32) -> impl Iterator<Item = Vec<u8>> {
    let frames = (0..1455u32).map(|number| frame(number, 60 + (number as usize * 577) % 1455));
    frames.filter(move |frame| frame.len() <= most as usize)
}

fn every_length_sent(cell: &Cell) {
    let mut bench = cell.open();
    let mut count = 0;
    for frame in lengths(cell.facts.limits.tx_frame_max) {
        assert!(bench.tx.wait(LONG).unwrap());
        bench.send([&frame]);
        bench.expect_arrivals([&frame]);
        count += 1;
    }
    bench.drain();
    assert_eq!(bench.tx.counters().sent, count);
}

fn every_length_received(cell: &Cell) {
    let mut bench = cell.open();
    let mut count = 0;
    for frame in lengths(cell.facts.limits.rx_frame_max) {
        bench.far.send(&frame);
        bench.expect_received([&frame]);
        count += 1;
    }
    assert_eq!(bench.rx.counters().received, count);
}

/// Around the limits of frames with and without a VLAN tag, above which NICs need a setting.
fn longest(cell: &Cell) {
    let most = cell.facts.limits.frame_max.min(1530);
    for frame_max in 60.max(most.saturating_sub(30))..=most {
        let config = PortConfig {
            frame_max: Some(frame_max),
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Some, config);
        let frame = frame(frame_max, frame_max as usize);
        bench.send([&frame]);
        bench.expect_arrivals([&frame]);
        bench.far.send(&frame);
        bench.expect_received([&frame]);
    }
}

fn shortest(cell: &Cell) {
    let least = cell.facts.limits.frame_min as usize;
    let mut bench = cell.open();
    for len in least..least + 8 {
        let sent = &frame(7, 60)[..len];
        bench.send([sent]);
        let arrived = bench.arrival();
        let (whole, behind) = arrived.split_at_checked(len).expect("a frame cut short");
        assert_same(whole, sent);
        assert!(behind.iter().all(|&byte| byte == 0), "{behind:x?}");
    }
    bench.drain();
}

/// `frame_max` counts a frame without its tag, which makes it four bytes longer.
fn full_size_tagged(cell: &Cell) {
    let limits = &cell.facts.limits;
    // A NIC may receive no frame longer than its longest, with a tag or without.
    let most = limits.rx_frame_max - 4;
    let usual = PortConfig::FRAME_MAX.min(most);
    let longer = [1600, 2000].into_iter().filter(|&longer| longer <= most);
    for frame_max in [usual].into_iter().chain(longer) {
        let config = PortConfig {
            frame_max: Some(frame_max),
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Some, config);
        let full = |number| with_vlan_tag(&frame(number, frame_max as usize));
        if full(0).len() <= limits.tx_frame_max as usize {
            bench.send([full(1)]);
            bench.expect_arrivals([full(1)]);
        }
        bench.far.send(&full(2));
        bench.expect_received([full(2)]);
        // NICs without an exact limit for long frames take more of these.
        if frame_max == usual {
            let mut long = vec![with_vlan_tag(&frame(3, usual as usize + 86))];
            if cell.has_inside().is_ok() {
                long.push(with_vlan_tag(&frame(4, usual as usize + 1)));
            }
            long.iter().for_each(|frame| bench.far.send(frame));
            bench.far.send(&frame(5, 60));
            bench.expect_received([frame(5, 60)]);
            if cell.has_inside().is_ok() {
                assert_eq!(bench.device().counts().rx_length_errors, 2);
            }
        }
        bench.assert_silent();
    }
}

fn much_longer(cell: &Cell) {
    let usual = cell.facts.limits.longest_received(&PortConfig::default());
    for (frame_max, longer) in [(usual.min(500), 9000), (usual, 9000), (usual, 2200)] {
        let config = PortConfig {
            frame_max: Some(frame_max),
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Some, config);
        bench.far.send(&frame(1, longer));
        bench.far.send(&frame(2, 60));
        bench.expect_received([frame(2, 60)]);
        bench.assert_silent();
    }
}

/// Far more frames than a ring holds, one way, the other way, and both at once.
fn capture_passes(cell: &Cell, slots: Slots) {
    let frames = mixture(&cell.facts.limits);
    let config = PortConfig {
        promiscuous: true,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(slots, config);
    // Five is coprime to the ring size, so eventually every slot begins a batch.
    let most = bench.tx.slots().min(bench.rx.slots()) as usize - 1;
    for batch in frames.chunks(most.min(5)) {
        if bench.tx.room() < batch.len() as u32 {
            bench.drain();
        }
        bench.send(batch);
        bench.expect_arrivals(batch);
    }
    let under_way = cell.under_way(&bench.rx);
    for batch in frames.chunks(most.min(5).min(under_way as usize)) {
        batch.iter().for_each(|frame| bench.far.send(frame));
        bench.expect_received(batch);
    }
    both_at_once(&mut bench, &frames, under_way);
    let count = 2 * frames.len() as u64;
    assert_eq!(bench.tx.counters().sent, count);
    assert_eq!(bench.rx.counters().received, count);
    bench.assert_silent();
}

/// So many frames are under way to the port at most.
fn both_at_once(bench: &mut Bench, frames: &[Vec<u8>], under_way: u32) {
    let (mut sent, taken) = (0, AtomicU32::new(0));
    let Bench { tx, rx, far, .. } = bench;
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut going, mut coming) = (frames.iter().peekable(), frames.iter());
            let since = Instant::now();
            while going.peek().is_some() || coming.len() > 0 {
                assert!(
                    since.elapsed() < 2 * LONG,
                    "{} frames not sent",
                    coming.len()
                );
                if sent < taken.load(Relaxed).saturating_add(under_way)
                    && going.next_if(|frame| far.offer(frame)).is_some()
                {
                    sent += 1;
                }
                while let Some(found) = far.receive() {
                    assert_same(&found, coming.next().expect("no frame too many"));
                }
                thread::yield_now();
            }
        });
        scope.spawn(|| {
            let mut frames = frames;
            while !frames.is_empty() {
                assert!(tx.wait(LONG).unwrap());
                let (now, later) = frames.split_at(frames.len().min(tx.room() as usize));
                put(tx, now);
                tx.sync().unwrap();
                frames = later;
            }
            assert!(tx.drain(LONG).unwrap());
        });
        let mut expected = frames.iter();
        while expected.len() > 0 {
            assert!(
                rx.wait(LONG).unwrap(),
                "{} frames not received",
                expected.len()
            );
            let mut received = rx.frames();
            for found in &mut received {
                let frame = expected.next().expect("no frame too many");
                assert_same(&found.to_vec().unwrap(), frame);
            }
            received.release();
            taken.store((frames.len() - expected.len()) as u32, Relaxed);
        }
    });
    rx.sync().unwrap();
}

fn full_rings(cell: &Cell) {
    const FRAMES: u32 = 1000;
    for slots in [Slots::Fewest, Slots::Some] {
        let mut bench = cell.open_as(slots, PortConfig::default());
        let (mut sent, mut arrived) = (0, 0);
        let since = Instant::now();
        while arrived < FRAMES {
            assert!(since.elapsed() < LONG, "{arrived} of {sent} arrived");
            let mut reserved = bench.tx.reserve((FRAMES - sent).min(7));
            for mut slot in &mut reserved {
                slot.write(&frame(sent, 64)).unwrap();
                sent += 1;
            }
            reserved.commit();
            bench.tx.sync().unwrap();
            while let Some(bytes) = bench.far.receive() {
                assert_same(&bytes, &frame(arrived, 64));
                arrived += 1;
            }
        }
        let Bench { far, rx, .. } = &mut bench;
        thread::scope(|scope| {
            scope.spawn(|| (0..FRAMES).for_each(|number| far.send(&frame(number, 64))));
            // The ring fills up before the first frame is read.
            thread::sleep(SHORT);
            let mut expected = 0;
            while expected < FRAMES {
                assert!(rx.wait(LONG).unwrap(), "{expected} frames");
                let mut frames = rx.frames();
                for found in frames.by_ref().take(1) {
                    assert_same(&found.to_vec().unwrap(), &frame(expected, 64));
                    expected += 1;
                }
                frames.release();
            }
        });
    }
}

fn link_state(cell: &Cell) {
    let mut bench = cell.open();
    let change = |bench: &mut Bench| {
        let since = Instant::now();
        loop {
            if let Some(link) = bench.port.tick().unwrap() {
                return link;
            }
            assert!(since.elapsed() < LONG);
        }
    };
    assert!(!bench.rx.wait(SHORT).unwrap());
    assert_eq!(bench.port.tick().unwrap(), None);
    bench.device().set_link(false);
    assert_eq!(change(&mut bench), Link::Down);
    assert_eq!(bench.port.tick().unwrap(), None);
    bench.device().set_link(true);
    assert!(matches!(change(&mut bench), Link::Up { .. }));
    bench.send([frame(1, 60)]);
    bench.expect_arrivals([frame(1, 60)]);
}

/// Numbered frames, with sender and receiver on two threads.
fn ten_million(cell: &Cell) {
    const FRAMES: u64 = 10_000_000;
    let memory = memory(2048);
    let stopped = cell.stopped(&memory, Slots::Some, PortConfig::default());
    let Stopped { mut port, nic, .. } = stopped.unwrap();
    nic.device().plug(Loopback::new());
    port.start().unwrap();
    port.wait_for_link(LONG).unwrap();
    let (mut tx, mut rx) = (port.tx(0).unwrap(), port.rx(0).unwrap());
    let ahead = u64::from(cell.under_way(&rx));
    let taken = AtomicU64::new(0);
    thread::scope(|scope| {
        let taken = &taken;
        scope.spawn(move || {
            let mut frame = frame(0, 60);
            let mut sent = 0u64;
            while sent < FRAMES {
                let since = Instant::now();
                while sent == taken.load(Relaxed) + ahead {
                    assert!(since.elapsed() < LONG, "none of {ahead} frames arrives");
                    thread::yield_now();
                }
                let room = FRAMES.min(taken.load(Relaxed) + ahead) - sent;
                let room = u32::try_from(room).unwrap_or(u32::MAX);
                let mut slots = tx.reserve(room);
                for mut slot in &mut slots {
                    frame[14..22].copy_from_slice(&sent.to_be_bytes());
                    slot.write(&frame).unwrap();
                    sent += 1;
                }
                slots.commit();
                tx.sync().unwrap();
                assert!(tx.wait(LONG).unwrap());
            }
            assert!(tx.drain(LONG).unwrap());
        });
        let mut bytes = [0; 60];
        let mut received = 0u64;
        while received < FRAMES {
            assert!(rx.wait(LONG).unwrap());
            let mut frames = rx.frames();
            for frame in &mut frames {
                assert_eq!(frame.read(&mut bytes).unwrap(), 60);
                assert_eq!(bytes[14..22], received.to_be_bytes());
                received += 1;
            }
            frames.release();
            taken.store(received, Relaxed);
        }
    });
}
