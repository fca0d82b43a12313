//! The Rust half of the kernel module without a kernel: its boundary is implemented here, over simulated NICs and QEMU's
//! models. This is not FreeBSD; it holds the other half to what `netmap_kmod::boundary` says.

mod counters;
mod entering;
mod facts;
mod filters;
mod gates;
mod gone;
#[path = "../../../userspace/tests/journal/mod.rs"]
mod journal;
mod kernel;
mod lifecycle;
mod messages;
mod options;
mod order;
mod port;
#[path = "../../../userspace/tests/qemu_support/mod.rs"]
mod qemu_support;
mod races;
mod refusals;
mod stops;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::model::{Model, Reading};
use netmap_core::{BufIdx, MacAddress, Nic, PciId, PciIdentity};
use netmap_kmod::boundary::*;
use netmap_nics::{Modelled, NAMES, Visitor, by_name, by_pci};
use netmap_sim::wire::{Flow, Loopback, cable};
use netmap_userspace::Region;
use netmap_userspace::bus::UserBus as _;
use netmap_userspace::bus::qemu::{Qemu, Wire};
use netmap_userspace::bus::sim::SimNic;

use kernel::Kernel;
use port::{Port, SLOTS, attach};

const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 9]);

/// A simulated NIC whose wire leads back.
struct Sim {
    name: &'static str,
    nic: SimNic,
    kernel: Arc<Kernel>,
    pci: PciIdentity,
    queues: u32,
    model: &'static Model,
}

/// A test of every variant of every NIC.
trait Each: Copy {
    fn of(self, sim: Sim);
}

impl<F: Fn(Sim) + Copy> Each for F {
    fn of(self, sim: Sim) {
        self(sim);
    }
}

fn for_each_nic(act: impl Each) {
    struct Build<A>(A);
    impl<A: Each> Visitor for Build<A> {
        type Output = ();
        fn visit<D: Modelled>(self) {
            for variant in D::MODEL.variants {
                self.0.of(sim_of::<D>(variant.name));
            }
        }
    }
    for name in NAMES {
        by_name(name, Build(act)).expect("a NIC of that name");
    }
}

fn sim_of<D: Modelled>(variant: &str) -> Sim {
    let nic = SimNic::of_variant::<D>(variant, MAC).unwrap();
    nic.device().plug(Loopback::new());
    let region = Region::create(32 << 20).unwrap();
    let limits = &nic.device().variant().limits;
    let queues = limits.tx.queues.min(limits.rx.queues).min(4);
    let slots = [limits.tx, limits.rx].map(|limits| limits.nearest(SLOTS));
    let kernel = Kernel::new(nic.clone(), &region, queues, slots);
    Sim {
        name: D::NAME,
        pci: nic.pci(),
        nic,
        kernel,
        queues,
        model: D::MODEL,
    }
}

impl Sim {
    fn attach(&self) -> Port {
        let mut port = attach(&self.kernel, self.name, self.pci, self.queues, 1514)
            .unwrap_or_else(|error| panic!("{}: {error}: {:?}", self.name, self.kernel.log()));
        port.longest = port.found.frame_max.min(1514);
        if self.model.rx.lossy {
            // The program may have released the other half of the slots since the last sync, and one frame may have
            // been sent before.
            port.under_way = ((port.found.rx_slots - 1) / 2).saturating_sub(1).max(1);
        }
        port
    }

    fn up(&self) -> Port {
        let port = self.attach();
        assert_eq!(port.set_filter(true, &[]), 0);
        assert_eq!(port.up(), 0, "{}: {:?}", self.name, self.kernel.log());
        assert!(port.wait_for_link().mbps > 0);
        port
    }

    fn has_kept_the_rules(&self) {
        let violations = self.nic.device().violations();
        assert!(violations.is_empty(), "{}: {violations}", self.name);
        assert_eq!(self.kernel.live(), 0, "{}: not given back", self.name);
    }
}

