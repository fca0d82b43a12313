//! What is refused: syncs after some positions have moved, which netmap gets, too, and MAC addresses. And syncs with
//! positions from before control has moved them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::BufIdx;
use netmap_kmod::boundary::*;
use netmap_sim::Defect;

use crate::kernel::BUFFER;
use crate::port::{Port, attach};
use crate::{Sim, for_each_nic, frame, number_of};

/// A running port with one pair of rings.
fn up(sim: &Sim) -> Port {
    let port = attach(&sim.kernel, sim.name, sim.pci, 1, 1514).unwrap();
    assert_eq!(port.set_filter(true, &[]), 0);
    assert_eq!(port.up(), 0, "{}: {:?}", sim.name, sim.kernel.log());
    port.wait_for_link();
    port
}

/// Sends the frames of these numbers; they come back.
fn send(sim: &Sim, port: &Port, numbers: std::ops::Range<u32>) {
    let before = sim.nic.device().counts().rx_frames;
    let count = u64::from(numbers.end - numbers.start);
    let end = Instant::now() + Duration::from_secs(20);
    for number in numbers {
        while !port.send(0, &frame(number)) {
            assert!(Instant::now() < end, "{}: no slot returns", sim.name);
            assert_eq!(port.sync(TX, 0), SYNCED, "{}", sim.name);
        }
    }
    assert_eq!(port.sync(TX, 0), SYNCED, "{}", sim.name);
    while sim.nic.device().counts().rx_frames < before + count {
        assert!(Instant::now() < end, "{}: nothing comes back", sim.name);
        // Some NICs lose a kick; a later sync repeats it.
        assert_eq!(port.sync(TX, 0), SYNCED, "{}", sim.name);
        thread::yield_now();
    }
}

fn receive_all(port: &Port) -> Vec<u32> {
    std::iter::from_fn(|| port.receive(0))
        .map(|bytes| number_of(&bytes))
        .collect()
}

#[test]
fn frames_received_by_a_refused_sync_reach_the_program() {
    for_each_nic(|sim: Sim| {
        let port = up(&sim);
        send(&sim, &port, 0..3);
        assert_eq!(port.sync(RX, 0), SYNCED);
        assert_eq!(receive_all(&port), [0, 1, 2], "{}", sim.name);

        // The program returns a slot with a buffer that is not its own.
        let slot = &port.kernel.ring(RX, 0).slots[1];
        let good = slot.buffer();
        slot.set_buffer(BufIdx(u32::MAX));
        send(&sim, &port, 3..8);
        let before = port.kernel.ring(RX, 0).positions();
        assert_eq!(port.sync(RX, 0), REFUSED, "{}", sim.name);
        let after = port.kernel.ring(RX, 0).positions();
        assert_eq!(after[0], before[0], "{}: no slot was taken", sim.name);
        assert_eq!(after[1], before[1] + 5, "{}: no frame arrived", sim.name);
        assert_eq!(receive_all(&port), [3, 4, 5, 6, 7], "{}", sim.name);

        slot.set_buffer(good);
        assert_eq!(port.sync(RX, 0), SYNCED);
        send(&sim, &port, 8..10);
        assert_eq!(port.sync(RX, 0), SYNCED);
        assert_eq!(receive_all(&port), [8, 9], "{}", sim.name);
        drop(port);
        sim.has_kept_the_rules();
    });
}

#[test]
fn a_frame_reported_longer_than_its_buffer_moves_the_tail() {
    let tried = AtomicU32::new(0);
    for_each_nic(|sim: Sim| {
        if sim.model.rx.longest_reported() <= BUFFER as u64 {
            return;
        }
        tried.fetch_add(1, SeqCst);
        let port = up(&sim);
        sim.nic.device().break_by(Defect::Length(u16::MAX >> 3));
        send(&sim, &port, 0..2);
        assert_eq!(port.sync(RX, 0), REFUSED, "{}", sim.name);
        let [_, hwtail, _] = port.kernel.ring(RX, 0).positions();
        assert_eq!(hwtail, 2, "{}", sim.name);
        assert_eq!(port.number("rx0.errors"), 2, "{}", sim.name);
        sim.nic.device().mend();
        // Both slots came back empty, and are the program's.
        port.kernel.ring(RX, 0).head.store(2, SeqCst);
        send(&sim, &port, 2..4);
        assert_eq!(port.sync(RX, 0), SYNCED, "{}", sim.name);
        assert_eq!(receive_all(&port), [2, 3], "{}", sim.name);
        drop(port);
        assert_eq!(sim.kernel.live(), 0);
    });
    assert!(
        tried.load(SeqCst) > 0,
        "no NIC can report more bytes than a buffer has"
    );
}

#[test]
fn a_group_address_or_zero_is_not_taken_for_the_ports_own() {
    for_each_nic(|sim: Sim| {
        const EINVAL: i32 = 22;
        let port = sim.up();
        assert_eq!(port.set_mac([2, 0, 0, 0, 1, 7]), 0);
        let before = port.kernel.accesses();
        for wrong in [
            [0; 6],
            [0xff; 6],
            [1, 0, 0x5e, 0, 0, 1],
            [0x33, 0x33, 0, 0, 0, 1],
        ] {
            assert_eq!(port.set_mac(wrong), EINVAL, "{}: {wrong:x?}", sim.name);
        }
        assert_eq!(port.kernel.accesses(), before, "{}", sim.name);
        assert_eq!(port.kernel.log().len(), 4, "{}", sim.name);
        drop(port);
        sim.has_kept_the_rules();
    });
}

#[test]
fn slots_that_control_took_back_meanwhile_stay_taken_back() {
    for_each_nic(|sim: Sim| {
        let port = Arc::new(up(&sim));
        let ring = port.kernel.ring(TX, 0);
        send(&sim, &port, 0..3);
        sim.kernel.sleep(Duration::from_millis(10));
        let before = ring.positions();
        // netmap's sync has read the positions; before it reaches the queue, control serves a sync of another thread.
        let ended = port.sync_after(TX, 0, || {
            let inside = Arc::clone(&port);
            sim.kernel
                .at_next_write(move || assert_eq!(inside.sync(TX, 0), PAUSED));
            port.link(true);
            assert_eq!(ring.positions(), [3, 2, 3], "{}: {before:?}", sim.name);
        });
        assert_eq!(ended, SYNCED, "{}", sim.name);
        assert_eq!(ring.positions(), [3, 2, 3], "{}: {before:?}", sim.name);
        drop(port);
        sim.has_kept_the_rules();
    });
}
