//! Descriptors with an owner bit, kicks, and other features of such a NIC.

mod toy;

use std::sync::atomic::Ordering::Relaxed;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, Direction, Dma, MulticastHash};
use netmap_sim::wire::{Flow, Loopback, cable};
use netmap_sim::{DEFAULT_MAC, Defect, Device, DeviceError, RingName, SimBus, Violation};
use toy::owner::*;

const ALL: u32 = 1000;
const TX: RingName = RingName {
    direction: Direction::Tx,
    queue: 0,
};

/// A device with a loopback wire and rings of four slots.
fn looped(variant: &str) -> (Device, SimBus, Ring, Ring) {
    let (device, bus) = device(variant);
    device.plug(Loopback::new());
    let (tx, rx) = (Ring::tx(&bus, 4), Ring::rx(&bus, 4));
    enable(&bus);
    (device, bus, tx, rx)
}

fn none(device: &Device) {
    let all = device.take_violations();
    assert!(all.is_empty(), "{all}");
}

#[test]
fn frames_go_round_and_round_both_rings() {
    let (device, bus, tx, rx) = looped("old");
    for number in 0..11u8 {
        let slot = u32::from(number) % 4;
        tx.send(slot, number);
        kick(&bus);
        device.run(ALL);
        assert!(!tx.is_nics(slot));
        // The length replaces the buffer size, the end mark stays, and the CRC is counted.
        let end = if slot == 3 { EOR } else { 0 };
        assert_eq!(rx.word(slot), FIRST | LAST | end | 68);
        assert_eq!(rx.number(slot), number);
        rx.arm(slot);
    }
    none(&device);
}

#[test]
fn nothing_is_sent_without_a_kick_and_an_owner_bit() {
    let (device, bus, tx, _rx) = looped("old");
    tx.send(0, 1);
    device.run(ALL);
    assert!(tx.is_nics(0));
    // Another bit of the register is no kick.
    bus.publish();
    bus.write8(POLL, 1 << 7);
    device.run(ALL);
    assert!(tx.is_nics(0));
    kick(&bus);
    device.run(ALL);
    assert_eq!(device.counts().tx_frames, 1);
    assert!(!tx.is_nics(0) && !tx.is_nics(1));
    none(&device);
}

#[test]
fn the_register_of_kicks_may_reset_the_device() {
    let (device, bus, tx, _rx) = looped("old");
    bus.write8(POLL, 1);
    assert_eq!(bus.read8(CR), 0);
    tx.send(0, 1);
    kick(&bus);
    device.run(ALL);
    assert!(tx.is_nics(0));
    none(&device);
}

#[test]
fn a_kick_without_a_barrier_is_a_violation() {
    let (device, bus, tx, _rx) = looped("old");
    tx.send(0, 1);
    bus.write8(POLL, 1 << 6);
    let all: Vec<_> = device.take_violations().iter().copied().collect();
    assert_eq!(all, [Violation::Unpublished { ring: TX, tail: 0 }]);
}

