//! Tests with a fictitious NIC: the options in force for each sequence, the detection of a removed device, and paused
//! syncs. Userspace has the same tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use netmap_core::PciIdentity;
use netmap_kmod::Entry;
use netmap_kmod::boundary::*;
use netmap_userspace::Region;

use crate::frame;
use crate::journal::{ID, Journal, Journalled, LINK, LONG, SHORT, options_of};
use crate::kernel::Kernel;
use crate::port::{Port, SLOTS, attach_by};

static ENTRY: Entry = Entry::of::<Journalled>();

pub fn attach() -> (Port, Journal) {
    let bus = Journal::new();
    let region = Region::create(4 << 20).unwrap();
    let kernel = Kernel::new(bus.clone(), &region, 1, [SLOTS; 2]);
    let port = attach_by(&ENTRY, &kernel, PciIdentity::of(ID), 1, 1514).unwrap();
    (port, bus)
}

/// All sequences since the last call ran with that option, and these were among them.
fn assert_all_with(bus: &Journal, option: u32, sequences: &[&str]) {
    let entries = bus.take();
    for sequence in sequences {
        options_of(&entries, sequence);
    }
    assert!(entries.iter().all(|(_, by)| *by == option), "{entries:?}");
}

#[test]
fn every_sequence_runs_with_the_options_in_force() {
    let (port, bus) = attach();
    assert_eq!(port.choose("options.knob", 3), 0);
    bus.take();
    assert_eq!(port.up(), 0);
    port.link(false);
    port.interrupt(0);
    assert_all_with(
        &bus,
        3,
        &[
            "reset",
            "init",
            "filter_write",
            "start",
            "link_poll",
            "interrupts_on",
            "causes",
        ],
    );

    // An option that is chosen while the port runs has no effect before the reset.
    assert_eq!(port.choose("options.knob", 7), 0);
    port.link(true);
    port.interrupt(0);
    assert_eq!(port.renegotiate(), 0);
    assert_eq!(port.set_filter(true, &[]), 0);
    assert_eq!(port.set_mac([2, 0, 0, 0, 0, 3]), 0);
    assert_all_with(
        &bus,
        3,
        &[
            "link_poll",
            "causes",
            "link_start",
            "filter_write",
            "mac_write",
        ],
    );

    // The reset stops the device with the options in force, and starts it with the chosen ones.
    assert_eq!(port.up(), 0);
    let entries = bus.take();
    // Again once no handler runs.
    assert_eq!(
        options_of(&entries, "interrupts_off"),
        [3, 3],
        "{entries:?}"
    );
    for sequence in ["stop", "tx_disable", "rx_disable"] {
        assert_eq!(options_of(&entries, sequence), [3], "{entries:?}");
    }
    for sequence in ["reset", "init", "tx_enable", "rx_enable", "start"] {
        assert_eq!(options_of(&entries, sequence), [7], "{entries:?}");
    }
    port.interrupt(0);
    assert_eq!(port.down(), 0);
    assert_all_with(&bus, 7, &["causes", "stop"]);
}

#[test]
fn the_counters_of_a_device_that_is_gone_do_not_count() {
    let (port, bus) = attach();
    assert_eq!(port.up(), 0);
    let totals = || ["counters.long", "counters.short"].map(|name| port.number(name));
    bus.set(LONG + 4, 2);
    bus.set(LONG, 5);
    assert_eq!(totals()[0], (2 << 32) + 5);
    let before = totals();
    for at in [LINK, LONG, LONG + 4, SHORT] {
        bus.set(at, u32::MAX);
    }
    assert_eq!(totals(), before);
}

#[test]
fn totals_begin_with_the_port_and_go_on_over_resets_and_new_settings() {
    let (port, bus) = attach();
    let totals = || ["counters.long", "counters.short"].map(|name| port.number(name));
    bus.set(LONG, 100);
    bus.set(SHORT, 7);
    assert_eq!(port.up(), 0);
    assert_eq!(totals(), [0, 0]);
    let settings: [fn(&Port); 3] = [
        |_| (),
        |port| assert_eq!(port.set_mac([2, 0, 0, 0, 0, 4]), 0),
        |port| assert_eq!(port.down(), 0),
    ];
    for (number, set) in (1..).zip(settings) {
        bus.set(LONG, bus.get(LONG) + 10);
        bus.set(SHORT, 5);
        let counters = bus.clone();
        // The device counts until it has stopped, and shows anything after its reset.
        bus.at("stop", move || {
            counters.set(LONG, counters.get(LONG) + 1);
            counters.set(SHORT, counters.get(SHORT) + 1);
            let after = counters.clone();
            counters.at("reset", move || {
                after.set(LONG, 3);
                after.set(SHORT, 9);
            });
        });
        set(&port);
        assert_eq!(port.up(), 0);
        assert_eq!(totals(), [11 * number, 6 * number]);
    }
}

