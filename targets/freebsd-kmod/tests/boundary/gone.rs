//! Devices whose registers all read as ones: the device is not mapped, has no power, or was removed.

use std::time::Duration;

use netmap_kmod::boundary::*;
use netmap_sim::Defect;

use crate::port::attach;
use crate::{Sim, exchange, for_each_nic, frame};

const EIO: i32 = 5;
const ENXIO: i32 = 6;

#[test]
fn a_device_whose_registers_read_as_ones_is_refused() {
    for_each_nic(|sim: Sim| {
        sim.nic.device().break_by(Defect::Gone);
        let error = attach(&sim.kernel, sim.name, sim.pci, sim.queues, 1514).err();
        let log = sim.kernel.log();
        assert!(
            matches!(error, Some(EIO | ENXIO)),
            "{}: {error:?}: {log:?}",
            sim.name
        );
        assert_eq!(log.len(), 1, "{}: {log:?}", sim.name);
        assert_eq!(sim.kernel.live(), 0, "{}: not given back", sim.name);

        sim.nic.device().mend();
        drop(sim.up());
        sim.has_kept_the_rules();
    });
}

#[test]
fn a_port_frees_everything_after_its_device_was_removed() {
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        // Not handed over yet.
        assert!(port.send(0, &frame(0)));
        sim.nic.device().break_by(Defect::Gone);
        let before = port.kernel.ring(TX, 0).positions();
        for _ in 0..3 {
            // A handler may take ones for causes.
            port.service(port.interrupt(0));
            for queue in 0..sim.queues {
                port.sync(TX, queue);
                port.sync(RX, queue);
            }
        }
        // The poll of the link notices it, and logs it.
        assert!(sim.kernel.log().is_empty(), "{}", sim.name);
        assert_eq!(port.try_link(false).err(), Some(ENXIO), "{}", sim.name);
        assert_eq!(sim.kernel.log().len(), 1, "{}", sim.name);
        for queue in 0..sim.queues {
            assert_eq!(port.sync(TX, queue), FAILED, "{}", sim.name);
            assert_eq!(port.sync(RX, queue), FAILED, "{}", sim.name);
        }
        assert_eq!(port.down(), 0, "{}", sim.name);
        assert_eq!(port.sync(TX, 0), FAILED, "{}", sim.name);
        // Nothing was sent, so nothing comes back.
        let after = port.kernel.ring(TX, 0).positions();
        assert_eq!(after[1], before[1], "{}", sim.name);
        assert_eq!(port.receive(0), None, "{}", sim.name);

        assert_eq!(port.up(), ENXIO, "{}", sim.name);
        assert!(!sim.kernel.log().is_empty(), "{}", sim.name);
        assert_eq!(port.sync(TX, 0), FAILED, "{}", sim.name);

        // Put back, it sends what waited.
        sim.nic.device().mend();
        assert_eq!(port.up(), 0, "{}: {:?}", sim.name, sim.kernel.log());
        port.wait_for_link();
        exchange(&port, sim.queues, 1, |_| ());
        sim.nic.device().break_by(Defect::Gone);
        drop(port);
        assert_eq!(sim.kernel.live(), 0, "{}: not given back", sim.name);
    });
}

/// A sync has read netmap's positions before control syncs for its client and finds the device gone.
#[test]
fn a_sync_of_a_device_that_is_gone_keeps_the_positions_of_control() {
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        sim.nic.device().set_link(false);
        while port.link(true).mbps > 0 {
            port.kernel.sleep(Duration::from_millis(20));
        }
        assert!(port.send(0, &frame(0)));
        assert_eq!(port.sync(TX, 0), PAUSED, "{}", sim.name);
        let mut stored = [0; 3];
        let outcome = port.sync_after(TX, 0, || {
            sim.nic.device().set_link(true);
            port.wait_for_link();
            stored = port.kernel.ring(TX, 0).positions();
            assert_eq!(stored[0], 1, "{}: control handed over nothing", sim.name);
            sim.nic.device().break_by(Defect::Gone);
            assert_eq!(port.try_link(false).err(), Some(ENXIO), "{}", sim.name);
        });
        assert_eq!(outcome, FAILED, "{}", sim.name);
        let after = port.kernel.ring(TX, 0).positions();
        assert_eq!(after, stored, "{}", sim.name);
        let why = port.describe(TX, 0);
        assert_eq!(why, "the device is gone", "{}", sim.name);
    });
}

/// Every call of control that the device fails says that it is gone.
#[test]
fn a_renegotiation_notices_that_the_device_was_removed() {
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        sim.nic.device().break_by(Defect::Gone);
        // Some NICs negotiate without a wait that fails.
        let error = port.renegotiate();
        assert!(matches!(error, 0 | ENXIO), "{}: {error}", sim.name);
        let expected = if error == 0 { SYNCED } else { FAILED };
        assert_eq!(port.sync(RX, 0), expected, "{}", sim.name);
    });
}
