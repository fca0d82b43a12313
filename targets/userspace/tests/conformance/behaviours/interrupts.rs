//! Interrupts wake waiting threads, and nothing is lost without them.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::Causes;
use netmap_sim::{Defect, Device};
use netmap_userspace::{InterruptMode, PortConfig, Wakes};

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, Slots, assert_same, put};
use crate::cell::Cell;
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "an interrupt wakes a thread that waits for a frame, every time",
        woken,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "an interrupt wakes a thread while another waits for the device",
        woken_beside,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "interrupts still wake after causes that came while others were acknowledged",
        woken_after_more,
    )
    .needs(Cell::has_inside),
    Behaviour::new("a thread that waits for a frame gets it", waited_for),
    Behaviour::new("frames pass when no thread waits for an interrupt", polled),
    Behaviour::new("without interrupts frames are late but not lost", without)
        .needs(Cell::has_inside),
    Behaviour::new("a stopped port raises no interrupt", stopped),
    Behaviour::new(
        "each cause interrupts, is reported as its kind and is acknowledged",
        causes,
    )
    .needs(Cell::has_inside),
    Behaviour::new("an unused cause is reported as nothing", no_causes).needs(Cell::has_inside),
    Behaviour::new(
        "frames of several syncs leave while the client sleeps until the answer",
        answered,
    )
    .repeats(),
    Behaviour::new(
        "frames of several syncs leave while the client sleeps, even if interrupts are lost",
        answered_without,
    )
    .repeats()
    .needs(Cell::has_inside),
];

fn waited_for(cell: &Cell) {
    let mut bench = cell.open();
    assert!(!bench.rx.wait(SHORT).unwrap());
    for number in 0..20 {
        let Bench { far, rx, .. } = &mut bench;
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(2));
                far.send(&frame(number, 60));
            });
            assert!(rx.wait(LONG).unwrap());
        });
        bench.expect_received([frame(number, 60)]);
    }
}

fn woken(cell: &Cell) {
    woken_every_time(cell.open());
}

/// Another cause is pending when the first is acknowledged, so the interrupt may never be deasserted.
fn woken_after_more(cell: &Cell) {
    let config = PortConfig {
        interrupts: InterruptMode::One,
        ..PortConfig::default()
    };
    let bench = cell.open_as(Slots::Some, config);
    bench.device().break_by(Defect::CausesAfterRead);
    woken_every_time(bench);
}

fn woken_every_time(mut bench: Bench) {
    const TIMES: u32 = 20;
    assert!(!bench.rx.wait(SHORT).unwrap());
    for number in 0..TIMES {
        let Bench { far, rx, .. } = &mut bench;
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(2));
                far.send(&frame(number, 60));
            });
            assert!(rx.wait(LONG).unwrap());
        });
        bench.expect_received([frame(number, 60)]);
    }
    assert_woken(bench.rx.wakes());
}

/// Asserts that interrupts ended the waits. Waiting works without interrupts too, up to 10 ms later; on a busy machine
/// some waits end just before their interrupt arrives.
pub(super) fn assert_woken(wakes: Wakes) {
    assert!(
        wakes.reported > 0 && wakes.reported >= wakes.late,
        "{wakes:?}"
    );
}

/// A thread that waits for frames waits for the device; another one waits for room, and for that thread.
fn woken_beside(cell: &Cell) {
    const TIMES: u32 = 20;
    for interrupts in [InterruptMode::One, InterruptMode::Best] {
        let config = PortConfig {
            interrupts,
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Some, config);
        let Bench {
            nic, tx, rx, far, ..
        } = &mut bench;
        thread::scope(|scope| {
            let running = Arc::new(());
            let until = Arc::downgrade(&running);
            scope.spawn(move || {
                while until.strong_count() > 0 {
                    assert!(!rx.wait(SHORT).unwrap());
                }
            });
            for round in 0..TIMES {
                nic.device().break_by(Defect::StuckTransmitter);
                let frames = (1..tx.slots()).map(|number| frame(round << 16 | number, 60));
                let frames: Vec<_> = frames.collect();
                put(tx, &frames);
                tx.sync().unwrap();
                assert_eq!(tx.room(), 0);
                let device = nic.device();
                let mending = scope.spawn(|| {
                    thread::sleep(Duration::from_millis(2));
                    device.mend();
                });
                assert!(tx.wait(LONG).unwrap());
                mending.join().unwrap();
                for sent in &frames {
                    assert_same(&far.receive_within(LONG).expect("a frame"), sent);
                }
                assert!(tx.drain(LONG).unwrap());
            }
        });
        assert_woken(bench.tx.wakes());
    }
}

/// Only syncs, like a polling client; both directions.
fn polled(cell: &Cell) {
    let mut bench = cell.open();
    for number in 0..300 {
        let bytes = frame(number, 60 + number as usize % 100);
        bench.send([&bytes]);
        bench.expect_arrivals([&bytes]);
        bench.far.send(&bytes);
        let since = Instant::now();
        loop {
            bench.rx.sync().unwrap();
            let mut frames = bench.rx.frames();
            let found = frames.next().map(|frame| frame.to_vec().unwrap());
            frames.release();
            if let Some(found) = found {
                assert_same(&found, &bytes);
                break;
            }
            assert!(since.elapsed() < LONG);
        }
        while bench.tx.pending() > 0 {
            bench.tx.sync().unwrap();
            assert!(since.elapsed() < LONG);
        }
    }
}