/// The frame of that number, to a group address, so that NICs that compare addresses accept it; it has at most `most`
/// bytes.
fn frame_within(number: u32, most: u32) -> Vec<u8> {
    let len = 60 + (number * 7) % (most - 59);
    let mut frame = vec![0xff; len as usize];
    frame[6..12].copy_from_slice(&MAC.0);
    for (at, byte) in frame[12..].iter_mut().enumerate() {
        *byte = (number as usize * 31 + at) as u8;
    }
    frame[12..16].copy_from_slice(&number.to_be_bytes());
    frame
}

/// One that every NIC sends.
fn frame(number: u32) -> Vec<u8> {
    frame_within(number, 600)
}

/// The number of the frame that this is, every byte of it, if it has at most `most` bytes.
fn number_within(bytes: &[u8], most: u32) -> u32 {
    let number = u32::from_be_bytes(bytes[12..16].try_into().unwrap());
    assert!(
        bytes == frame_within(number, most),
        "frame {number} is not what was sent"
    );
    number
}

fn number_of(bytes: &[u8]) -> u32 {
    number_within(bytes, 600)
}

/// Sends `count` frames on queue 0 and receives them on whichever queue they come, each queue in order; `meanwhile` is
/// called between syncs with the frames received so far.
fn exchange(port: &Port, queues: u32, count: u32, mut meanwhile: impl FnMut(u32)) {
    let (mut sent, mut back, mut received) = (0, 0u32, vec![false; count as usize]);
    let end = Instant::now() + Duration::from_secs(60);
    let sync_rx = |queue| {
        let synced = port.sync(RX, queue);
        assert_ne!(synced, REFUSED, "{}", port.describe(RX, queue));
    };
    // The slots of frames that were read before.
    (0..queues).for_each(sync_rx);
    while received.contains(&false) {
        while sent < count
            && sent < back.saturating_add(port.under_way)
            && port.send(0, &frame_within(sent, port.longest))
        {
            sent += 1;
        }
        assert_ne!(port.sync(TX, 0), REFUSED, "{}", port.describe(TX, 0));
        for queue in 0..queues {
            sync_rx(queue);
            while let Some(bytes) = port.receive(queue) {
                received[number_within(&bytes, port.longest) as usize] = true;
            }
        }
        back = received.iter().filter(|is| **is).count() as u32;
        meanwhile(back);
        assert!(Instant::now() < end, "{back} of {count} came back");
        thread::yield_now();
    }
    // Frames that have just come back may still have every slot of a short ring.
    while !port.has_room(0) {
        assert_ne!(port.sync(TX, 0), REFUSED, "{}", port.describe(TX, 0));
        assert!(Instant::now() < end, "no slot came back");
    }
}

#[test]
fn every_nic_moves_frames_both_ways_and_frees_everything() {
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        assert_eq!(port.found.mac, MAC.0);
        exchange(&port, sim.queues, 500, |_| ());
        let [handed, sent, dropped, faults, refused] =
            ["handed", "sent", "dropped", "faults", "refused"]
                .map(|name| port.number(&format!("tx0.{name}")));
        assert_eq!(
            (handed, dropped, faults, refused),
            (500, 0, 0, 0),
            "{}",
            sim.name
        );
        assert!(sent <= 500 && sent >= 500 - u64::from(SLOTS));
        let counters = port.counters();
        let counts = counters.is_empty() || counters.values().any(|total| *total > 0);
        assert!(counts, "{}: {counters:?}", sim.name);
        assert_eq!(port.down(), 0);
        drop(port);
        sim.has_kept_the_rules();
    });
}

/// Sends `count` frames on queue 0 to a `wire` that sees them all, the first time in order; resets the device `resets` times
/// in between.
fn send_over_resets(
    port: &Port,
    count: u32,
    resets: u32,
    mut wire: impl FnMut() -> Option<Vec<u8>>,
) {
    let (mut sent, mut seen, mut done) = (0, 0, 0);
    let end = Instant::now() + Duration::from_secs(60);
    while seen < count {
        while sent < count && port.send(0, &frame(sent)) {
            sent += 1;
        }
        assert_ne!(port.sync(TX, 0), REFUSED, "{}", port.describe(TX, 0));
        if done < resets && sent > (done + 1) * count / (resets + 1) {
            // Frames wait in the ring, at the device, or both.
            done += 1;
            let before = port.kernel.ring(TX, 0).positions();
            assert_eq!(port.up(), 0, "{:?}", port.kernel.log());
            let after = port.kernel.ring(TX, 0).positions();
            assert_eq!((before[0], before[2]), (after[0], after[2]));
            assert!(port.wait_for_link().mbps > 0);
        }
        while let Some(bytes) = wire() {
            let number = number_of(&bytes);
            // One that left and was not reported goes twice.
            assert!(number <= seen, "frame {seen} was lost, {number} came");
            seen = seen.max(number + 1);
        }
        assert!(Instant::now() < end, "{seen} of {count} were sent");
        thread::yield_now();
    }
    assert_eq!(done, resets);
    assert_eq!(port.number("tx0.dropped"), 0);
}

