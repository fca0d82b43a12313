//! Tests with a fictitious NIC: the options in force for each sequence, the detection of a removed device, and paused
//! syncs. The kernel module has the same tests.

mod journal;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use netmap_core::{Link, Progress, Reset};
use netmap_nics::Modelled;
use netmap_userspace::{AnyPort, Error, Memory, Port, PortConfig, RxRing, TxRing};

use journal::{FAILED, Journal, Journalled, LINK, LINK_CHANGED, LONG, SHORT, options_of};

fn open(options: &[(&str, u32)]) -> (AnyPort, Journal) {
    open_on::<Journalled>(options)
}

fn open_on<D: Modelled>(options: &[(&str, u32)]) -> (AnyPort, Journal) {
    let config = PortConfig {
        tx_slots: Some(64),
        rx_slots: Some(64),
        options: options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect(),
        ..PortConfig::default()
    };
    let memory = Memory::create(config.buffers() + 2).unwrap();
    let bus = Journal::new();
    let port = Port::<D, _>::open(&memory, bus.clone(), config).unwrap();
    (AnyPort::new(port), bus)
}

/// The sequences that stop and start a device. The first one runs again once no handler does.
const DOWN: [&str; 4] = ["interrupts_off", "stop", "tx_disable", "rx_disable"];
const UP: [&str; 9] = [
    "reset",
    "init",
    "mac_write",
    "filter_write",
    "tx_enable",
    "rx_enable",
    "start",
    "link_start",
    "interrupts_on",
];

/// Waits for a frame that does not arrive, so that the thread runs the interrupt handlers.
fn wait(rx: &mut RxRing) {
    assert!(!rx.wait(Duration::from_millis(5)).unwrap());
}

#[test]
fn every_sequence_runs_with_the_options_in_force() {
    let (mut port, bus) = open(&[("knob", 3)]);
    let mut rx = port.rx(0).unwrap();
    port.start().unwrap();
    port.link().unwrap();
    wait(&mut rx);
    let entries = bus.take();
    for sequence in UP.into_iter().chain(["link_poll", "causes"]) {
        let options = options_of(&entries, sequence);
        assert!(options.iter().all(|option| *option == 3), "{entries:?}");
    }

    // An option that is chosen while the port runs has no effect before the reset.
    port.choose("knob", 7).unwrap();
    port.link().unwrap();
    wait(&mut rx);
    port.reset(Reset::Link).unwrap();
    port.reset(Reset::Tx(0)).unwrap();
    port.reset(Reset::Rx(0)).unwrap();
    let entries = bus.take();
    for sequence in [
        "link_poll",
        "causes",
        "link_start",
        "tx_enable",
        "rx_disable",
    ] {
        options_of(&entries, sequence);
    }
    assert!(
        entries.iter().all(|(_, option)| *option == 3),
        "{entries:?}"
    );

    // The reset stops the device with the options in force, and starts it with the chosen ones.
    port.reset(Reset::Device).unwrap();
    let entries = bus.take();
    for sequence in DOWN {
        let times = if sequence == DOWN[0] { 2 } else { 1 };
        assert_eq!(
            options_of(&entries, sequence),
            vec![3; times],
            "{entries:?}"
        );
    }
    for sequence in UP {
        assert_eq!(options_of(&entries, sequence), [7], "{entries:?}");
    }
    wait(&mut rx);
    port.stop().unwrap();
    let entries = bus.take();
    assert!(
        entries.iter().all(|(_, option)| *option == 7),
        "{entries:?}"
    );
    options_of(&entries, "causes");
    options_of(&entries, "stop");
}

/// Specs are checked for the order in which ports run their sequences.
#[test]
fn sequences_run_in_the_order_that_specs_are_checked_for() {
    for late in [false, true] {
        let (mut port, bus) = match late {
            false => open(&[]),
            true => open_on::<Journalled<true>>(&[]),
        };
        port.start().unwrap();
        port.stop().unwrap();
        let ran: Vec<String> = bus
            .take()
            .into_iter()
            .map(|(sequence, _)| sequence.replace('_', "."))
            // Not a sequence: its condition is read whenever something may have gone wrong.
            .filter(|name| name != "link.poll")
            .collect();
        let life = nicspecs::lifecycle::life(late);
        let checked = life.into_iter().filter(|sequence| !sequence.optional);
        let checked = checked.map(|sequence| sequence.name);
        let twice = |name| [name].repeat(if name == "interrupts.off" { 2 } else { 1 });
        let checked: Vec<&str> = checked.flat_map(twice).collect();
        assert_eq!(ran, checked);
    }
}

