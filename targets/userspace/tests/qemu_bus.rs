//! The bus `qemu:` without drivers: registers, memory, interrupts and wires of QEMU's NICs.

mod qemu_support;

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::register::RegOffset;
use netmap_core::{Bus, Dma, DmaAddr, MacAddress, PciId};
use netmap_userspace::bus::UserBus;
use netmap_userspace::bus::qemu::{Error, Plug, Qemu, QemuBus, Wire};
use netmap_userspace::{Region, RegionDma};

const LONG: Duration = Duration::from_secs(10);

fn region() -> Arc<Region> {
    Region::create(16 << 20).unwrap()
}

fn start(device: &str) -> (QemuBus, Wire) {
    Qemu::new(device).unwrap().start(&region()).unwrap()
}

/// Polls `done` until it is true, at most for ten seconds.
fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < LONG, "timed out waiting for {what}");
        thread::sleep(Duration::from_micros(200));
    }
}

/// Registers of the 8254x (manual 317453, table 13-2).
mod reg {
    use netmap_core::register::RegOffset;

    pub const CTRL: RegOffset = RegOffset(0x0000);
    pub const STATUS: RegOffset = RegOffset(0x0008);
    pub const ICR: RegOffset = RegOffset(0x00c0);
    pub const ICS: RegOffset = RegOffset(0x00c8);
    pub const IMS: RegOffset = RegOffset(0x00d0);
    pub const IMC: RegOffset = RegOffset(0x00d8);
    pub const RCTL: RegOffset = RegOffset(0x0100);
    pub const TCTL: RegOffset = RegOffset(0x0400);
    pub const TIPG: RegOffset = RegOffset(0x0410);
    pub const RDBAL: RegOffset = RegOffset(0x2800);
    pub const TDBAL: RegOffset = RegOffset(0x3800);
    /// From the base of a ring's registers.
    pub const BASE_HIGH: u32 = 0x04;
    pub const LENGTH: u32 = 0x08;
    pub const HEAD: u32 = 0x10;
    pub const TAIL: u32 = 0x18;
    pub const MTA: RegOffset = RegOffset(0x5200);
    pub const RAL: RegOffset = RegOffset(0x5400);
    pub const RAH: RegOffset = RegOffset(0x5404);
}

/// Descriptors of a ring: the fewest that the 8254x supports.
const SLOTS: u32 = 8;

/// An e1000 with one ring in each direction and one buffer for each descriptor, driven by register writes.
struct ByHand {
    bus: QemuBus,
    tx: RegionDma,
    rx: RegionDma,
    buffers: RegionDma,
    tx_tail: u32,
    rx_next: u32,
}

impl ByHand {
    /// Sets both rings up in the order of the manual: receive (14.4), then transmit (14.5).
    fn new(bus: QemuBus) -> ByHand {
        let dma = |bytes, align| bus.dma_alloc(bytes, align, 64).unwrap();
        let (tx, rx) = (dma(16 * SLOTS as usize, 128), dma(16 * SLOTS as usize, 128));
        let buffers = dma(2 * SLOTS as usize * 2048, 2048);
        bus.write32(reg::CTRL, bus.read32(reg::CTRL) | 1 << 6); // SLU
        bus.write32(reg::IMC, u32::MAX);
        for word in 0..128 {
            bus.write32(RegOffset(reg::MTA.0 + 4 * word), 0);
        }
        for slot in 0..SLOTS {
            let buffer = buffers.address().0 + u64::from(2048 * (SLOTS + slot));
            rx.words()[2 * slot as usize].store(buffer, Relaxed);
        }
        for (base, ring) in [(reg::RDBAL, rx.address()), (reg::TDBAL, tx.address())] {
            let write = |at, value| bus.write32(RegOffset(base.0 + at), value);
            write(0, ring.low());
            write(reg::BASE_HIGH, ring.high());
            write(reg::LENGTH, 16 * SLOTS);
            write(reg::HEAD, 0);
            write(reg::TAIL, 0);
        }
        bus.write32(reg::TIPG, 10 | 8 << 10 | 6 << 20);
        bus.write32(reg::TCTL, 1 << 1 | 1 << 3 | 0x0f << 4 | 0x40 << 12); // EN, PSP, CT, COLD
        bus.write32(reg::RCTL, 1 << 1 | 1 << 3 | 1 << 15 | 1 << 26); // EN, UPE, BAM, SECRC
        bus.publish();
        bus.write32(RegOffset(reg::RDBAL.0 + reg::TAIL), SLOTS - 1);
        ByHand {
            bus,
            tx,
            rx,
            buffers,
            tx_tail: 0,
            rx_next: 0,
        }
    }