#[test]
fn a_reset_in_the_middle_moves_no_position_and_loses_no_frame() {
    for_each_nic(|sim: Sim| {
        let (near, far) = cable(Flow::Lossless, 64);
        sim.nic.device().plug(near);
        let mut far = far.socket();
        let port = sim.up();
        send_over_resets(&port, 500, 4, || far.receive());
        drop(port);
        sim.has_kept_the_rules();
    });
}

#[test]
fn slots_wait_while_the_link_is_down_and_are_sent_when_it_is_up() {
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        exchange(&port, sim.queues, 20, |_| ());
        sim.nic.device().set_link(false);
        while port.link(true).mbps > 0 {
            port.kernel.sleep(Duration::from_millis(20));
        }
        let before = port.kernel.ring(TX, 0).positions();
        assert!(port.send(0, &frame(0)));
        assert_eq!(port.sync(TX, 0), PAUSED);
        assert_eq!(port.kernel.ring(TX, 0).positions()[..2], before[..2]);
        // Its program would wait in vain if it were woken now.
        assert_eq!(port.link(false).waiting, 0, "{}", sim.name);
        sim.nic.device().set_link(true);
        let state = port.wait_for_link();
        // Control has handed over what waited: its program may not sync again.
        assert_ne!(
            port.kernel.ring(TX, 0).positions()[0],
            before[0],
            "{}",
            sim.name
        );
        assert_eq!((state.changed, state.full_duplex), (1, 1), "{}", sim.name);
        // Its program may sleep, so each call asks to wake it until it syncs.
        assert_eq!(state.waiting, 1, "{}", sim.name);
        assert_eq!(port.link(false).waiting, 1, "{}", sim.name);
        let mut seen = false;
        exchange(&port, sim.queues, 20, |_| seen = true);
        assert!(seen);
        assert_eq!(port.link(false).waiting, 0, "{}", sim.name);
        assert_eq!(port.renegotiate(), 0);
        port.wait_for_link();
        drop(port);
        sim.has_kept_the_rules();
    });
}

#[test]
fn a_sync_at_a_closed_gate_is_requested_again() {
    for_each_nic(|sim: Sim| {
        let port = Arc::new(sim.up());
        assert!(port.send(0, &frame(0)));
        // Control has the ring at work: it rings the doorbell, for which it closed the gate.
        let reported = Arc::new(AtomicU32::new(SYNCED));
        let (inside, seen) = (Arc::clone(&port), Arc::clone(&reported));
        sim.kernel
            .at_next_write(move || seen.store(inside.sync(TX, 0), SeqCst));
        let state = port.link(true);
        assert_eq!(reported.load(SeqCst), PAUSED, "{}", sim.name);
        assert_eq!((state.changed, state.waiting), (0, 1), "{}", sim.name);
        assert_eq!(port.sync(TX, 0), SYNCED);
        assert_eq!(port.link(false).waiting, 0, "{}", sim.name);
        drop(port);
        sim.has_kept_the_rules();
    });
}

fn registers(port: &Port) -> String {
    port.text("registers", 1 << 17)
}

/// The elements of a register in a line, the first with its offset.
fn elements(line: &str) -> impl Iterator<Item = (u32, Option<u32>)> {
    let mut words = line.split(' ');
    let offset = words.next().and_then(|word| word.strip_prefix("0x"));
    let offset = u32::from_str_radix(offset.expect(line), 16).expect(line);
    let name = words.next().expect(line);
    let range = name.split_once('[').map_or("0", |(_, range)| range);
    let range = range.trim_end_matches(']');
    let (first, last) = range.split_once("..=").unwrap_or((range, range));
    let [first, last] = [first, last].map(|number| number.parse().expect(line));
    (first..=last).map(move |element: u32| (element, (element == first).then_some(offset)))
}