fn totals(port: &mut AnyPort) -> Vec<u64> {
    port.statistics()
        .into_iter()
        .map(|(_, total)| total)
        .collect()
}

#[test]
fn the_counters_of_a_device_that_is_gone_do_not_count() {
    let (mut port, bus) = open(&[]);
    port.start().unwrap();
    bus.set(LONG + 4, 2);
    bus.set(LONG, 5);
    bus.set(SHORT, 1);
    assert_eq!(totals(&mut port), [(2 << 32) + 5, 1]);
    // Ones in counters may be their values.
    for at in [LONG, LONG + 4, SHORT] {
        bus.set(at, u32::MAX);
    }
    let ones = [u64::MAX, 1 + u64::from(u32::MAX)];
    assert_eq!(totals(&mut port), ones);
    for at in [LINK, LONG, LONG + 4, SHORT] {
        bus.set(at, u32::MAX);
    }
    assert_eq!(totals(&mut port), ones);
    assert!(matches!(port.stop(), Err(Error::Gone { .. })));
    assert_eq!(totals(&mut port), ones);
}

/// Totals begin when the port is opened, and miss nothing however the device stops.
#[test]
fn totals_have_everything_from_the_first_start_to_each_stop_and_nothing_else() {
    let stops: [fn(&mut AnyPort); 3] = [
        |port| port.reset(Reset::Device).unwrap(),
        |port| {
            port.stop().unwrap();
            port.start().unwrap();
        },
        |port| {
            port.stop().unwrap();
            port.stop().unwrap();
            port.reset(Reset::Device).unwrap();
        },
    ];
    let (mut port, bus) = open(&[]);
    bus.set(LONG, 100);
    bus.set(SHORT, 7);
    assert_eq!(totals(&mut port), [0, 0]);
    port.start().unwrap();
    assert_eq!(totals(&mut port), [0, 0]);
    let (mut long, mut short) = (0, 0);
    for stop in stops {
        let add = |more: u32| {
            let bus = bus.clone();
            move || {
                bus.set(LONG, bus.get(LONG) + more);
                bus.set(SHORT, bus.get(SHORT) + more + 1);
            }
        };
        add(5)();
        assert_eq!(totals(&mut port), [long + 5, short + 6]);
        // After the last look at the counters, and while the device comes to a stop.
        add(20)();
        let (last, after) = (add(300), bus.clone());
        bus.at("stop", move || {
            last();
            let counters = after.clone();
            // A reset may leave any values.
            after.at("reset", move || {
                counters.set(LONG, 50);
                counters.set(LONG + 4, 1);
                counters.set(SHORT, 9);
            });
        });
        stop(&mut port);
        (long, short) = (long + 325, short + 328);
        assert_eq!(totals(&mut port), [long, short]);
    }
}

#[test]
fn a_paused_sync_is_executed_when_the_ring_resumes() {
    let (mut port, bus) = open(&[]);
    let mut tx = port.tx(0).unwrap();
    let mut put = |frames: u32| {
        let mut slots = tx.reserve(frames);
        for mut slot in &mut slots {
            slot.write(&[0xff; 60]).unwrap();
        }
        slots.commit();
        tx.sync().unwrap()
    };
    // Before the first start.
    assert_eq!(put(2), Progress::Paused);
    port.start().unwrap();
    assert_eq!(bus.tx_tail(), 2);
    // Without a link.
    bus.set(LINK, 0);
    port.tick().unwrap();
    assert_eq!(put(3), Progress::Paused);
    port.link().unwrap();
    assert_eq!(bus.tx_tail(), 2);
    bus.set(LINK, 1);
    port.link().unwrap();
    assert_eq!(bus.tx_tail(), 5);
    // While the device is stopped, and without a link when it starts.
    port.stop().unwrap();
    assert_eq!(put(1), Progress::Paused);
    bus.set(LINK, 0);
    port.start().unwrap();
    port.tick().unwrap();
    assert_eq!(put(1), Progress::Paused);
    bus.set(LINK, 1);
    port.link().unwrap();
    // The device restarted at 0: five unsent frames and two waiting ones.
    assert_eq!(bus.tx_tail(), 7);
    // Control does not sync a ring whose client syncs.
    assert!(matches!(put(1), Progress::Synced { handed: 1, .. }));
    assert!(!tx.drain(Duration::ZERO).unwrap());
}