#[test]
fn a_paused_sync_is_executed_when_the_ring_resumes() {
    let (port, bus) = attach();
    let put = |frames: u32| {
        assert!((0..frames).all(|number| port.send(0, &frame(number))));
        port.sync(TX, 0)
    };
    // Before the first start.
    assert_eq!(put(2), PAUSED);
    assert_eq!(port.up(), 0);
    assert_eq!(bus.tx_tail(), 2);
    // Without a link.
    bus.set(LINK, 0);
    port.link(true);
    assert_eq!(put(3), PAUSED);
    port.link(false);
    assert_eq!(bus.tx_tail(), 2);
    bus.set(LINK, 1);
    assert_eq!(port.link(true).waiting, 1);
    assert_eq!(bus.tx_tail(), 5);
    // While the device is down, and without a link when it comes up.
    assert_eq!(port.down(), 0);
    assert_eq!(put(1), PAUSED);
    bus.set(LINK, 0);
    assert_eq!(port.up(), 0);
    port.link(false);
    assert_eq!(put(1), PAUSED);
    bus.set(LINK, 1);
    port.link(false);
    // The device restarted at 0: five unsent frames and two waiting ones.
    assert_eq!(bus.tx_tail(), 7);
    assert_eq!(put(1), SYNCED);
    assert_eq!(port.link(false).waiting, 0);
    drop(port);
}

#[test]
fn a_sync_during_a_control_operation_is_executed_by_control() {
    let (port, bus) = attach();
    let port = Arc::new(port);
    assert_eq!(port.up(), 0);
    port.link(false);
    assert!((0..3).all(|number| port.send(0, &frame(number))));
    // Control has closed the gate to repeat the doorbell. The register write before that is an entry of the journal.
    let (kernel, inside) = (Arc::clone(&port.kernel), Arc::clone(&port));
    port.kernel.at_next_write(move || {
        kernel.at_next_write(move || assert_eq!(inside.sync(TX, 0), PAUSED));
    });
    port.link(true);
    assert_eq!(bus.tx_tail(), 3);
    assert_eq!(port.sync(TX, 0), SYNCED);
    assert_eq!(bus.tx_tail(), 3);
}

#[test]
fn a_sync_with_positions_from_before_control_moved_them_hands_over_nothing_twice() {
    let (port, bus) = attach();
    assert_eq!(port.up(), 0);
    bus.set(LINK, 0);
    port.link(true);
    assert!((0..3).all(|number| port.send(0, &frame(number))));
    assert_eq!(port.sync(TX, 0), PAUSED);
    // netmap's sync has read the positions; before it reaches the queue, the link comes up.
    bus.set(LINK, 1);
    let ended = port.sync_after(TX, 0, || assert!(port.link(true).mbps > 0));
    assert_eq!(ended, SYNCED);
    assert_eq!(port.number("tx0.handed"), 3);
    assert_eq!(port.kernel.ring(TX, 0).positions()[0], 3);
    assert_eq!(bus.tx_tail(), 3);
    assert!(port.send(0, &frame(3)));
    assert_eq!(port.sync(TX, 0), SYNCED);
    assert_eq!(port.number("tx0.handed"), 4);
}

#[test]
fn syncs_pause_from_the_first_step_of_a_stop_on() {
    let (port, bus) = attach();
    let port = Arc::new(port);
    for sequence in ["interrupts_off", "stop", "tx_disable", "rx_disable"] {
        for direction in [TX, RX] {
            assert_eq!(port.up(), 0);
            let inside = Arc::clone(&port);
            let ended = Arc::new(AtomicU32::new(u32::MAX));
            let seen = Arc::clone(&ended);
            bus.at(sequence, move || {
                seen.store(inside.sync_after(direction, 0, || ()), SeqCst);
            });
            assert_eq!(port.down(), 0);
            assert_eq!(ended.load(SeqCst), PAUSED, "{sequence}, {direction}");
        }
    }
}

#[test]
fn a_stopped_port_does_not_negotiate_its_link() {
    let (port, bus) = attach();
    bus.take();
    assert_eq!(port.renegotiate(), 0);
    assert_eq!(bus.take(), []);
}

#[test]
fn a_paused_receiver_is_woken_until_it_syncs() {
    let (port, _bus) = attach();
    assert_eq!(port.sync(RX, 0), PAUSED);
    assert_eq!(port.up(), 0);
    assert_eq!(port.link(false).waiting, 1);
    assert_eq!(port.sync(RX, 0), SYNCED);
    assert_eq!(port.link(false).waiting, 0);
}

#[test]
fn an_interrupt_right_after_they_are_enabled_is_handled() {
    let (port, bus) = attach();
    let port = Arc::new(port);
    let inside = Arc::clone(&port);
    bus.at("interrupts_on", move || {
        inside.interrupt(0);
    });
    assert_eq!(port.up(), 0);
    options_of(&bus.take(), "causes");
}

/// Otherwise nobody would acknowledge it, and its line would stay as it is.
#[test]
fn an_interrupt_right_before_they_are_disabled_is_handled() {
    let (port, bus) = attach();
    let port = Arc::new(port);
    assert_eq!(port.up(), 0);
    bus.take();
    let inside = Arc::clone(&port);
    bus.at("interrupts_off", move || {
        inside.interrupt(0);
    });
    assert_eq!(port.down(), 0);
    options_of(&bus.take(), "causes");
}

/// A shared line may call the handler at any time.
#[test]
fn a_handler_leaves_a_device_alone_that_did_not_start_or_was_stopped() {
    let (port, bus) = attach();
    let assert_silent = |when: &str| {
        bus.take();
        assert_eq!(port.interrupt(0), 0, "{when}");
        assert_eq!(bus.take(), [], "{when}");
    };
    assert_silent("before the first start");
    for sequence in ["reset", "init", "rx_enable", "start", "interrupts_on"] {
        bus.fail(Some(sequence));
        assert_ne!(port.up(), 0, "{sequence}");
        assert_silent(sequence);
    }
    bus.fail(None);
    assert_eq!(port.up(), 0);
    port.interrupt(0);
    options_of(&bus.take(), "causes");
    assert_eq!(port.down(), 0);
    assert_silent("stopped");
}