#[test]
fn every_register_without_read_side_effects_is_shown_with_its_fields() {
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        let text = registers(&port);
        let variant = sim.nic.device().variant().name;
        for register in sim.model.registers.iter().filter(|r| r.exists_on(variant)) {
            let is_it = |word: &str| word.split('[').next() == Some(register.name);
            let reported = text
                .lines()
                .find(|line| line.split(' ').nth(1).is_some_and(is_it));
            let is_pure = sim.model.reading(register) == Reading::Pure;
            assert_eq!(
                reported.is_some(),
                is_pure,
                "{} {}",
                sim.name,
                register.name
            );
            if is_pure {
                // Each element once, at its address.
                let lines = text
                    .lines()
                    .filter(|line| line.split(' ').nth(1).is_some_and(is_it));
                let shown: Vec<_> = lines.flat_map(elements).collect();
                let pieces = register.pieces.iter();
                let all = pieces.flat_map(|piece| {
                    (0..piece.count)
                        .map(|at| (piece.first + at, piece.offset.0 + at * piece.stride))
                });
                let first_of_line = |element: u32| shown.iter().find(|(of, _)| *of == element);
                for (element, offset) in all {
                    let found = first_of_line(element);
                    let name = register.name;
                    let (_, at) = found.unwrap_or_else(|| panic!("{} {name}[{element}]", sim.name));
                    assert!(
                        at.is_none_or(|at| at == offset),
                        "{name}[{element}]: {at:x?}"
                    );
                }
                let last = register
                    .pieces
                    .iter()
                    .map(|piece| piece.first + piece.count - 1);
                assert_eq!(shown.last().map(|(element, _)| *element), last.max());
            }
            for field in register.fields.iter().filter(|_| is_pure) {
                let field = format!(" {}=", field.name);
                assert!(reported.unwrap().contains(&field), "{}{field}", sim.name);
            }
        }
        assert_eq!(port.text("registers", 100), text[..100]);
        drop(port);
        sim.has_kept_the_rules();
    });
}

#[test]
fn an_interrupt_reports_its_causes_and_a_stopped_device_has_none() {
    for_each_nic(|sim: Sim| {
        let port = sim.attach();
        assert_eq!(port.interrupt(0), 0);
        assert_eq!(port.set_filter(true, &[]), 0);
        assert_eq!(port.up(), 0);
        port.wait_for_link();
        port.acknowledge();
        assert_eq!(port.sync(RX, 0), SYNCED);
        assert!(port.send(0, &frame(1)));
        assert_eq!(port.sync(TX, 0), SYNCED);
        let (mut causes, end) = (0, Instant::now() + Duration::from_secs(10));
        while causes & (CAUSE_TX | CAUSE_RX) != CAUSE_TX | CAUSE_RX && Instant::now() < end {
            port.kernel.wait_interrupt(Duration::from_millis(10));
            let reported = port.interrupt(0);
            port.service(reported);
            causes |= reported;
        }
        assert_eq!(
            causes & (CAUSE_TX | CAUSE_RX),
            CAUSE_TX | CAUSE_RX,
            "{}",
            sim.name
        );
        assert_eq!(port.down(), 0);
        assert_eq!(port.interrupt(0), 0);
        drop(port);
        sim.has_kept_the_rules();
    });
}

#[test]
fn after_any_failed_allocation_nothing_is_left_and_the_next_attach_works() {
    for_each_nic(|sim: Sim| {
        const ENOMEM: i32 = 12;
        let mut failures = 0;
        loop {
            sim.kernel.fail_after(failures);
            match attach(&sim.kernel, sim.name, sim.pci, sim.queues, 1514) {
                Ok(port) => {
                    drop(port);
                    break;
                }
                Err(error) => assert_eq!(error, ENOMEM, "{}: {:?}", sim.name, sim.kernel.log()),
            }
            assert_eq!(sim.kernel.live(), 0, "{}: allocation {failures}", sim.name);
            failures += 1;
        }
        // The port, its queues and totals, and a ring each queue and direction.
        assert!(failures >= 4 + 2 * i64::from(sim.queues), "{failures}");
        assert_eq!(sim.kernel.log().len() as i64, failures);
        sim.has_kept_the_rules();
    });
}

