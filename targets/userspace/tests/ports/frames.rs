//! Frames go through whole, in order, and wake who waits for them.

use std::thread;
use std::time::{Duration, Instant};

use netmap_core::{Link, MacAddress};
use netmap_nics::NAMES;
use netmap_userspace::PortConfig;

use crate::bench::{Bench, LONG, SHORT, Slots, frame, queues};
use crate::mixture;

/// Every length once, in no simple order.
fn lengths() -> impl Iterator<Item = (u32, usize)> {
    (0..1455u32).map(|number| (number, 60 + (number as usize * 577) % 1455))
}

#[test]
fn frames_of_every_length_are_sent_whole_and_in_order() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        for (number, len) in lengths() {
            assert!(bench.tx.wait(LONG).unwrap());
            bench.send([frame(number, len)]);
            assert_eq!(bench.arrival(), frame(number, len), "{nic}");
        }
        assert!(bench.tx.drain(LONG).unwrap());
        assert_eq!(bench.tx.counters().sent, 1455);
        bench.assert_lawful();
    }
}

#[test]
fn frames_of_every_length_are_received_whole_and_in_order() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        for (number, len) in lengths() {
            assert!(bench.far.send(&frame(number, len)));
            assert_eq!(bench.take(1), [frame(number, len)], "{nic}");
        }
        assert_eq!(bench.rx.counters().received, 1455);
        bench.assert_lawful();
    }
}

#[test]
fn a_capture_passes_both_ways_unchanged_with_the_smallest_ring() {
    let frames = mixture::frames();
    for nic in NAMES {
        let config = PortConfig {
            promiscuous: true,
            ..PortConfig::default()
        };
        let mut bench = Bench::with(nic, Slots::Fewest, config);
        // Five has no divisor in common with the size of a ring, so in time every slot begins a batch.
        for batch in frames.chunks(5) {
            while bench.tx.room() < batch.len() as u32 {
                assert!(bench.tx.drain(LONG).unwrap());
            }
            bench.send(batch);
            for frame in batch {
                assert!(bench.arrival() == *frame, "{nic}");
            }
        }
        for batch in frames.chunks(5) {
            for frame in batch {
                assert!(bench.far.send(frame));
            }
            assert!(bench.take(batch.len()) == batch, "{nic}");
        }
        bench.assert_lawful();
    }
}

#[test]
fn full_rings_lose_nothing() {
    for nic in NAMES {
        for slots in [Slots::Fewest, Slots::Some] {
            let mut bench = Bench::new(nic, slots);
            let (mut sent, mut arrived) = (0, 0);
            while arrived < 1000 {
                let mut reserved = bench.tx.reserve((1000 - sent).min(7));
                for slot in &mut reserved {
                    let mut slot = slot;
                    slot.write(&frame(sent, 64)).unwrap();
                    sent += 1;
                }
                reserved.commit();
                bench.tx.sync().unwrap();
                while let Some(bytes) = bench.far.receive() {
                    assert_eq!(bytes, frame(arrived, 64));
                    arrived += 1;
                }
            }
            for number in 0..1000 {
                assert!(bench.far.send(&frame(number, 64)));
            }
            for number in 0..1000 {
                assert_eq!(bench.take(1), [frame(number, 64)], "{nic} {slots:?}");
            }
            bench.assert_lawful();
        }
    }
}

#[test]
fn who_waits_for_a_frame_is_woken_by_an_interrupt_each_time() {
    const TIMES: u32 = 50;
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        assert!(!bench.rx.wait(SHORT).unwrap());
        let before = bench.nic.device().interrupts();
        for number in 0..TIMES {
            let (far, rx) = (&mut bench.far, &mut bench.rx);
            thread::scope(|scope| {
                scope.spawn(|| {
                    thread::sleep(Duration::from_millis(2));
                    far.send(&frame(number, 60));
                });
                assert!(rx.wait(LONG).unwrap());
            });
            assert_eq!(bench.take(1), [frame(number, 60)]);
        }
        // Waiting works without interrupts too, so what is to be seen is that they keep coming.
        let interrupts = bench.nic.device().interrupts() - before;
        assert!(interrupts >= u64::from(TIMES) / 2, "{nic}: {interrupts}");
        bench.assert_lawful();
    }
}

