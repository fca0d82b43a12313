//! Control of a port while its rings are in use: link changes, and resets of a single ring.

mod program_support;
mod sim_support;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::{Link, Progress, Reset, Restart, SyncError};
use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_sim::wire::{Flow, Loopback, Socket, cable};
use netmap_userspace::bus::sim::SimNic;
use netmap_userspace::{AnyPort, Error, Limits, Memory, PortConfig, RxRing, TxRing, open};
use program_support::{holds_frames, neighbours};
use sim_support::port;

const LONG: Duration = Duration::from_secs(20);

fn limits(nic: &str) -> Limits {
    struct Of;
    impl Visitor for Of {
        type Output = Limits;
        fn visit<D: Modelled>(self) -> Limits {
            let first = &D::MODEL.variants[0];
            Limits::of::<D>(first.name, first.limits)
        }
    }
    by_name(nic, Of).unwrap()
}

fn up(port: &mut AnyPort) {
    port.start().unwrap();
    port.wait_for_link(LONG).unwrap();
}

/// A broadcast frame, unique for its number.
fn frame(number: u32, len: usize) -> Vec<u8> {
    let mut frame = vec![0xff; 6];
    frame.extend([2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
    frame.extend(number.to_be_bytes());
    frame.extend((frame.len()..len).map(|at| (at * 7) as u8));
    frame
}

#[test]
fn slots_wait_while_the_link_is_down_and_are_sent_when_it_is_up() {
    for nic in NAMES {
        let config = PortConfig::default();
        let memory = Memory::create(config.buffers() + 2).unwrap();
        let (mut port, device) = port(nic, &memory, &config);
        let (near, far) = cable(Flow::Lossless, 64);
        let mut far = far.socket();
        device.device().plug(near);
        up(&mut port);
        let mut tx = port.tx(0).unwrap();
        assert_eq!(port.tick().unwrap(), None, "{nic}");

        // The device has four frames when the link goes down; four more follow.
        device.device().set_link(false);
        for number in 0..8 {
            if number == 4 {
                tx.sync().unwrap();
                assert_eq!(port.tick().unwrap(), Some(Link::Down), "{nic}");
            }
            let mut slots = tx.reserve(1);
            assert!(slots.write(&frame(number, 60)).unwrap());
            slots.commit();
        }
        assert_eq!(tx.sync(), Ok(Progress::Paused), "{nic}");
        assert!(!tx.drain(Duration::from_millis(20)).unwrap());
        assert_eq!(far.receive(), None);

        device.device().set_link(true);
        let link = port.tick().unwrap();
        assert!(matches!(link, Some(Link::Up { .. })), "{nic}: {link:?}");
        // Control hands over what the paused sync was asked to; the program need not sync again.
        for number in 0..8 {
            assert_eq!(far.receive_within(LONG), Some(frame(number, 60)), "{nic}");
        }
        assert!(tx.drain(LONG).unwrap());
        let violations = device.device().violations();
        assert!(violations.is_empty(), "{nic}: {violations}");
    }
}

#[test]
fn a_link_reset_brings_the_link_up_and_moves_no_ring() {
    for nic in NAMES {
        let config = PortConfig::default();
        let memory = Memory::create(config.buffers() + 2).unwrap();
        let (mut port, device) = port(nic, &memory, &config);
        device.device().plug(Loopback::new());
        up(&mut port);
        let (mut tx, mut rx) = (port.tx(0).unwrap(), port.rx(0).unwrap());
        for number in 0..50 {
            let mut slots = tx.reserve(1);
            assert!(slots.write(&frame(number, 80)).unwrap());
            slots.commit();
            tx.sync().unwrap();
            let before = device.device().negotiations();
            port.reset(Reset::Link).unwrap();
            // A correct link is renegotiated all the same, on NICs whose PHY negotiates.
            let negotiates = u64::from(port.model().phy.is_some());
            assert_eq!(device.device().negotiations(), before + negotiates, "{nic}");
            port.wait_for_link(LONG).unwrap();
            assert_eq!(take(&mut rx), frame(number, 80), "{nic}");
        }
        assert!(tx.drain(LONG).unwrap());
        assert_eq!(tx.counters().dropped, 0);
    }
}

fn take(rx: &mut RxRing) -> Vec<u8> {
    assert!(rx.wait(LONG).unwrap());
    let mut frames = rx.frames();
    let frame = frames.next().unwrap().to_vec().unwrap();
    frames.release();
    frame
}

#[test]
fn rings_continue_without_a_pause_while_another_is_reset() {
    let nics = NAMES.iter().filter(|nic| {
        let limits = limits(nic);
        limits.tx.restart == Restart::Queue
            && limits.rx.restart == Restart::Queue
            && limits.tx.queues.min(limits.rx.queues) > 1
    });
    let mut tried = 0;
    for nic in nics {
        let config = PortConfig {
            queues: 2,
            ..PortConfig::default()
        };
        let memory = Memory::create(config.buffers() + 2).unwrap();
        let (mut port, device) = port(nic, &memory, &config);
        up(&mut port);
        let mut rings: Vec<(TxRing, RxRing)> = (0..2)
            .map(|queue| (port.tx(queue).unwrap(), port.rx(queue).unwrap()))
            .collect();
        thread::scope(|scope| {
            let (mut tx, mut rx) = rings.pop().unwrap();
            let running = Arc::new(());
            let until = Arc::downgrade(&running);
            let other = scope.spawn(move || {
                let (mut syncs, mut sent) = (0u64, 0);
                while until.strong_count() > 0 {
                    let mut slots = tx.reserve(8);
                    while slots.write(&frame(sent, 60)).unwrap() {
                        sent += 1;
                    }
                    slots.commit();
                    assert!(matches!(tx.sync(), Ok(Progress::Synced { .. })), "{nic}");
                    assert!(matches!(rx.sync(), Ok(Progress::Synced { .. })), "{nic}");
                    syncs += 1;
                }
                assert!(tx.drain(LONG).unwrap());
                (syncs, sent, tx.counters())
            });
            let (tx, _) = &mut rings[0];
            for number in 0..100 {
                let mut slots = tx.reserve(1);
                assert!(slots.write(&frame(number, 60)).unwrap());
                slots.commit();
                tx.sync().unwrap();
                port.reset(Reset::Tx(0)).unwrap();
                port.reset(Reset::Rx(0)).unwrap();
            }
            assert!(tx.drain(LONG).unwrap());
            drop(running);
            let (syncs, sent, counters) = other.join().unwrap();
            assert!(syncs > 100, "{nic}: {syncs}");
            // No frame of the other ring was handed over twice.
            assert_eq!(counters.handed, u64::from(sent), "{nic}");
        });
        let violations = device.device().violations();
        assert!(violations.is_empty(), "{nic}: {violations}");
        tried += 1;
    }
    assert!(tried > 0, "no NIC can restart a single queue");
}

#[test]
fn a_missing_ring_cannot_be_reset() {
    let config = PortConfig::default();
    let memory = Memory::create(config.buffers() + 2).unwrap();
    let (mut port, _device) = port(NAMES[0], &memory, &config);
    up(&mut port);
    for which in [Reset::Tx(1), Reset::Rx(1)] {
        let error = port.reset(which).unwrap_err().to_string();
        assert!(error.contains("ring 1"), "{error}");
    }
}

/// Two bridged ports: frames sent at the far end of one arrive at the far end of the other.
struct Bridged {
    ports: [AnyPort; 2],
    nics: [SimNic; 2],
    ends: [Socket; 2],
    rx: RxRing,
    tx: TxRing,
}

impl Bridged {
    fn new(one: &str, other: &str, config: &PortConfig) -> Bridged {
        let memory = Memory::create(2 * config.buffers() + 2).unwrap();
        let open = |name: &str| {
            let (mut port, nic) = port(name, &memory, config);
            let (near, far) = cable(Flow::Lossless, 64);
            nic.device().plug(near);
            up(&mut port);
            (port, nic, far.socket())
        };
        let ((mut a, a_nic, a_end), (mut b, b_nic, b_end)) = (open(one), open(other));
        Bridged {
            rx: a.rx(0).unwrap(),
            tx: b.tx(0).unwrap(),
            ports: [a, b],
            nics: [a_nic, b_nic],
            ends: [a_end, b_end],
        }
    }
}

#[test]
fn frames_cross_two_different_nics_in_order_while_the_link_of_one_is_reset_every_50_ms() {
    // The link is reset, and frames wait meanwhile.
    for (one, other) in neighbours().filter(|(one, _)| holds_frames(one)) {
        let mut bridged = Bridged::new(
            one,
            other,
            &PortConfig {
                promiscuous: true,
                ..PortConfig::default()
            },
        );
        let (mut sent, mut arrived, mut resets) = (0, 0, 0);
        let mut last = Instant::now();
        loop {
            let goes_on = resets < 6 || sent <= 100;
            if !goes_on && arrived == sent {
                break;
            }
            if goes_on
                && sent < arrived + 40
                && bridged.ends[0].send(&frame(sent, 64 + sent as usize % 1400))
            {
                sent += 1;
            }
            bridged.rx.sync().unwrap();
            bridged.rx.forward(&mut bridged.tx).unwrap();
            bridged.tx.sync().unwrap();
            while let Some(bytes) = bridged.ends[1].receive() {
                let expected = frame(arrived, 64 + arrived as usize % 1400);
                assert_eq!(bytes, expected, "{one} to {other}");
                arrived += 1;
            }
            if last.elapsed() >= Duration::from_millis(50) {
                // The link partner goes away and comes back, and the link is renegotiated.
                bridged.nics[1].device().set_link(false);
                assert_eq!(bridged.ports[1].link().unwrap(), Link::Down);
                bridged.nics[1].device().set_link(true);
                bridged.ports[1].reset(Reset::Link).unwrap();
                bridged.ports[1].wait_for_link(LONG).unwrap();
                resets += 1;
                last = Instant::now();
            }
        }
        for nic in &bridged.nics {
            let violations = nic.device().violations();
            assert!(violations.is_empty(), "{one} to {other}: {violations}");
        }
    }
}

#[test]
fn rings_whose_port_was_closed_say_so_to_threads_that_wait_at_them() {
    for nic in NAMES {
        for started in [true, false] {
            let config = PortConfig::default();
            let memory = Memory::create(config.buffers() + 2).unwrap();
            let (mut port, device) = port(nic, &memory, &config);
            device.device().plug(Loopback::new());
            if started {
                up(&mut port);
            }
            let (mut tx, mut rx) = (port.tx(0).unwrap(), port.rx(0).unwrap());
            thread::scope(|scope| {
                let receiver = scope.spawn(|| rx.wait(Duration::MAX));
                let sender = scope.spawn(|| tx.wait_for_room(tx.slots(), Duration::MAX));
                // Long enough that both sleep, whether they wait for an interrupt or for a start.
                thread::sleep(Duration::from_millis(50));
                let since = Instant::now();
                drop(port);
                assert_eq!(
                    receiver.join().unwrap(),
                    Err(SyncError::PortClosed),
                    "{nic}"
                );
                assert_eq!(sender.join().unwrap(), Err(SyncError::PortClosed), "{nic}");
                assert!(since.elapsed() < Duration::from_secs(2), "{nic}");
            });
            assert_eq!(rx.sync(), Err(SyncError::PortClosed), "{nic}");
            let mut slots = tx.reserve(1);
            assert!(slots.write(&frame(0, 60)).unwrap());
            slots.commit();
            assert_eq!(tx.drain(Duration::MAX), Err(SyncError::PortClosed), "{nic}");
        }
    }
}

/// Sends frame `number` from one port to the other.
fn passes(number: u32, from: &mut TxRing, to: &mut RxRing) {
    let mut slots = from.reserve(1);
    assert!(slots.write(&frame(number, 60)).unwrap());
    slots.commit();
    from.sync().unwrap();
    assert!(to.wait(LONG).unwrap(), "frame {number}");
    let mut frames = to.frames();
    assert_eq!(frames.next().unwrap().to_vec().unwrap(), frame(number, 60));
    assert!(frames.next().is_none());
    frames.release();
}

fn wait_until_down(port: &mut AnyPort) {
    let since = Instant::now();
    while port.link().unwrap() != Link::Down {
        assert!(since.elapsed() < LONG);
        thread::sleep(Duration::from_millis(1));
    }
    port.tick().unwrap();
}

#[test]
fn a_port_has_a_link_again_when_another_one_takes_the_free_end_of_its_cable() {
    for (nic, other) in NAMES.iter().zip(NAMES.iter().cycle().skip(1)) {
        let config = PortConfig {
            promiscuous: true,
            ..PortConfig::default()
        };
        let memory = Memory::create(config.buffers() * 3 + 2).unwrap();
        let connected = |end: &str| {
            let name = format!("sim:{end}?cable={nic}-{other}");
            open(&name, &memory, config.clone())
        };
        let mut port = connected(nic).unwrap();
        up(&mut port);
        let (mut tx, mut rx) = (port.tx(0).unwrap(), port.rx(0).unwrap());
        // Opened, and closed before it was started.
        drop(connected(other).unwrap());
        wait_until_down(&mut port);
        for round in 0..3 {
            let mut peer = connected(other).unwrap();
            let third = connected(other).unwrap_err();
            assert!(matches!(third, Error::CableInUse { .. }), "{nic}: {third}");
            up(&mut peer);
            up(&mut port);
            let (mut peer_tx, mut peer_rx) = (peer.tx(0).unwrap(), peer.rx(0).unwrap());
            // The frame that waited since the peer was closed.
            if round > 0 {
                assert!(peer_rx.wait(LONG).unwrap(), "{nic}");
                let mut frames = peer_rx.frames();
                let waited = frames.next().unwrap().to_vec().unwrap();
                assert_eq!(waited, frame(100 + round, 60), "{nic}");
                frames.release();
            }
            passes(2 * round, &mut tx, &mut peer_rx);
            passes(2 * round + 1, &mut peer_tx, &mut rx);
            drop(peer);
            wait_until_down(&mut port);
            let mut slots = tx.reserve(1);
            assert!(slots.write(&frame(100 + round + 1, 60)).unwrap());
            slots.commit();
            assert_eq!(tx.sync(), Ok(Progress::Paused), "{nic}");
        }
    }
}

/// A program that sends and receives but never calls `tick`, in which control does its periodic work.
#[test]
fn a_port_that_is_never_ticked_sends_as_soon_as_its_peer_is_there_again() {
    for (nic, other) in NAMES.iter().zip(NAMES.iter().cycle().skip(1)) {
        let config = PortConfig {
            promiscuous: true,
            ..PortConfig::default()
        };
        let memory = Memory::create(config.buffers() * 2 + 2).unwrap();
        let connected = |end: &str| {
            let name = format!("sim:{end}?cable=unticked-{nic}");
            let mut port = open(&name, &memory, config.clone()).unwrap();
            up(&mut port);
            port
        };
        let mut port = connected(nic);
        let mut tx = port.tx(0).unwrap();
        drop(connected(other));
        let since = Instant::now();
        while port.link().unwrap() != Link::Down {
            assert!(since.elapsed() < LONG, "{nic}");
        }
        let mut peer = connected(other);
        passes(1, &mut tx, &mut peer.rx(0).unwrap());
    }
}
