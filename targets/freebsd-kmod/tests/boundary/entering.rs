//! Programs that come and go: what one left in a ring is not sent for the next.

use std::sync::atomic::Ordering::SeqCst;

use netmap_kmod::boundary::*;

use crate::lifecycle::attach;
use crate::port::Port;
use crate::{Sim, for_each_nic, frame};

/// Three frames of the first program are at the device, which never sends one, when it leaves.
fn left_behind() -> (Port, crate::journal::Journal) {
    let (port, bus) = attach();
    assert_eq!(port.up(), 0);
    port.link(false);
    assert!((0..3).all(|number| port.send(0, &frame(number))));
    assert_eq!(port.sync(TX, 0), SYNCED);
    assert_eq!(port.number("tx0.handed"), 3);
    assert_eq!(port.down(), 0);
    port.kernel.ring(TX, 0).in_netmap_mode.store(false, SeqCst);
    assert_eq!(port.leave(TX, 0), 0);
    assert_eq!(port.leave(RX, 0), 0);
    (port, bus)
}

/// The next program is there. netmap keeps the positions of a ring while another ring of the port is open.
fn assert_nothing_is_sent_for_the_next(port: &Port, bus: &crate::journal::Journal) {
    port.kernel.ring(TX, 0).in_netmap_mode.store(true, SeqCst);
    assert_eq!(port.up(), 0);
    assert_eq!(bus.tx_tail(), 0, "the device was told of frames");
    assert_eq!(port.number("tx0.handed"), 3);
    assert_eq!(port.number("tx0.dropped"), 3);
    let [hwcur, hwtail, _] = port.kernel.ring(TX, 0).positions();
    assert_eq!((hwcur, hwtail), (3, 2), "all slots are the program's");
    port.link(false);
    assert!(port.send(0, &frame(9)));
    assert_eq!(port.sync(TX, 0), SYNCED);
    assert_eq!(port.number("tx0.handed"), 4);
    // A reset of a program's own frames does send them again.
    assert_eq!(port.up(), 0);
    assert_eq!(port.number("tx0.handed"), 5);
    assert_eq!(port.number("tx0.dropped"), 3);
}

#[test]
fn frames_of_a_program_that_left_are_dropped_if_the_device_rested_meanwhile() {
    let (port, bus) = left_behind();
    assert_nothing_is_sent_for_the_next(&port, &bus);
}

#[test]
fn frames_of_a_program_that_left_are_dropped_if_the_device_ran_meanwhile() {
    let (port, bus) = left_behind();
    assert_eq!(port.up(), 0);
    assert_eq!(port.number("tx0.handed"), 3);
    assert_eq!(port.down(), 0);
    assert_nothing_is_sent_for_the_next(&port, &bus);
}

#[test]
fn the_first_program_of_a_port_sends_nothing_that_it_did_not_release() {
    let (port, bus) = attach();
    let ring = port.kernel.ring(TX, 0);
    for number in 0..5 {
        assert!(port.send(0, &frame(number)));
    }
    // As if five slots were at the device.
    ring.hwcur.store(5, SeqCst);
    assert_eq!(port.up(), 0);
    assert_eq!(bus.tx_tail(), 0);
    assert_eq!(port.number("tx0.handed"), 0);
    assert_eq!(ring.positions()[..2], [5, 4]);
    assert_eq!(port.sync(TX, 0), SYNCED);
    assert_eq!(bus.tx_tail(), 0);
    assert_eq!(port.number("tx0.handed"), 0);
}

/// Frames of all queues are at the device, which has no link, when the programs of some rings leave.
#[test]
fn a_program_that_leaves_a_ring_drops_the_frames_of_no_other() {
    for_each_nic(|sim: Sim| {
        let port = sim.attach();
        assert_eq!(port.up(), 0, "{}: {:?}", sim.name, sim.kernel.log());
        sim.nic.device().set_link(false);
        for queue in 0..sim.queues {
            assert!(port.send(queue, &frame(queue)));
            assert_eq!(port.sync(TX, queue), SYNCED);
        }
        let counted = |name: &str| {
            let queues = 0..sim.queues;
            let names = queues.map(|queue| format!("tx{queue}.{name}"));
            names.map(|name| port.number(&name)).collect::<Vec<_>>()
        };
        let queues = sim.queues as usize;
        assert_eq!(counted("handed"), vec![1; queues], "{}", sim.name);

        assert_eq!(port.down(), 0);
        (0..sim.queues).for_each(|queue| assert_eq!(port.leave(RX, queue), 0));
        assert_eq!(port.up(), 0);
        assert_eq!(counted("dropped"), vec![0; queues], "{}", sim.name);
        assert_eq!(counted("handed"), vec![2; queues], "{}", sim.name);

        assert_eq!(port.down(), 0);
        assert_eq!(port.leave(TX, sim.queues - 1), 0);
        assert_eq!(port.up(), 0);
        let mut dropped = vec![0; queues];
        dropped[queues - 1] = 1;
        assert_eq!(counted("dropped"), dropped, "{}", sim.name);
        let handed: Vec<u64> = dropped.iter().map(|dropped| 3 - dropped).collect();
        assert_eq!(counted("handed"), handed, "{}", sim.name);
        drop(port);
        sim.has_kept_the_rules();
    });
}