    fn send(&mut self, frame: &[u8]) {
        let slot = self.tx_tail as usize;
        let buffer = 2048 * slot;
        for (word, bytes) in self.buffers.words()[buffer / 8..]
            .iter()
            .zip(frame.chunks(8))
        {
            let mut value = [0; 8];
            value[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_le_bytes(value), Relaxed);
        }
        let words = &self.tx.words()[2 * slot..];
        words[0].store(self.buffers.address().0 + buffer as u64, Relaxed);
        words[1].store(frame.len() as u64 | 0b1011 << 24, Relaxed); // EOP, IFCS, RS
        self.tx_tail = (self.tx_tail + 1) % SLOTS;
        self.bus.publish();
        let tail = RegOffset(reg::TDBAL.0 + reg::TAIL);
        self.bus.write32(tail, self.tx_tail);
        wait_for("a frame to be sent", || {
            words[1].load(Acquire) >> 32 & 1 == 1
        }); // DD
    }

    fn recv(&mut self) -> Vec<u8> {
        let slot = self.rx_next as usize;
        let words = &self.rx.words()[2 * slot..];
        wait_for("a frame", || words[1].load(Acquire) >> 32 & 1 == 1); // DD
        self.bus.observe();
        let word = words[1].swap(0, Relaxed);
        assert_eq!(word >> 33 & 1, 1, "EOP");
        assert_eq!(word >> 40 & 0xff, 0, "errors");
        let length = (word & 0xffff) as usize;
        let first = 2048 * (SLOTS as usize + slot) / 8;
        let mut frame = Vec::new();
        for word in &self.buffers.words()[first..first + length.div_ceil(8)] {
            frame.extend(word.load(Relaxed).to_le_bytes());
        }
        frame.truncate(length);
        // The descriptor just emptied is the last one released.
        let tail = RegOffset(reg::RDBAL.0 + reg::TAIL);
        self.bus.publish();
        self.bus.write32(tail, self.rx_next);
        self.rx_next = (self.rx_next + 1) % SLOTS;
        frame
    }
}

/// A broadcast frame whose bytes contain its number and length.
fn frame(number: usize, length: usize) -> Vec<u8> {
    let mut frame: Vec<u8> = (0..length).map(|at| (at * 7 + number) as u8).collect();
    frame[..6].fill(0xff);
    frame[6..12].copy_from_slice(&[2, 0, 0, 0, 0, 1]);
    frame[12..14].copy_from_slice(&[0x88, 0xb5]);
    frame
}

const LENGTHS: [usize; 12] = [60, 61, 63, 64, 65, 67, 128, 999, 1000, 1500, 1513, 1514];

#[test]
fn registers_hold_written_values_and_the_given_mac_address() {
    need_qemu!();
    let mac = MacAddress([0x52, 0x54, 0, 0xab, 0xcd, 0xef]);
    let (bus, _wire) = Qemu::new("e1000")
        .unwrap()
        .mac(mac)
        .start(&region())
        .unwrap();
    assert_eq!(bus.read32(reg::STATUS) & 0b11, 0b11, "full duplex, link up");
    assert_eq!(bus.read32(reg::RAL), 0xab00_5452);
    assert_eq!(bus.read32(reg::RAH), 0x8000_efcd);
    assert_eq!(bus.read16(reg::RAL), 0x5452);
    assert_eq!(bus.read8(reg::RAL), 0x52);
    assert_eq!(bus.read64(reg::RAL), 0x8000_efcd_ab00_5452);
    for (at, value) in [(0, u32::MAX), (1, 0), (127, 0x1234_5678)] {
        let register = RegOffset(reg::MTA.0 + 4 * at);
        bus.write32(register, value);
        assert_eq!(bus.read32(register), value);
    }
    bus.write64(reg::MTA, 0x0123_4567_89ab_cdef);
    assert_eq!(bus.read64(reg::MTA), 0x0123_4567_89ab_cdef);
    bus.check().unwrap();
}

#[test]
fn accesses_past_the_registers_do_not_respond() {
    need_qemu!();
    let (bus, _wire) = start("e1000");
    assert_eq!(bus.register_bytes(), 0x2_0000);
    let end = 0x2_0000;
    bus.write32(RegOffset(end), 0);
    for at in [end - 3, end, u32::MAX] {
        assert_eq!(bus.read32(RegOffset(at)), u32::MAX);
        assert_eq!(bus.read64(RegOffset(at)), u64::MAX);
    }
    bus.check().unwrap();
}

#[test]
fn frames_driven_by_hand_pass_both_ways_unchanged() {
    need_qemu!();
    let (bus, wire) = start("e1000");
    let mut nic = ByHand::new(bus);
    for (number, length) in LENGTHS.into_iter().enumerate() {
        let frame = frame(number, length);
        nic.send(&frame);
        assert_eq!(wire.recv(LONG).expect("a frame on the wire"), frame);
        wire.send(&frame).unwrap();
        assert_eq!(nic.recv(), frame);
    }
    nic.bus.check().unwrap();
}