#[test]
fn control_hands_over_no_slot_that_was_released_after_the_paused_sync() {
    let (mut port, bus) = open(&[]);
    let mut tx = port.tx(0).unwrap();
    put(&mut tx);
    assert_eq!(tx.sync(), Ok(Progress::Paused));
    // Committed, and still the program's until the next sync.
    put(&mut tx);
    port.start().unwrap();
    assert_eq!(bus.tx_tail(), 1);
    assert!(matches!(tx.sync(), Ok(Progress::Synced { handed: 1, .. })));
    assert_eq!(bus.tx_tail(), 2);
}

/// Commits a frame.
fn put(tx: &mut TxRing) {
    let mut slots = tx.reserve(1);
    assert!(slots.write(&[0xff; 60]).unwrap());
    slots.commit();
}

#[test]
fn a_sync_during_the_reset_of_its_ring_is_executed_by_control() {
    let (mut port, bus) = open(&[]);
    port.start().unwrap();
    let tx = Arc::new(Mutex::new(port.tx(0).unwrap()));
    let inside = Arc::clone(&tx);
    bus.at("tx_disable", move || {
        let mut tx = inside.lock().unwrap();
        put(&mut tx);
        assert_eq!(tx.sync(), Ok(Progress::Paused));
    });
    port.reset(Reset::Tx(0)).unwrap();
    assert_eq!(bus.tx_tail(), 1);
}

#[test]
fn slots_released_by_a_paused_sync_are_refilled_by_control() {
    let (mut port, bus) = open(&[]);
    port.start().unwrap();
    assert_eq!(bus.rx_tail(), 63);
    let rx = Arc::new(Mutex::new(port.rx(0).unwrap()));
    bus.receive(0..63, 60);
    let mut ring = rx.lock().unwrap();
    assert!(matches!(
        ring.sync(),
        Ok(Progress::Synced { returned: 63, .. })
    ));
    drop(ring);
    // The client keeps all slots, so a reset offers none to the device. During the next one it releases them.
    port.reset(Reset::Rx(0)).unwrap();
    assert_eq!(bus.rx_tail(), 0);
    let inside = Arc::clone(&rx);
    bus.at("rx_disable", move || {
        let mut rx = inside.lock().unwrap();
        let mut frames = rx.frames();
        assert_eq!(frames.by_ref().count(), 63);
        frames.release();
        assert_eq!(rx.sync(), Ok(Progress::Paused));
    });
    port.reset(Reset::Rx(0)).unwrap();
    assert_eq!(bus.rx_tail(), 63);
}

#[test]
fn a_receive_ring_runs_without_a_link() {
    let (mut port, bus) = open(&[]);
    let mut rx = port.rx(0).unwrap();
    port.start().unwrap();
    bus.set(LINK, 0);
    port.link().unwrap();
    bus.receive(0..2, 60);
    assert!(matches!(
        rx.sync(),
        Ok(Progress::Synced { returned: 2, .. })
    ));
}

#[test]
fn a_failed_start_leaves_a_silent_device_and_the_next_start_sends_what_waits() {
    for sequence in UP {
        let (mut port, bus) = open(&[]);
        let mut tx = port.tx(0).unwrap();
        bus.fail(Some(sequence));
        let error = port.start().unwrap_err();
        assert_eq!(error.to_string(), FAILED, "{sequence}");
        // Everything is taken down again.
        let entries = bus.take();
        for step in DOWN {
            options_of(&entries, step);
        }
        put(&mut tx);
        assert_eq!(tx.sync(), Ok(Progress::Paused), "{sequence}");
        bus.fail(None);
        port.start().unwrap();
        assert_eq!(bus.tx_tail(), 1, "{sequence}");
    }
}

#[test]
fn a_stop_tries_every_step_and_returns_the_first_error() {
    for sequence in DOWN {
        let (mut port, bus) = open(&[]);
        let mut tx = port.tx(0).unwrap();
        port.start().unwrap();
        bus.take();
        bus.fail(Some(sequence));
        let error = port.stop().unwrap_err();
        assert_eq!(error.to_string(), FAILED, "{sequence}");
        let entries = bus.take();
        for step in DOWN {
            options_of(&entries, step);
        }
        assert_eq!(tx.sync(), Ok(Progress::Paused), "{sequence}");
        // A device that did not stop does not count as stopped: it is stopped again.
        bus.fail(None);
        port.stop().unwrap();
        assert!(!bus.take().is_empty(), "{sequence}");
        port.stop().unwrap();
        assert_eq!(bus.take(), [], "{sequence}");
    }
}