#[test]
fn an_unsupported_configuration_is_refused_with_a_reason() {
    for_each_nic(|sim: Sim| {
        const EINVAL: i32 = 22;
        const ENXIO: i32 = 6;
        let empty = attach(&sim.kernel, sim.name, sim.pci, 1, 0).err();
        assert_eq!(empty, Some(EINVAL));
        let stranger = PciIdentity::of(PciId {
            vendor: 0x1234,
            device: 0x5678,
        });
        let other = attach(&sim.kernel, sim.name, stranger, 1, 1514).err();
        assert_eq!(other, Some(ENXIO));
        assert_eq!(sim.kernel.log().len(), 2);
        sim.has_kept_the_rules();
    });
}

#[test]
fn rings_are_as_many_and_as_long_as_the_nic_has_them() {
    for_each_nic(|sim: Sim| {
        let limits = &sim.nic.device().variant().limits;
        let most = limits.tx.queues.min(limits.rx.queues);
        for (wanted, found) in [(0, 1), (1, 1), (1000, most)] {
            let port = attach(&sim.kernel, sim.name, sim.pci, wanted, 1514).unwrap();
            assert_eq!(port.found.queues, found, "{}", sim.name);
            let slots = [limits.tx, limits.rx].map(|limits| limits.nearest(SLOTS));
            assert_eq!([port.found.tx_slots, port.found.rx_slots], slots);
            // It was never up, and the kernel has fewer rings.
            port.release();
        }
        sim.has_kept_the_rules();
    });
}

#[test]
fn a_refused_sync_moves_nothing_and_is_counted_with_its_reason() {
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        let ring = port.kernel.ring(TX, 0);
        let before = ring.positions();

        let past = ring.slots.len() as u32 + 5;
        ring.head.store(past, SeqCst);
        assert_eq!(port.sync(TX, 0), REFUSED);
        assert_eq!(ring.positions()[..2], before[..2]);
        assert!(
            port.describe(TX, 0).contains(&format!("head {past}")),
            "{}",
            port.describe(TX, 0)
        );

        ring.head.store(before[2], SeqCst);
        assert!(port.send(0, &frame(3)));
        let slot = &ring.slots[before[2] as usize];
        let good = slot.buffer();
        for bad in [0, 1, u32::MAX] {
            slot.set_buffer(BufIdx(bad));
            assert_eq!(port.sync(TX, 0), REFUSED);
            assert_eq!(ring.positions()[..2], before[..2]);
            let reason = port.describe(TX, 0);
            assert!(reason.contains(&format!("index {bad} ")), "{reason}");
        }
        assert_eq!(port.number("tx0.refused"), 4);
        slot.set_buffer(good);
        assert_eq!(port.sync(TX, 0), SYNCED);
        drop(port);
        sim.has_kept_the_rules();
    });
}

#[test]
fn a_ring_may_leave_netmap_mode_and_come_back_while_others_go_on() {
    for_each_nic(|sim: Sim| {
        if sim.queues < 2 {
            return;
        }
        let port = sim.up();
        exchange(&port, sim.queues, 50, |_| ());
        let other = port.kernel.ring(TX, 1);
        // Frames that are unsent when the ring leaves.
        sim.nic.device().set_link(false);
        assert!(port.send(1, &frame(7)));
        assert_eq!(port.down(), 0);
        other.in_netmap_mode.store(false, SeqCst);
        sim.nic.device().set_link(true);
        assert_eq!(port.up(), 0);
        port.wait_for_link();
        assert_eq!(port.sync(TX, 1), PAUSED);
        exchange(&port, sim.queues, 50, |_| ());
        other.in_netmap_mode.store(true, SeqCst);
        assert_eq!(port.up(), 0);
        port.wait_for_link();
        assert_eq!(port.sync(TX, 1), SYNCED);
        exchange(&port, sim.queues, 50, |_| ());
        drop(port);
        sim.has_kept_the_rules();
    });
}