#[test]
fn two_nics_on_one_cable_and_one_region_exchange_frames() {
    need_qemu!();
    let region = region();
    let (a, b) = Plug::cable().unwrap();
    let start = |device, plug| {
        let bus = Qemu::new(device).unwrap().start_on(&region, plug).unwrap();
        ByHand::new(bus)
    };
    let (mut a, mut b) = (start("e1000", a), start("e1000-82545em", b));
    for (number, length) in LENGTHS.into_iter().enumerate() {
        let frame = frame(number, length);
        a.send(&frame);
        assert_eq!(b.recv(), frame);
        b.send(&frame);
        assert_eq!(a.recv(), frame);
    }
}

#[test]
fn a_nic_without_descriptors_delays_frames_and_loses_none() {
    need_qemu!();
    let (bus, wire) = start("e1000");
    let mut nic = ByHand::new(bus);
    const FRAMES: usize = 2000;
    thread::scope(|scope| {
        scope.spawn(|| (0..FRAMES).for_each(|n| wire.send(&frame(n, 60 + n % 1455)).unwrap()));
        thread::sleep(Duration::from_millis(1500));
        for number in 0..FRAMES {
            assert_eq!(nic.recv(), frame(number, 60 + number % 1455));
        }
    });
}

#[test]
fn the_interrupt_line_is_seen_from_its_cause_to_its_acknowledgement() {
    need_qemu!();
    let (bus, _wire) = start("e1000");
    let no_time = Duration::ZERO;
    bus.write32(reg::IMC, u32::MAX);
    bus.read32(reg::ICR);
    bus.wait_interrupt(no_time);
    assert_eq!(bus.wait_interrupt(Duration::from_millis(1)), 0);

    bus.write32(reg::IMS, 1 << 2);
    bus.write32(reg::ICS, 1 << 2);
    assert_eq!(bus.wait_interrupt(LONG), 1);
    assert_eq!(bus.wait_interrupt(no_time), 1, "not yet acknowledged");
    assert_ne!(bus.read32(reg::ICR) & 1 << 2, 0);
    assert_eq!(bus.wait_interrupt(no_time), 0, "acknowledged");

    // A waiting thread sees an interrupt that another thread's read received.
    let waiter = bus.clone();
    let waiting = thread::spawn(move || {
        let start = Instant::now();
        (waiter.wait_interrupt(LONG), start.elapsed())
    });
    thread::sleep(Duration::from_millis(50));
    bus.write32(reg::ICS, 1 << 2);
    bus.read32(reg::STATUS);
    let (came, after) = waiting.join().unwrap();
    assert!(came == 1 && after < LONG / 2, "{after:?}");
}

#[test]
fn a_dead_qemu_reads_as_all_ones_and_blocks_nobody() {
    need_qemu!();
    let (bus, wire) = start("e1000");
    let id = bus.process_id().to_string();
    assert!(
        Command::new("kill")
            .args(["-KILL", &id])
            .status()
            .unwrap()
            .success()
    );
    wait_for("the end of QEMU", || bus.read32(reg::STATUS) == u32::MAX);
    let start = Instant::now();
    for _ in 0..10_000 {
        bus.write32(reg::CTRL, 0);
        assert_eq!(bus.read8(reg::STATUS), u8::MAX);
        assert_eq!(bus.read64(reg::STATUS), u64::MAX);
    }
    bus.delay(Duration::from_micros(1));
    bus.detach();
    assert_eq!(bus.wait_interrupt(LONG), 0);
    assert!(bus.dma_alloc(64, 64, 32).is_ok());
    assert_eq!(wire.recv(LONG), None);
    assert!(wire.send(&[0; 60]).is_err());
    assert!(start.elapsed() < LONG / 2, "{:?}", start.elapsed());
    let error = bus.check().unwrap_err();
    assert!(matches!(error, Error::Ended { .. }), "{error}");
    assert!(error.to_string().contains("signal: 9"), "{error}");
}