#[test]
fn a_receiver_resumes_when_it_gets_descriptors() {
    let (device, bus, tx, rx) = looped("old");
    for number in 0..6u8 {
        let slot = u32::from(number) % 4;
        assert!(!tx.is_nics(slot));
        tx.send(slot, number);
        kick(&bus);
        device.run(ALL);
    }
    assert_eq!(
        (0..4).map(|slot| rx.number(slot)).collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
    // No register is written.
    rx.arm(0);
    device.run(ALL);
    assert_eq!(rx.number(0), 4);
    none(&device);
}

#[test]
fn a_running_device_sees_refilled_descriptors_without_a_doorbell() {
    let device = Device::new(&OWNER, "old", MAC).unwrap();
    let bus = device.bus();
    device.plug(Loopback::new());
    let (tx, rx) = (Ring::tx(&bus, 4), Ring::rx(&bus, 4));
    enable(&bus);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let wait = |done: &dyn Fn() -> bool| {
        while !done() {
            assert!(std::time::Instant::now() < until);
            std::thread::yield_now();
        }
    };
    let (mut sent, mut received) = (0u32, 0u32);
    while received < 500 {
        if sent < 500 && sent < received + 6 && !tx.is_nics(sent % 4) {
            tx.send(sent % 4, sent as u8);
            kick(&bus);
            sent += 1;
        }
        // With a lag, so that the receiver has to wait.
        if sent == 500 || sent >= received + 6 {
            wait(&|| !rx.is_nics(received % 4));
            assert_eq!(rx.number(received % 4), received as u8);
            rx.arm(received % 4);
            received += 1;
        }
    }
    none(&device);
}

#[test]
fn a_kick_while_a_burst_ends_is_lost_on_the_variant_that_loses_them() {
    for (variant, sent) in [("old", 2), ("new", 1)] {
        let (device, bus, tx, _rx) = looped(variant);
        tx.send(0, 1);
        kick(&bus);
        device.step();
        // The driver has not seen that the first frame is done, and hands over the second one.
        assert_eq!(tx.is_nics(0), variant == "new");
        tx.send(1, 2);
        kick(&bus);
        device.run(ALL);
        assert!(!tx.is_nics(0), "the sent frame is still reported");
        assert_eq!(device.counts().tx_frames, sent, "{variant}");
        // A kick after the report resumes transmission.
        kick(&bus);
        device.run(ALL);
        assert_eq!(device.counts().tx_frames, 2, "{variant}");
        none(&device);
    }
}

#[test]
fn a_kick_is_never_lost_without_a_pending_report() {
    let (device, bus, tx, _rx) = looped("new");
    for number in 0..20u8 {
        // An idle device that finds no descriptor stays idle.
        kick(&bus);
        device.step();
        tx.send(u32::from(number) % 4, number);
        kick(&bus);
        device.run(ALL);
        assert_eq!(device.counts().tx_frames, u64::from(number) + 1);
    }
}

#[test]
fn a_frame_over_several_descriptors_is_handed_over_whole() {
    let (device, bus, tx, rx) = looped("old");
    tx.fill(0, 9);
    tx.put(1, OWN | LAST | 30);
    tx.put(0, OWN | FIRST | 40);
    kick(&bus);
    device.run(ALL);
    assert!(!tx.is_nics(0) && !tx.is_nics(1));
    assert_eq!(rx.word(0), FIRST | LAST | 74);
    none(&device);
    tx.put(2, OWN | FIRST | 40);
    kick(&bus);
    device.run(ALL);
    let all: Vec<_> = device.take_violations().iter().copied().collect();
    assert_eq!(all, [Violation::FramePart { ring: TX, index: 2 }]);
}

#[test]
fn a_ring_needs_an_end_mark_and_enough_descriptors() {
    let found = |mark: Option<u32>| {
        let (device, bus, _tx, _rx) = looped("old");
        let tx = Ring::tx(&bus, 16);
        // The base was written while the ring ran, which is a violation.
        device.take_violations();
        bus.write8(CR, 0);
        enable(&bus);
        for slot in 0..16 {
            let end = if mark == Some(slot) { EOR } else { 0 };
            tx.send(slot, 0);
            tx.put(slot, tx.word(slot) & !EOR | end);
        }
        if mark.is_none() {
            // Ring::put marks the last one.
            tx.unmark(15);
        }
        kick(&bus);
        device.run(ALL);
        device.take_violations().iter().copied().collect::<Vec<_>>()
    };
    assert_eq!(found(None), [Violation::NoEndOfRing { ring: TX }]);
    assert_eq!(
        found(Some(0)),
        [Violation::RingLength {
            ring: TX,
            bytes: 16
        }]
    );
    assert_eq!(found(Some(5)), []);
}

#[test]
fn owner_bits_can_be_returned_late_or_never() {
    let (device, bus, tx, _rx) = looped("old");
    device.break_by(Defect::OldestNeverDone(Direction::Tx));
    for slot in 0..3 {
        tx.send(slot, 0);
    }
    kick(&bus);
    device.run(ALL);
    assert_eq!([0, 1, 2].map(|slot| tx.is_nics(slot)), [true, false, false]);
    device.mend();
    device.run(ALL);
    assert!(!tx.is_nics(0));
}

#[test]
fn locked_registers_ignore_writes() {
    let (device, bus) = device("old");
    bus.write8(RegOffset(0), 0x99);
    let all: Vec<_> = device.take_violations().iter().copied().collect();
    assert_eq!(
        all,
        [Violation::Locked {
            register: "IDR",
            section: "6"
        }]
    );
    assert_eq!(bus.read8(RegOffset(0)), 0x52);
    bus.write8(UNLOCK, 3 << 6);
    bus.write8(RegOffset(0), 0x98);
    assert_eq!(bus.read8(RegOffset(0)), 0x98);
    bus.write8(CR, 1 << 4);
    assert_eq!(bus.read8(RegOffset(0)), 0x98, "a reset keeps it");
    none(&device);
}

#[test]
fn registers_are_accessed_by_their_own_width() {
    let (device, bus) = device("old");
    bus.write64(WIDE, 0x0123_4567_89ab_cdef);
    assert_eq!(bus.read64(WIDE), 0x0123_4567_89ab_cdef);
    bus.write16(MASK, 0x1234);
    assert_eq!(bus.read16(MASK), 0x1234);
    none(&device);
    bus.read32(WIDE);
    bus.write8(MASK, 1);
    assert_eq!(device.take_violations().iter().count(), 2);
}

#[test]
fn causes_are_acknowledged_by_writing_them() {
    let (device, bus, tx, _rx) = looped("old");
    bus.write16(MASK, 1 << 2 | 1);
    let rose = device.interrupts();
    tx.send(0, 0);
    kick(&bus);
    device.run(ALL);
    assert_eq!(device.interrupts(), rose + 1);
    assert_eq!(bus.read16(CAUSE) & 5, 5);
    assert_eq!(bus.read16(CAUSE) & 5, 5, "reading clears nothing");
    bus.write16(CAUSE, 1);
    assert_eq!(bus.read16(CAUSE) & 5, 4);
    bus.write16(CAUSE, 4);
    device.break_by(Defect::NoInterrupts);
    tx.send(1, 0);
    kick(&bus);
    device.run(ALL);
    assert_eq!(bus.read16(CAUSE) & 5, 5, "noted");
    assert_eq!(device.interrupts(), rose + 1, "and raises no interrupt");
    none(&device);
}

#[test]
fn the_phy_inverts_its_flag() {
    let (_device, bus) = device("old");
    bus.write32(PHY, 1 << 16);
    for _ in 0..3 {
        assert_eq!(bus.read32(PHY) >> 31, 0, "not at once");
    }
    assert_eq!(bus.read32(PHY), 1 << 31 | 1 << 16 | 0x796d);
    bus.write32(PHY, 1 << 31 | 4 << 16 | 0x0de1);
    for _ in 0..3 {
        assert_eq!(bus.read32(PHY) >> 31, 1);
    }
    assert_eq!(bus.read32(PHY) >> 31, 0);
    bus.write32(PHY, 4 << 16);
    for _ in 0..3 {
        bus.read32(PHY);
    }
    assert_eq!(bus.read32(PHY) as u16, 0x0de1);
}

#[test]
fn counters_are_dumped_to_memory_and_a_reset_keeps_them() {
    let (device, bus, tx, _rx) = looped("old");
    let block = bus.dma_alloc(64, 64, 64).unwrap();
    let dump = |bus: &SimBus| {
        bus.write32(DUMP_HIGH, block.address().high());
        bus.write32(DUMP_LOW, block.address().low() | 1 << 3);
        assert_ne!(bus.read32(DUMP_LOW) & 1 << 3, 0, "not at once");
        assert_eq!(bus.read32(DUMP_LOW) & 1 << 3, 0);
        [0, 1].map(|word| block.words()[word].load(Relaxed))
    };
    assert_eq!(dump(&bus), [0, 0]);
    for slot in 0..2 {
        tx.send(slot, 0);
    }
    kick(&bus);
    device.run(ALL);
    device.break_by(Defect::Damaged);
    tx.send(2, 0);
    kick(&bus);
    device.run(ALL);
    assert_eq!(dump(&bus), [3, 2 << 32 | 1]);
    bus.write8(CR, 1 << 4);
    assert_eq!(dump(&bus), [3, 2 << 32 | 1]);
    none(&device);
    drop(block);
    bus.write32(DUMP_LOW, 1 << 3);
    bus.read32(DUMP_LOW);
    bus.read32(DUMP_LOW);
    let all = device.take_violations();
    assert!(matches!(
        all.iter().next(),
        Some(Violation::BlockOutside { bytes: 64, .. })
    ));
}

#[test]
fn variants_have_their_own_registers_and_marks() {
    let (old, bus) = device("old");
    assert_eq!(old.variant().name, "old");
    bus.write32(VERSION, 0xffff_ffff);
    assert_eq!(bus.read32(VERSION), 0xffff_ffff);
    none(&old);
    bus.read16(NEW);
    assert_eq!(old.take_violations().iter().count(), 1);

    let (new, bus) = device("new");
    bus.write32(VERSION, 0);
    assert_eq!(
        bus.read32(VERSION),
        0xf << 26,
        "the field that identifies the variant is not written"
    );
    bus.write16(NEW, 7);
    assert_eq!(bus.read16(NEW), 7);
    none(&new);

    let none = Device::stepped(&OWNER, "newer", DEFAULT_MAC).unwrap_err();
    assert!(matches!(none, DeviceError::Model(_)));
}

#[test]
fn filters_have_a_bit_for_each_kind_of_frame_and_a_table_that_may_be_reversed() {
    let group = [0x01, 0x00, 0x5e, 0x01, 0x02, 0x03];
    let hash = MulticastHash::Crc32 { low: 26, width: 6 }.of(netmap_core::MacAddress(group));
    for (variant, octet) in [("old", hash / 8), ("new", 7 - hash / 8)] {
        let (device, bus) = device(variant);
        let (end, far) = cable(Flow::Lossless, 64);
        device.plug(end);
        let mut far = far.socket();
        let _rx = Ring::rx(&bus, 16);
        enable(&bus);
        let mut passes = |config: u32, to: [u8; 6]| {
            bus.write32(CONFIG, config);
            let before = device.counts().rx_frames;
            let mut frame = [0; 64];
            frame[..6].copy_from_slice(&to);
            assert!(far.send(&frame));
            device.run(ALL);
            device.counts().rx_frames - before == 1
        };
        const MINE: u32 = 2;
        const GROUPS: u32 = 4;
        assert!(passes(MINE, MAC.0) && !passes(GROUPS, MAC.0));
        assert!(!passes(GROUPS, group), "the table is empty");
        let element = RegOffset(TABLE.0 + octet / 4 * 4);
        bus.write32(element, 1 << (octet % 4 * 8 + hash % 8));
        assert!(passes(GROUPS, group) && !passes(MINE, group), "{variant}");
        none(&device);
    }
}