#[test]
fn syncs_interrupts_and_control_may_come_in_any_order() {
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        let running = Arc::new(());
        let until = Arc::downgrade(&running);
        thread::scope(|scope| {
            // Dropped when a check fails, too: the scope waits for its threads even then.
            let _running = running;
            scope.spawn(|| {
                let mut number = 0;
                while until.strong_count() > 0 {
                    while port.send(0, &frame(number)) {
                        number += 1;
                    }
                    assert_ne!(port.sync(TX, 0), REFUSED, "{}", port.describe(TX, 0));
                }
            });
            scope.spawn(|| {
                while until.strong_count() > 0 {
                    for queue in 0..sim.queues {
                        assert_ne!(
                            port.sync(RX, queue),
                            REFUSED,
                            "{}",
                            port.describe(RX, queue)
                        );
                        while let Some(bytes) = port.receive(queue) {
                            number_of(&bytes);
                        }
                    }
                }
            });
            scope.spawn(|| {
                while until.strong_count() > 0 {
                    let causes = port.interrupt(0);
                    port.service(causes);
                    thread::yield_now();
                }
            });
            for round in 0..12 {
                match round % 4 {
                    0 => assert_eq!(port.up(), 0, "{:?}", port.kernel.log()),
                    1 => assert_eq!(port.set_filter(true, &[[1, 0, 0x5e, 0, 0, round]]), 0),
                    2 => assert_eq!(port.down(), 0, "{:?}", port.kernel.log()),
                    _ => assert_eq!(port.set_mac([2, 0, 0, 0, 1, round]), 0),
                }
                port.link(round % 2 == 0);
                thread::sleep(Duration::from_millis(2));
            }
        });
        drop(port);
        assert_eq!(sim.kernel.live(), 0);
    });
}

/// A QEMU NIC on a kernel, with MSI-X vectors (if it has them) or one interrupt, and the far end of its wire.
fn qemu_as(device: &str, by_messages: bool) -> (Port, u32, Wire) {
    struct OnQemu {
        bus: netmap_userspace::bus::qemu::QemuBus,
        region: Arc<Region>,
    }
    impl Visitor for OnQemu {
        type Output = (Arc<Kernel>, &'static str, u32);
        fn visit<D: Modelled>(self) -> Self::Output {
            let bus = self.bus.with_bar(D::BAR).unwrap();
            let driver = D::detect(&bus, &bus.pci()).expect("a variant of the NIC");
            let limits = driver.limits();
            let queues = limits.tx.queues.min(limits.rx.queues).min(2);
            let slots = [limits.tx, limits.rx].map(|limits| limits.nearest(SLOTS));
            let kernel = Kernel::new(bus, &self.region, queues, slots);
            (kernel, <D as Nic>::NAME, queues)
        }
    }
    let region = Region::create(32 << 20).unwrap();
    let (bus, wire) = Qemu::new(device).unwrap().start(&region).unwrap();
    let pci = bus.pci();
    let (kernel, name, queues) = by_pci(pci.id, OnQemu { bus, region }).expect("a driver for it");
    let port = attach(&kernel, name, pci, queues, 1514).unwrap();
    if by_messages && port.found.vectors > 0 {
        messages::give(&port, queues);
    }
    assert_eq!(port.set_filter(true, &[]), 0);
    assert_eq!(port.up(), 0, "{:?}", kernel.log());
    port.wait_for_link();
    (port, queues, wire)
}

#[test]
fn on_qemu_s_models_frames_go_both_ways_over_a_reset() {
    need_qemu!();
    let mut devices = qemu_support::devices();
    devices.dedup_by_key(|(nic, _)| *nic);
    for (_, device) in devices {
        let (port, queues, wire) = qemu_as(device, false);
        exchange(&port, queues, 60, |_| {
            while let Some(bytes) = wire.recv(Duration::ZERO) {
                wire.send(&bytes).unwrap();
            }
        });
        send_over_resets(&port, 80, 1, || wire.recv(Duration::ZERO));
        let kernel = Arc::clone(&port.kernel);
        drop(port);
        assert_eq!(kernel.live(), 0);
    }
}