fn without(cell: &Cell) {
    let mut bench = cell.open();
    bench.device().break_by(Defect::NoInterrupts);
    let before = bench.device().interrupts();
    for number in 0..20 {
        let bytes = frame(number, 60);
        bench.far.send(&bytes);
        assert!(bench.rx.wait(LONG).unwrap());
        bench.expect_received([&bytes]);
        bench.send([&bytes]);
        bench.expect_arrivals([&bytes]);
        bench.drain();
    }
    assert_eq!(bench.device().interrupts(), before);
}

fn stopped(cell: &Cell) {
    let mut bench = cell.open();
    for round in 0..3 {
        bench.port.stop().unwrap();
        // Pending interrupts are delivered.
        let mut count = 0;
        while bench.nic.wait_interrupt(SHORT) {
            count += 1;
            assert!(count < 10, "interrupts do not stop");
        }
        bench.far.offer(&frame(round, 60));
        assert!(!bench.nic.wait_interrupt(SHORT));
        if cell.has_inside().is_ok() {
            let device = bench.device();
            let before = device.interrupts();
            listed(device)
                .iter()
                .for_each(|&(bit, _)| device.raise(bit));
            assert_eq!(device.interrupts(), before, "a cause is not masked");
        }
        bench.port.start().unwrap();
        bench.port.wait_for_link(LONG).unwrap();
    }
    bench.send([frame(9, 60)]);
    bench.expect_arrivals([frame(9, 60)]);
}

fn answered(cell: &Cell) {
    let mut bench = cell.open();
    request_and_wait(&mut bench);
}

fn answered_without(cell: &Cell) {
    let mut bench = cell.open();
    bench.device().break_by(Defect::NoInterrupts);
    request_and_wait(&mut bench);
}

/// Each frame has its own sync as soon as the previous frame is on the wire, so that the NIC gets it while it finishes
/// that one. After the last frame the client only waits to receive, and the far end sends nothing before it has all
/// frames.
fn request_and_wait(bench: &mut Bench) {
    const FRAMES: u32 = 3;
    for round in 0..200 {
        for number in 0..FRAMES - 1 {
            bench.send([frame(number, 60)]);
            bench.expect_arrivals([frame(number, 60)]);
        }
        bench.send([frame(FRAMES - 1, 60)]);
        let Bench { far, rx, .. } = &mut *bench;
        let last = thread::scope(|scope| {
            let answer = scope.spawn(|| {
                let last = far.receive_within(LONG);
                far.send(&frame(round, 60));
                last
            });
            assert!(rx.wait(2 * LONG).unwrap());
            answer.join().unwrap()
        });
        let last = last.unwrap_or_else(|| panic!("not sent in round {round}"));
        assert_same(&last, &frame(FRAMES - 1, 60));
        bench.expect_received([frame(round, 60)]);
        bench.drain();
    }
}

/// The used bits of the cause register, each with its causes.
fn listed(device: &Device) -> Vec<(u64, Causes)> {
    let model = device.model();
    let registers = model.registers.iter();
    let mut registers = registers.filter(|each| each.exists_on(device.variant().name));
    let cause = registers
        .find(|register| register.name == model.interrupts.cause)
        .expect("a register of causes");
    let interrupts = &model.interrupts;
    let mut bits = Vec::new();
    for field in cause.fields {
        let is_one_of = |names: &[&str]| names.contains(&field.name);
        let causes = Causes {
            tx: is_one_of(interrupts.tx),
            rx: is_one_of(interrupts.rx),
            link: is_one_of(interrupts.link),
        };
        if causes != Causes::default() {
            bits.extend((field.low..field.low + field.width).map(|bit| (1 << bit, causes)));
        }
    }
    bits
}

/// A running port with a single interrupt, whatever its NIC supports.
fn by_one(cell: &Cell) -> Bench {
    let config = PortConfig {
        interrupts: InterruptMode::One,
        ..PortConfig::default()
    };
    cell.open_as(Slots::Some, config)
}

fn causes(cell: &Cell) {
    let bench = by_one(cell);
    let device = bench.device();
    cell.causes(&bench.nic);
    for (bit, causes) in listed(device) {
        let before = device.interrupts();
        device.raise(bit);
        assert_eq!(device.interrupts(), before + 1, "bit {bit:#x} is masked");
        assert_eq!(cell.causes(&bench.nic), causes, "bit {bit:#x}");
        assert_eq!(
            cell.causes(&bench.nic),
            Causes::default(),
            "bit {bit:#x} is raised again"
        );
    }
}

fn no_causes(cell: &Cell) {
    let bench = by_one(cell);
    let device = bench.device();
    let listed = listed(device).iter().fold(0, |all, (bit, _)| all | bit);
    cell.causes(&bench.nic);
    let register = device.model().interrupts.cause;
    let mut registers = device.model().registers.iter();
    let width = registers
        .find(|each| each.name == register)
        .map(|each| each.width);
    for bit in (0..width.unwrap_or_default()).map(|bit| 1 << bit) {
        if bit & listed == 0 {
            device.raise(bit);
            assert_eq!(cell.causes(&bench.nic), Causes::default(), "bit {bit:#x}");
        }
    }
}
