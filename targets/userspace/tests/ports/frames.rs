//! Frames go through whole, in order, and wake who waits for them.

use std::thread;
use std::time::{Duration, Instant};

use netmap_core::{Link, MacAddress};
use netmap_nics::NAMES;
use netmap_userspace::PortConfig;

use crate::bench::{Bench, LONG, SHORT, Slots, frame};

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
fn who_waits_for_a_frame_is_woken_by_it() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        assert!(!bench.rx.wait(SHORT).unwrap());
        let (far, rx) = (&mut bench.far, &mut bench.rx);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(50));
                far.send(&frame(1, 60));
            });
            let since = Instant::now();
            assert!(rx.wait(LONG).unwrap());
            assert!(since.elapsed() < LONG / 4, "{nic}: {:?}", since.elapsed());
        });
        assert_eq!(bench.take(1), [frame(1, 60)]);
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