#[test]
fn a_ring_that_does_not_restart_alone_is_reset_with_the_device() {
    for sequence in ["tx_disable", "tx_enable"] {
        let (mut port, bus) = open(&[]);
        port.start().unwrap();
        bus.take();
        bus.fail(Some(sequence));
        let reset = port.reset(Reset::Tx(0));
        options_of(&bus.take(), "reset");
        // The device, too, needs its queues enabled, and need not stop as it should.
        assert_eq!(reset.is_err(), sequence == "tx_enable");
        bus.fail(None);
        port.start().unwrap();
    }
}

#[test]
fn a_link_change_that_was_not_read_is_read_the_next_time() {
    let (mut port, bus) = open(&[]);
    port.start().unwrap();
    assert!(port.tick().unwrap().is_some());
    assert!(port.tick().unwrap().is_none());
    bus.fail(Some("link_poll"));
    bus.set(LINK, 0);
    assert!(port.tick().is_err());
    bus.fail(None);
    assert_eq!(port.tick().unwrap(), Some(Link::Down));
}

#[test]
fn a_change_that_was_read_and_reported_is_returned_by_one_tick() {
    let (mut port, bus) = open(&[]);
    let mut rx = port.rx(0).unwrap();
    port.start().unwrap();
    assert!(port.tick().unwrap().is_some());
    bus.set(LINK, 0);
    port.link().unwrap();
    bus.set(LINK_CHANGED, 1);
    wait(&mut rx);
    bus.set(LINK_CHANGED, 0);
    assert_eq!(port.tick().unwrap(), Some(Link::Down));
    assert_eq!(port.tick().unwrap(), None);
}

/// The device forgets doorbells while the link is down, and control reads of the link later than the clients sync.
#[test]
fn doorbells_that_the_device_forgot_without_a_link_are_repeated() {
    let config = PortConfig {
        tx_slots: Some(64),
        rx_slots: Some(64),
        queues: 2,
        ..PortConfig::default()
    };
    let memory = Memory::for_ports([&config]).unwrap();
    let bus = Journal::new();
    let port = Port::<Journalled, _>::open(&memory, bus.clone(), config).unwrap();
    let mut port = AnyPort::new(port);
    let mut tx = [port.tx(0).unwrap(), port.tx(1).unwrap()];
    let mut rx = port.rx(0).unwrap();
    port.start().unwrap();
    port.link().unwrap();
    let mut hand_over = |expected| {
        for (queue, ring) in (0..).zip(&mut tx) {
            put(ring);
            assert!(matches!(
                ring.sync(),
                Ok(Progress::Synced { handed: 1, .. })
            ));
            assert_eq!(bus.tail_of(queue), expected, "queue {queue}");
        }
    };
    hand_over(1);
    bus.set(LINK, 0);
    hand_over(1);
    // Control reads of the change, and then of the link.
    port.link().unwrap();
    bus.set(LINK, 1);
    assert_eq!((bus.tail_of(0), bus.tail_of(1)), (1, 1));
    port.link().unwrap();
    assert_eq!((bus.tail_of(0), bus.tail_of(1)), (2, 2));
    hand_over(3);
    // The link is back before control reads it, and only the interrupt reported the change.
    bus.set(LINK, 0);
    hand_over(3);
    bus.set(LINK, 1);
    bus.set(LINK_CHANGED, 1);
    wait(&mut rx);
    bus.set(LINK_CHANGED, 0);
    port.link().unwrap();
    assert_eq!((bus.tail_of(0), bus.tail_of(1)), (4, 4));
}

#[test]
fn transmit_rings_stay_paused_over_a_reset_without_a_link() {
    let (mut port, bus) = open(&[]);
    let mut tx = port.tx(0).unwrap();
    port.start().unwrap();
    bus.set(LINK, 0);
    port.tick().unwrap();
    for which in [Reset::Device, Reset::Tx(0), Reset::Link] {
        port.reset(which).unwrap();
        put(&mut tx);
        assert_eq!(tx.sync(), Ok(Progress::Paused), "{which:?}");
        assert_eq!(bus.tx_tail(), 0, "{which:?}");
    }
    bus.set(LINK, 1);
    port.link().unwrap();
    assert_eq!(bus.tx_tail(), 3);
}

/// A handler may unmask its queue, or what it had masked, while interrupts are being masked.
#[test]
fn interrupts_are_masked_again_once_their_handlers_have_ended() {
    for vectors in [0, 3] {
        let (mut port, bus) = match vectors {
            0 => open(&[]),
            _ => open_on::<Journalled<false, 3>>(&[]),
        };
        port.start().unwrap();
        bus.take();
        port.stop().unwrap();
        assert_eq!(options_of(&bus.take(), "interrupts_off").len(), 2);
    }
}