#[test]
fn an_unknown_qemu_device_is_named() {
    need_qemu!();
    let error = Qemu::new("e2000").unwrap().start(&region()).unwrap_err();
    assert!(matches!(error, Error::NoSuchDevice { .. }), "{error}");
    for part in ["e2000", "qemu-system-x86", "bookworm-backports"] {
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_failed_start_reports_qemus_message() {
    need_qemu!();
    // A device that is not a NIC.
    let error = Qemu::new("isa-serial")
        .unwrap()
        .start(&region())
        .unwrap_err();
    assert!(matches!(error, Error::Ended { .. }), "{error}");
    assert!(error.to_string().contains("isa-serial"), "{error}");
}

#[test]
fn only_the_machines_region_can_be_attached() {
    need_qemu!();
    let own = region();
    let (bus, _wire) = Qemu::new("e1000").unwrap().start(&own).unwrap();
    assert_eq!(bus.attach(&own).unwrap(), DmaAddr(0));
    assert!(bus.attach(&region()).is_err());
}

#[test]
fn a_device_without_bus_mastering_reads_no_descriptor() {
    need_qemu!();
    let (bus, wire) = start("e1000");
    let nic = ByHand::new(bus.clone());
    bus.detach();
    nic.tx.words()[0].store(nic.buffers.address().0, Relaxed);
    nic.tx.words()[1].store(60 | 0b1011 << 24, Relaxed);
    bus.write32(RegOffset(reg::TDBAL.0 + reg::TAIL), 1);
    assert_eq!(wire.recv(Duration::from_millis(200)), None);
    assert_eq!(nic.tx.words()[1].load(Acquire) >> 32, 0);
    bus.check().unwrap();
}

/// Every QEMU device of a spec starts, and its PCI id is correct.
#[test]
fn each_nic_starts_with_its_pci_id() {
    need_qemu!();
    const POWER: u8 = 0x01;
    const MSI: u8 = 0x05;
    const EXPRESS: u8 = 0x10;
    const MSI_X: u8 = 0x11;
    for (name, vendor, device, capabilities) in [
        ("e1000", 0x8086, 0x100e, &[][..]),
        ("e1000-82544gc", 0x8086, 0x100c, &[]),
        ("e1000-82545em", 0x8086, 0x100f, &[]),
        ("e1000e", 0x8086, 0x10d3, &[POWER, MSI, EXPRESS, MSI_X]),
        ("igb", 0x8086, 0x10c9, &[POWER, MSI, EXPRESS, MSI_X]),
        ("rtl8139", 0x10ec, 0x8139, &[]),
    ] {
        let (bus, _wire) = start(name);
        assert_eq!(bus.pci().id, PciId { vendor, device }, "{name}");
        assert_eq!(
            bus.config_read(0).unwrap(),
            u32::from(device) << 16 | u32::from(vendor)
        );
        let mut found: Vec<u8> = bus.capabilities().unwrap().iter().map(|c| c.0).collect();
        found.sort_unstable();
        assert_eq!(found, capabilities, "{name}");
        assert_ne!(bus.read32(RegOffset(0)), u32::MAX, "{name}");
        println!(
            "{name}: {} revision {:#04x}",
            bus.pci().id,
            bus.pci().revision
        );
    }
}

/// Whether a process runs; a zombie does not.
fn runs(id: &str) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(id).join("status"));
    status.is_ok_and(|status| !status.contains("State:\tZ"))
}

#[test]
fn nothing_is_left_after_the_last_clone_is_dropped() {
    need_qemu!();
    let (bus, _wire) = start("e1000");
    let id = bus.process_id().to_string();
    let clone = bus.clone();
    drop(bus);
    assert!(runs(&id));
    assert_eq!(clone.read32(reg::STATUS) & 0b10, 0b10);
    drop(clone);
    assert!(!Path::new("/proc").join(&id).exists());
}

const KEEP_RUNNING: &str = "NETMAP_TEST_KEEP_RUNNING";

/// Not a test itself: [`no_process_is_left_after_this_one_is_killed`] runs and kills it.
#[test]
#[ignore = "the other half of another test"]
fn a_program_with_a_qemu_for_another_test_to_kill() {
    if env::var_os(KEEP_RUNNING).is_some() {
        // In another thread, which ends: the process must not end with the thread that started it.
        let region = region();
        let qemu = Qemu::new("e1000").unwrap();
        let started = thread::scope(|scope| scope.spawn(|| qemu.start(&region)).join().unwrap());
        let (bus, _wire) = started.unwrap();
        println!("\nqemu is {}", bus.process_id());
        thread::sleep(6 * LONG);
    }
}

#[test]
fn no_process_is_left_after_this_one_is_killed() {
    need_qemu!();
    let mut program = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_program_with_a_qemu_for_another_test_to_kill"])
        .args(["--ignored", "--nocapture"])
        .env(KEEP_RUNNING, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let id = BufReader::new(program.stdout.take().unwrap())
        .lines()
        .find_map(|line| line.unwrap().strip_prefix("qemu is ").map(str::to_owned))
        .unwrap();
    thread::sleep(Duration::from_millis(100));
    assert!(runs(&id));
    program.kill().unwrap();
    program.wait().unwrap();
    wait_for("the end of QEMU", || !runs(&id));
}