#[test]
fn every_queue_sends_from_a_thread_of_its_own() {
    const FRAMES: u32 = 500;
    for nic in NAMES {
        let queues = queues(nic).min(4);
        let config = PortConfig {
            queues,
            ..PortConfig::default()
        };
        let mut bench = Bench::with(nic, Slots::Some, config);
        let others = (1..queues).map(|queue| bench.port.tx(queue as usize).unwrap());
        let mut others: Vec<_> = others.collect();
        let rings = std::iter::once(&mut bench.tx).chain(&mut others);
        thread::scope(|scope| {
            for (queue, ring) in (0..).zip(rings) {
                scope.spawn(move || {
                    for number in 0..FRAMES {
                        assert!(ring.wait(LONG).unwrap());
                        let mut slots = ring.reserve(1);
                        let bytes = frame(queue << 16 | number, 60 + number as usize);
                        slots.next().unwrap().write(&bytes).unwrap();
                        slots.commit();
                        ring.sync().unwrap();
                    }
                    assert!(ring.drain(LONG).unwrap());
                });
            }
            let mut next = vec![0; queues as usize];
            for _ in 0..queues * FRAMES {
                let bytes = bench.far.receive_within(LONG).expect("a frame");
                let queue = usize::from(u16::from_be_bytes([bytes[14], bytes[15]]));
                let expected = frame(
                    (queue as u32) << 16 | next[queue],
                    60 + next[queue] as usize,
                );
                assert_eq!(bytes, expected, "{nic}");
                next[queue] += 1;
            }
        });
        bench.assert_lawful();
    }
}

#[test]
fn a_port_hears_its_own_address_and_others_only_when_promiscuous() {
    let mac = MacAddress([2, 0, 0, 0x12, 0x34, 0x56]);
    let to = |mac: [u8; 6]| {
        let mut bytes = frame(1, 60);
        bytes[..6].copy_from_slice(&mac);
        bytes
    };
    let (own, other) = (to(mac.0), to([2, 0, 0, 0x12, 0x34, 0x57]));
    for nic in NAMES {
        for promiscuous in [false, true] {
            let config = PortConfig {
                promiscuous,
                mac: Some(mac),
                ..PortConfig::default()
            };
            let mut bench = Bench::with(nic, Slots::Some, config);
            assert_eq!(bench.port.identity().mac, Some(mac));
            for bytes in [&other, &own] {
                assert!(bench.far.send(bytes));
            }
            if promiscuous {
                assert_eq!(bench.take(1), std::slice::from_ref(&other), "{nic}");
            }
            assert_eq!(bench.take(1), std::slice::from_ref(&own), "{nic}");
            bench.assert_lawful();
        }
    }
}

#[test]
fn a_port_hears_the_groups_it_was_asked_for_or_all_of_them() {
    let group = |last| MacAddress([1, 0, 0x5e, 0, 0, last]);
    let to = |mac: MacAddress| {
        let mut bytes = frame(u32::from(mac.0[5]), 60);
        bytes[..6].copy_from_slice(&mac.0);
        bytes
    };
    for nic in NAMES {
        for all_multicast in [false, true] {
            let config = PortConfig {
                all_multicast,
                multicast: vec![group(7), group(0x80)],
                ..PortConfig::default()
            };
            let mut bench = Bench::with(nic, Slots::Some, config);
            let heard: Vec<u8> = match all_multicast {
                true => vec![0x08, 0x07, 0x81, 0x80],
                false => vec![0x07, 0x80],
            };
            for last in [0x08, 0x07, 0x81, 0x80] {
                assert!(bench.far.send(&to(group(last))));
            }
            let heard: Vec<_> = heard.into_iter().map(|last| to(group(last))).collect();
            assert_eq!(bench.take(heard.len()), heard, "{nic}");
            thread::sleep(SHORT);
            bench.rx.sync().unwrap();
            assert_eq!(bench.rx.available(), 0, "{nic}");
            bench.assert_lawful();
        }
    }
}

#[test]
fn a_link_that_goes_is_told_once_and_so_is_its_return() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
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
        bench.nic.device().set_link(false);
        assert_eq!(change(&mut bench), Link::Down);
        assert_eq!(bench.port.tick().unwrap(), None);
        bench.nic.device().set_link(true);
        assert!(matches!(change(&mut bench), Link::Up { .. }));
        bench.send([frame(1, 60)]);
        assert_eq!(bench.arrival(), frame(1, 60));
    }
}
