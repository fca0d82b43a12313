//! Our 8254x driver on NIC models that nobody here wrote: QEMU's `e1000` and its siblings.
//!
//! Frames go in at one end and are compared, byte for byte and in order, at the other.

mod mixture;
mod qemu_support;

use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use netmap_core::register::RegOffset;
use netmap_core::{Bus as _, MacAddress, Reset, Sides as _};
use netmap_nics::{Modelled, Visitor, by_pci};
use netmap_userspace::bus::UserBus;
use netmap_userspace::bus::qemu::{Qemu, QemuBus, Wire};
use netmap_userspace::{AnyPort, Memory, Port, PortConfig, RxRing, TxRing};

use mixture::frames;

const LONG: Duration = Duration::from_secs(20);

/// A port of our driver on a NIC of QEMU's, and the other end of the NIC's wire.
struct Bench {
    port: AnyPort,
    tx: TxRing,
    rx: RxRing,
    bus: QemuBus,
    wire: Wire,
}

struct Open<'a>(&'a Memory, QemuBus, PortConfig);

impl Visitor for Open<'_> {
    type Output = AnyPort;

    fn visit<D: Modelled>(self) -> AnyPort {
        let Open(memory, bus, config) = self;
        AnyPort::new(Port::<D, _>::open(memory, bus, config).unwrap())
    }
}

impl Bench {
    fn new(device: &str, slots: u32) -> Bench {
        let config = PortConfig {
            promiscuous: true,
            ..PortConfig::default()
        };
        Bench::with(device, slots, config)
    }

    fn with(device: &str, slots: u32, config: PortConfig) -> Bench {
        let config = PortConfig {
            tx_slots: slots,
            rx_slots: slots,
            ..config
        };
        let memory = Memory::create(2 + config.buffers()).unwrap();
        let (bus, wire) = Qemu::new(device).unwrap().start(memory.region()).unwrap();
        let open = Open(&memory, bus.clone(), config);
        let mut port = by_pci(bus.pci_id(), open).expect("a driver for the device");
        port.start().unwrap();
        port.wait_for_link(LONG).unwrap();
        let (tx, rx) = (port.tx(0).unwrap(), port.rx(0).unwrap());
        Bench {
            port,
            tx,
            rx,
            bus,
            wire,
        }
    }

    /// Sends frames through the driver while another thread takes them off the wire.
    fn check_tx(&mut self, frames: &[Vec<u8>]) {
        let (wire, tx) = (&self.wire, &mut self.tx);
        thread::scope(|scope| {
            scope.spawn(move || {
                for (number, frame) in frames.iter().enumerate() {
                    let sent = wire.recv(LONG).expect("a frame on the wire");
                    assert!(sent == *frame, "{}", instead(frames, number, &sent));
                }
            });
            send(tx, frames);
        });
        assert_eq!(
            wire.recv(Duration::from_millis(10)),
            None,
            "a frame too many"
        );
    }

    /// Receives frames through the driver that another thread puts on the wire.
    fn check_rx(&mut self, frames: &[Vec<u8>]) {
        let (wire, rx) = (&self.wire, &mut self.rx);
        thread::scope(|scope| {
            scope.spawn(move || {
                for frame in frames {
                    wire.send(frame).expect("room on the wire");
                }
            });
            expect(rx, frames);
        });
        rx.sync().unwrap();
        assert_eq!(rx.available(), 0, "a frame too many");
    }

    fn counter(&mut self, name: &str) -> u64 {
        let mut all = self.port.statistics();
        all.find(|(statistic, _)| statistic.name == name)
            .map(|(_, total)| total)
            .expect("a counter of that name")
    }
}

fn send(tx: &mut TxRing, frames: &[Vec<u8>]) {
    let mut frames = frames.iter();
    while frames.len() > 0 {
        assert!(
            tx.wait(LONG).unwrap(),
            "no room for {} frames",
            frames.len()
        );
        let mut slots = tx.reserve(frames.len() as u32);
        for (mut slot, frame) in (&mut slots).zip(&mut frames) {
            slot.write(frame).unwrap();
        }
        slots.commit();
        tx.sync().unwrap();
    }
    assert!(tx.drain(LONG).unwrap(), "{} frames not sent", tx.pending());
}

fn expect(rx: &mut RxRing, frames: &[Vec<u8>]) {
    let mut expected = frames.iter().enumerate();
    while expected.len() > 0 {
        assert!(
            rx.wait(LONG).unwrap(),
            "{} frames not received",
            expected.len()
        );
        let mut received = rx.frames();
        for found in &mut received {
            let (number, frame) = expected.next().expect("no frame too many");
            let found = found.to_vec().unwrap();
            assert!(found == *frame, "{}", instead(frames, number, &found));
        }
        received.release();
    }
}

