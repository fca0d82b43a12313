//! A reset is invisible to the client: positions stay, nothing is lost, nothing comes twice that was told.

use netmap_core::{Policy, Progress, Reset};
use netmap_nics::NAMES;
use netmap_userspace::PortConfig;

use crate::bench::{Bench, LONG, SHORT, Slots, frame, positions};

/// Lets `count` frames stand in the transmit ring: without a link nothing leaves.
fn stall(bench: &mut Bench, numbers: std::ops::Range<u32>) {
    bench.nic.device().set_link(false);
    bench.send(numbers.map(|number| frame(number, 70)));
}

fn go_on(bench: &mut Bench) {
    bench.nic.device().set_link(true);
    bench.port.wait_for_link(LONG).unwrap();
}

#[test]
fn frames_handed_over_and_not_sent_leave_after_the_reset() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        bench.send((0..5).map(|number| frame(number, 70)));
        assert!(bench.tx.drain(LONG).unwrap());
        stall(&mut bench, 5..15);
        let before = positions(bench.tx.raw());

        bench.port.reset(Reset::Device).unwrap();

        assert_eq!(positions(bench.tx.raw()), before, "{nic}");
        go_on(&mut bench);
        bench.send([frame(15, 70)]);
        for number in 0..=15 {
            assert_eq!(bench.arrival(), frame(number, 70), "{nic}");
        }
        assert!(bench.tx.drain(LONG).unwrap());
        assert_eq!(bench.far.receive_within(SHORT), None);
        assert_eq!(bench.tx.counters().dropped, 0);
        bench.assert_lawful();
    }
}

#[test]
fn frames_handed_over_and_not_sent_are_dropped_and_counted_if_so_configured() {
    let config = PortConfig {
        policy: Policy::Drop,
        ..PortConfig::default()
    };
    for nic in NAMES {
        let mut bench = Bench::with(nic, Slots::Some, config.clone());
        stall(&mut bench, 0..10);
        let before = positions(bench.tx.raw());

        bench.port.reset(Reset::Device).unwrap();

        assert_eq!(bench.tx.counters().dropped, 10, "{nic}");
        assert_eq!(positions(bench.tx.raw()), before);
        bench.tx.sync().unwrap();
        assert_eq!(bench.tx.pending(), 0);
        go_on(&mut bench);
        bench.send([frame(99, 70)]);
        assert_eq!(bench.arrival(), frame(99, 70));
        bench.assert_lawful();
    }
}

#[test]
fn frames_received_and_not_read_stay_readable() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        for number in 0..9 {
            assert!(bench.far.send(&frame(number, 70)));
        }
        bench.await_frames(9);
        assert_eq!(bench.take(2), [frame(0, 70), frame(1, 70)]);
        let before = positions(bench.rx.raw());

        bench.port.reset(Reset::Device).unwrap();

        assert_eq!(positions(bench.rx.raw()), before, "{nic}");
        bench.port.wait_for_link(LONG).unwrap();
        for number in 9..12 {
            assert!(bench.far.send(&frame(number, 70)));
        }
        for number in 2..12 {
            assert_eq!(bench.take(1), [frame(number, 70)], "{nic}");
        }
        bench.assert_lawful();
    }
}

#[test]
fn frames_that_arrived_unnoticed_before_a_reset_are_there_after_it() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        for number in 0..3 {
            assert!(bench.far.send(&frame(number, 70)));
        }
        while bench.nic.device().counts().rx_frames < 3 {
            std::thread::yield_now();
        }
        bench.port.reset(Reset::Device).unwrap();
        assert_eq!(bench.rx.available(), 0);
        bench.rx.sync().unwrap();
        assert_eq!(bench.rx.available(), 3, "{nic}");
        assert_eq!(bench.take(3), [frame(0, 70), frame(1, 70), frame(2, 70)]);
        bench.assert_lawful();
    }
}

/// Client and NIC stand apart by every number of slots that a ring allows, in both directions.
#[test]
fn the_smallest_rings_work_at_every_offset() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Fewest);
        let slots = bench.tx.slots().max(bench.rx.slots());
        let mut number = 0;
        for offset in 0..=slots {
            // One slot more, then a reset, and the two sides stand one further apart.
            bench.send([frame(number, 70)]);
            assert_eq!(bench.arrival(), frame(number, 70), "{nic} at {offset}");
            assert!(bench.tx.drain(LONG).unwrap());
            assert!(bench.far.send(&frame(number, 70)));
            assert_eq!(bench.take(1), [frame(number, 70)], "{nic} at {offset}");
            bench.rx.sync().unwrap();
            number += 1;
            bench.port.reset(Reset::Device).unwrap();
            bench.port.wait_for_link(LONG).unwrap();

            // Once around and a little more, in batches of all sizes.
            for batch in 1..bench.tx.slots() {
                let numbers = number..number + batch;
                bench.send(numbers.clone().map(|number| frame(number, 70)));
                for number in numbers.clone() {
                    assert_eq!(bench.arrival(), frame(number, 70), "{nic} at {offset}");
                }
                assert!(bench.tx.drain(LONG).unwrap());
                for number in numbers.clone() {
                    assert!(bench.far.send(&frame(number, 70)));
                }
                for number in numbers {
                    assert_eq!(bench.take(1), [frame(number, 70)], "{nic} at {offset}");
                }
                number += batch;
            }
        }
        bench.assert_lawful();
    }
}

#[test]
fn resets_in_the_middle_of_traffic_lose_and_repeat_nothing_that_was_received() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        let (mut sent, mut received) = (0, 0);
        for round in 0..200 {
            for _ in 0..round % 13 {
                assert!(bench.far.send(&frame(sent, 64 + sent as usize % 100)));
                sent += 1;
            }
            bench.rx.sync().unwrap();
            if round % 5 == 0 {
                // What finds the receiver off is lost on any wire.
                while bench.nic.device().counts().rx_frames < u64::from(sent) {
                    std::thread::yield_now();
                }
                bench.port.reset(Reset::Device).unwrap();
                bench.port.wait_for_link(LONG).unwrap();
            }
            let available = bench.rx.available() as usize;
            for bytes in bench.take(available / 2) {
                assert_eq!(
                    bytes,
                    frame(received, 64 + received as usize % 100),
                    "{nic}"
                );
                received += 1;
            }
        }
        while received < sent {
            for bytes in bench.take(1) {
                assert_eq!(
                    bytes,
                    frame(received, 64 + received as usize % 100),
                    "{nic}"
                );
                received += 1;
            }
        }
    }
}

#[test]
fn a_stopped_port_pauses_its_rings_and_goes_on_where_it_was() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        bench.send([frame(0, 70)]);
        assert_eq!(bench.arrival(), frame(0, 70));
        bench.port.stop().unwrap();
        bench.port.stop().unwrap();

        let mut slots = bench.tx.reserve(1);
        slots.next().unwrap().write(&frame(1, 70)).unwrap();
        slots.commit();
        assert_eq!(bench.tx.sync(), Ok(Progress::Paused));
        assert_eq!(bench.rx.sync(), Ok(Progress::Paused));
        assert!(!bench.rx.wait(SHORT).unwrap());

        bench.port.start().unwrap();
        bench.port.wait_for_link(LONG).unwrap();
        bench.tx.sync().unwrap();
        assert_eq!(bench.arrival(), frame(1, 70));
        bench.assert_lawful();
    }
}
