//! Devices that misbehave: an error or a counter, never a panic, and a reset that mends it.

use netmap_core::{Progress, Reset};
use netmap_nics::NAMES;
use netmap_sim::Defect;
use netmap_userspace::{Error, Memory, PortConfig};

use crate::bench::{Bench, LONG, SHORT, Slots, frame, stopped};

#[test]
fn a_device_that_is_stuck_is_started_again_by_a_reset() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        bench.nic.device().break_by(Defect::Stuck);
        bench.send((0..6).map(|number| frame(number, 60)));
        assert!(!bench.tx.drain(SHORT).unwrap());
        bench.nic.device().mend();
        bench.port.reset(Reset::Device).unwrap();
        bench.port.wait_for_link(LONG).unwrap();
        assert!(bench.tx.drain(LONG).unwrap());
        let mut arrived: Vec<_> = (0..6).map(|_| bench.arrival()).collect();
        arrived.dedup();
        assert!(arrived.contains(&frame(0, 60)), "{nic}");
    }
}

#[test]
fn a_device_that_was_pulled_out_fails_its_reset_and_leaves_the_rings_paused() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        bench.send([frame(0, 60)]);
        assert_eq!(bench.arrival(), frame(0, 60));
        bench.nic.device().break_by(Defect::Gone);
        bench.send([frame(1, 60)]);
        assert!(!bench.tx.drain(SHORT).unwrap());
        assert!(!bench.rx.wait(SHORT).unwrap());
        let error = bench.port.reset(Reset::Device).unwrap_err();
        assert!(matches!(error, Error::Device(_)), "{nic}: {error}");
        assert_eq!(bench.tx.sync(), Ok(Progress::Paused));

        // Put back, it is as good as new, and what waited goes out.
        bench.nic.device().mend();
        bench.port.reset(Reset::Device).unwrap();
        bench.port.wait_for_link(LONG).unwrap();
        assert_eq!(bench.arrival(), frame(1, 60), "{nic}");
    }
}

#[test]
fn a_device_that_reports_more_than_a_buffer_is_not_believed() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        bench.nic.device().break_by(Defect::Length(u16::MAX));
        assert!(bench.far.send(&frame(0, 60)));
        let since = std::time::Instant::now();
        while bench.rx.counters().overlong == 0 {
            let _ = bench.rx.sync();
            assert!(since.elapsed() < LONG, "{nic}");
        }
        bench.nic.device().mend();
        assert!(bench.far.send(&frame(1, 60)));
        let since = std::time::Instant::now();
        let bytes = loop {
            let _ = bench.rx.sync();
            if let Some(frame) = bench.rx.frames().next() {
                break frame.to_vec().unwrap();
            }
            assert!(since.elapsed() < LONG, "{nic}");
        };
        assert_eq!(bytes, frame(1, 60));
    }
}

#[test]
fn damaged_frames_are_passed_over_and_counted() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        bench.nic.device().break_by(Defect::Damaged);
        for number in 0..200 {
            assert!(bench.far.send(&frame(number, 60)));
        }
        let since = std::time::Instant::now();
        while bench.rx.counters().errors < 200 {
            assert!(since.elapsed() < LONG, "{nic}");
            bench.rx.sync().unwrap();
            let mut frames = bench.rx.frames();
            assert!(frames.next().is_none());
            frames.release();
        }
        bench.nic.device().mend();
        assert!(bench.far.send(&frame(200, 60)));
        let since = std::time::Instant::now();
        loop {
            assert!(since.elapsed() < LONG, "{nic}");
            bench.rx.sync().unwrap();
            let mut frames = bench.rx.frames();
            let next = frames.next().map(|frame| frame.to_vec().unwrap());
            frames.release();
            if let Some(bytes) = next {
                assert_eq!(bytes, frame(200, 60));
                break;
            }
        }
    }
}

#[test]
fn reports_that_come_late_and_out_of_order_are_waited_for() {
    for nic in NAMES {
        let mut bench = Bench::new(nic, Slots::Some);
        bench.nic.device().break_by(Defect::DoneOutOfOrder);
        bench.nic.device().break_by(Defect::DoneLate(3));
        for round in 0..50 {
            let numbers = round * 5..round * 5 + 5;
            bench.send(numbers.clone().map(|number| frame(number, 60)));
            for number in numbers.clone() {
                assert_eq!(bench.arrival(), frame(number, 60), "{nic}");
            }
            for number in numbers.clone() {
                assert!(bench.far.send(&frame(number, 60)));
            }
            for number in numbers {
                assert_eq!(bench.take(1), [frame(number, 60)], "{nic}");
            }
            assert!(bench.tx.drain(LONG).unwrap());
        }
        bench.assert_lawful();
    }
}

#[test]
fn what_a_nic_cannot_have_is_refused_with_the_limit() {
    for nic in NAMES {
        let memory = Memory::create(64).unwrap();
        let config = PortConfig {
            queues: 1000,
            ..PortConfig::default()
        };
        let error = stopped(&memory, nic, Slots::Some, config).unwrap_err();
        assert!(matches!(error, Error::Config { .. }), "{error}");
        let config = PortConfig {
            frame_max: 9000,
            ..PortConfig::default()
        };
        assert!(stopped(&memory, nic, Slots::Some, config).is_err());
        // The pool is too small for two rings of 64.
        let error = stopped(&memory, nic, Slots::Some, PortConfig::default()).unwrap_err();
        assert!(matches!(error, Error::NoBuffers { .. }), "{error}");
        assert_eq!(memory.free_buffers(), 62);
    }
}