/// What to say of a frame that is not the one it should be.
fn instead(frames: &[Vec<u8>], number: usize, found: &[u8]) -> String {
    match frames.iter().position(|frame| frame == found) {
        Some(other) => format!("frame {other} in place of frame {number}"),
        None => format!("frame {number} changed to {found:02x?}"),
    }
}

/// Far more frames than the ring holds pass both ways, none changed, missing, doubled or out of turn.
fn check_both_ways(device: &str, slots: u32) {
    let frames = frames();
    let mut bench = Bench::new(device, slots);
    bench.check_tx(&frames);
    bench.check_rx(&frames);
    // And both at once.
    let Bench { tx, rx, wire, .. } = &mut bench;
    thread::scope(|scope| {
        scope.spawn(|| send(tx, &frames));
        scope.spawn(|| {
            for frame in &frames {
                assert!(wire.recv(LONG).as_ref() == Some(frame));
            }
        });
        scope.spawn(|| frames.iter().for_each(|frame| wire.send(frame).unwrap()));
        expect(rx, &frames);
    });
    let count = 2 * frames.len() as u64;
    assert_eq!(bench.tx.counters().sent, count);
    assert_eq!(bench.counter("tx_good_frames"), count);
    assert_eq!(bench.counter("rx_good_frames"), count);
    bench.bus.check().unwrap();
}

#[test]
fn a_capture_passes_both_ways_unchanged_on_e1000_with_the_smallest_ring() {
    need_qemu!();
    check_both_ways("e1000", 8);
}

#[test]
fn a_capture_passes_both_ways_unchanged_on_e1000_with_the_default_ring() {
    need_qemu!();
    check_both_ways("e1000", 512);
}

#[test]
fn a_capture_passes_both_ways_unchanged_on_e1000_82545em() {
    need_qemu!();
    check_both_ways("e1000-82545em", 64);
}

#[test]
fn a_capture_passes_both_ways_unchanged_on_e1000_82544gc() {
    need_qemu!();
    check_both_ways("e1000-82544gc", 24);
}

/// Each reset restarts the NIC at 0 and leaves the client where it is: after seven of them every distance between the
/// two has been there.
#[test]
fn every_offset_between_client_and_nic_is_passed_through_resets() {
    need_qemu!();
    /// Transmit and receive descriptor heads (13.4.4, 13.4.28).
    const HEADS: [RegOffset; 2] = [RegOffset(0x3810), RegOffset(0x2810)];
    const SLOTS: u32 = 8;
    // Twice round the ring and one slot further.
    const ROUND: usize = 2 * SLOTS as usize + 1;
    const UNREAD: usize = 3;

    let frames = frames();
    let mut bench = Bench::new("e1000", SLOTS);
    for (offset, frames) in (0..SLOTS).zip(frames.chunks(ROUND)) {
        let heads = [
            bench.tx.raw().header().head.load(Relaxed),
            bench.rx.raw().header().tail.load(Relaxed),
        ];
        assert_eq!(heads, [offset; 2], "where the clients are");
        assert_eq!(
            HEADS.map(|head| bench.bus.read32(head)),
            [0; 2],
            "where the NIC is"
        );
        bench.check_tx(frames);
        // The last frames are received before the reset and read after it.
        let (read, unread) = frames.split_at(ROUND - UNREAD);
        bench.check_rx(read);
        unread
            .iter()
            .for_each(|frame| bench.wire.send(frame).unwrap());
        while bench.rx.available() < UNREAD as u32 {
            thread::sleep(Duration::from_millis(1));
            bench.rx.sync().unwrap();
        }
        bench.port.reset(Reset::Device).unwrap();
        expect(&mut bench.rx, unread);
        bench.rx.sync().unwrap();
    }
    bench.bus.check().unwrap();
}

#[test]
fn e1000_passes_the_station_address_broadcasts_and_the_groups_asked_for() {
    need_qemu!();
    let station = MacAddress([2, 0, 0, 0x12, 0x34, 0x56]);
    let group = MacAddress([1, 0, 0x5e, 0, 0, 7]);
    let config = PortConfig {
        mac: Some(station),
        multicast: vec![group],
        ..PortConfig::default()
    };
    let mut bench = Bench::with("e1000", 64, config);
    let to = |address: [u8; 6]| {
        let mut frame = vec![0x5a; 60];
        frame[..6].copy_from_slice(&address);
        frame
    };
    let passed = [to(station.0), to([0xff; 6]), to(group.0)];
    let stopped = [to([2, 0, 0, 0x12, 0x34, 0x57]), to([1, 0, 0x5e, 0, 0, 8])];
    for frame in stopped.iter().chain(&passed) {
        bench.wire.send(frame).unwrap();
    }
    expect(&mut bench.rx, &passed);
}
