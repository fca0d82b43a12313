//! MSI-X over the boundary: each vector has its own filter.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use netmap_kmod::boundary::*;

use crate::port::Port;
use crate::{Sim, exchange, for_each_nic, frame, qemu_as};

const EINVAL: i32 = 22;
const EBUSY: i32 = 16;

/// Gives device and port MSI-X vectors: one for each queue, as far as the NIC has any besides the last one, and that for
/// the rest. Returns the last one.
pub fn give(port: &Port, queues: u32) -> u32 {
    let last = last(port, queues);
    assert!(port.kernel.set_message_count(last + 1));
    assert_eq!(port.set_vectors(last + 1), 0, "{:?}", port.kernel.log());
    last
}

/// The last vector of a port with that many queues; queue `n` has vector `n` modulo this.
fn last(port: &Port, queues: u32) -> u32 {
    queues.min(port.found.vectors - 1)
}

/// Calls the filters of pending vectors until none is left.
fn quiet(port: &Port, last: u32) {
    loop {
        let arrived = port.kernel.wait_interrupt(Duration::from_millis(20));
        if arrived == 0 {
            return;
        }
        for message in (0..=last).filter(|message| arrived >> message & 1 == 1) {
            port.interrupt(message);
        }
    }
}

/// Calls the filter of each vector that came until the `wanted` causes were reported; returns the vectors of queues.
fn wait_for(port: &Port, last: u32, wanted: u32) -> u64 {
    let (mut causes, mut of_queues) = (0, 0);
    let end = Instant::now() + Duration::from_secs(10);
    while causes & wanted != wanted {
        assert!(Instant::now() < end, "{causes:#b} of {wanted:#b}");
        let arrived = port.kernel.wait_interrupt(Duration::from_millis(10));
        for message in (0..=last).filter(|message| arrived >> message & 1 == 1) {
            let now = port.interrupt(message);
            port.service(now);
            let expected = match message == last {
                true => CAUSE_LINK,
                false => CAUSE_TX | CAUSE_RX,
            };
            assert_eq!(now, expected, "message {message}");
            of_queues |= u64::from(message != last) << message;
            causes |= now;
        }
    }
    of_queues
}

#[test]
fn each_vector_reports_its_queue_and_the_last_one_the_link() {
    let tried = AtomicU32::new(0);
    for_each_nic(|sim: Sim| {
        let port = sim.attach();
        if port.found.vectors == 0 {
            return;
        }
        tried.fetch_add(1, SeqCst);
        let last = give(&port, sim.queues);
        assert_eq!(port.set_filter(true, &[]), 0);
        assert_eq!(port.up(), 0, "{:?}", sim.kernel.log());
        port.wait_for_link();
        quiet(&port, last);
        for round in 0..3 {
            for queue in 0..sim.queues {
                assert!(port.send(queue, &frame(round)));
                assert_eq!(port.sync(TX, queue), SYNCED);
                let arrived = wait_for(&port, last, CAUSE_TX);
                assert!(
                    arrived >> (queue % last) & 1 == 1,
                    "{}: queue {queue}: {arrived:#b}",
                    sim.name
                );
            }
            sim.nic.device().set_link(false);
            wait_for(&port, last, CAUSE_LINK);
            sim.nic.device().set_link(true);
            assert_eq!(port.up(), 0, "a reset keeps the vectors");
            port.wait_for_link();
            quiet(&port, last);
        }
        assert_eq!(port.down(), 0);
        let end = Instant::now() + Duration::from_secs(20);
        while port.kernel.wait_interrupt(Duration::from_millis(20)) != 0 {
            assert!(Instant::now() < end, "messages do not end");
        }
        assert_eq!(port.interrupt(0), 0);
        assert_eq!(port.interrupt(last), 0);
        drop(port);
        sim.has_kept_the_rules();
    });
    assert!(tried.load(SeqCst) > 0, "no NIC has MSI-X");
}

#[test]
fn a_port_can_return_to_one_interrupt_and_refuses_unsupported_vectors() {
    for_each_nic(|sim: Sim| {
        let port = sim.attach();
        assert_eq!(port.set_vectors(1), EINVAL);
        assert_eq!(port.set_vectors(port.found.vectors.max(1) + 1), EINVAL);
        if port.found.vectors > 0 {
            give(&port, sim.queues);
            assert!(port.kernel.set_message_count(0));
        }
        assert_eq!(port.set_vectors(0), 0);
        assert_eq!(port.set_filter(true, &[]), 0);
        assert_eq!(port.up(), 0, "{:?}", sim.kernel.log());
        assert_eq!(port.set_vectors(0), EBUSY, "it runs");
        port.wait_for_link();
        port.acknowledge();
        assert_eq!(port.interrupt(1), 0, "there is one only");
        assert!(port.send(0, &frame(1)));
        assert_eq!(port.sync(TX, 0), SYNCED);
        let (mut causes, end) = (0, Instant::now() + Duration::from_secs(10));
        while causes & CAUSE_TX == 0 && Instant::now() < end {
            port.kernel.wait_interrupt(Duration::from_millis(10));
            causes |= port.interrupt(0);
        }
        assert_ne!(causes & CAUSE_TX, 0, "{}", sim.name);
        drop(port);
        sim.has_kept_the_rules();
    });
}

#[test]
fn vectors_of_qemu_s_models_report_their_queues() {
    crate::need_qemu!();
    let mut devices = crate::qemu_support::devices();
    devices.dedup_by_key(|(nic, _)| *nic);
    let mut tried = 0;
    for (_, device) in devices {
        let (port, queues, wire) = qemu_as(device, true);
        if port.found.vectors == 0 {
            continue;
        }
        tried += 1;
        let last = last(&port, queues);
        quiet(&port, last);
        for round in 0..3 {
            for queue in 0..queues {
                assert!(port.send(queue, &frame(round)));
                assert_eq!(port.sync(TX, queue), SYNCED);
                // QEMU's models may send a vector once more after it was handled, so that of another queue may come first.
                let (mut reported, end) = (0, Instant::now() + Duration::from_secs(10));
                while reported >> (queue % last) & 1 == 0 {
                    assert!(
                        Instant::now() < end,
                        "{device}: queue {queue}: {reported:#b}"
                    );
                    reported |= wait_for(&port, last, CAUSE_TX);
                }
                assert_eq!(wire.recv(Duration::from_secs(10)), Some(frame(round)));
                assert_eq!(port.sync(TX, queue), SYNCED);
            }
            assert_eq!(port.renegotiate(), 0);
            wait_for(&port, last, CAUSE_LINK);
            port.wait_for_link();
            quiet(&port, last);
        }
        exchange(&port, queues, 40, |_| {
            while let Some(bytes) = wire.recv(Duration::ZERO) {
                wire.send(&bytes).unwrap();
            }
        });
        assert_eq!(port.down(), 0);
        let kernel = std::sync::Arc::clone(&port.kernel);
        drop(port);
        assert_eq!(kernel.live(), 0);
    }
    assert!(tried > 0, "no device has MSI-X");
}
