//! Registers with side effects: reset, EEPROM, PHY, link, interrupts, counters.

mod toy;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use netmap_core::{Bus, MacAddress, poll};
use netmap_sim::Device;
use netmap_sim::wire::Loopback;
use toy::TOY;
use toy::driver::{Toy, frame, offset, stepped};

const ALL: u32 = 1000;

fn eeprom(toy: &Toy, word: u32) -> u16 {
    toy.write("EERD", 0, 1 | word << 8);
    let (every, within) = (Duration::from_micros(5), Duration::from_millis(10));
    poll(&toy.bus, "EERD.DONE", every, within, || {
        toy.read("EERD", 0) & 1 << 4 != 0
    })
    .unwrap();
    (toy.read("EERD", 0) >> 16) as u16
}

fn phy(toy: &Toy, command: u32) -> u16 {
    toy.write("MDIC", 0, command);
    for _ in 0..3 {
        assert_eq!(toy.read("MDIC", 0) & 1 << 28, 0, "not at once");
    }
    let answer = toy.read("MDIC", 0);
    assert_ne!(answer & 1 << 28, 0);
    answer as u16
}

#[test]
fn a_reset_restores_registers_except_kept_ones_and_loads_the_mac_address() {
    let mac = MacAddress([0x52, 0x54, 0, 0x12, 0x34, 0x56]);
    let device = Device::stepped(&TOY, "toy", mac).unwrap();
    let toy = Toy::new(&device);
    toy.write("KEPT", 0, 5);
    toy.write("RXPIPE", 0, 3);
    toy.write("RAL", 0, 1);
    toy.write("RAH", 0, 2);
    toy.write("RAH", 1, 3);
    toy.write("CTRL", 0, 1 << 26 | 0xf0);
    assert_eq!(toy.read("CTRL", 0), 0x9, "the reset bit clears itself");
    assert_eq!(toy.read("KEPT", 0), 5);
    assert_eq!(toy.read("RXPIPE", 0), 0);
    assert_eq!(toy.read("RAL", 0), 0x1200_5452);
    assert_eq!(toy.read("RAH", 0), 0x8000_5634);
    assert_eq!(toy.read("RAH", 1), 0);
    toy.write("CTRL", 0, 0xff);
    assert_eq!(toy.read("CTRL", 0), 0x7f, "so does the other one");
}

#[test]
fn the_eeprom_holds_the_address_and_a_good_checksum() {
    let mac = MacAddress([0x52, 0x54, 0, 0x12, 0x34, 0x56]);
    let device = Device::stepped(&TOY, "toy", mac).unwrap();
    let toy = Toy::new(&device);
    let words: Vec<u16> = (0..64).map(|word| eeprom(&toy, word)).collect();
    assert_eq!(words[..3], [0x5452, 0x1200, 0x5634]);
    assert_eq!(words[0x0a], 0x4408);
    let sum = words
        .iter()
        .fold(0, |sum: u16, word| sum.wrapping_add(*word));
    assert_eq!(sum, 0xbaba);
    assert_eq!(eeprom(&toy, 64), 0xffff);
    assert!(device.waited() > Duration::ZERO);
}

#[test]
fn the_phy_loses_its_link_without_a_partner() {
    let (device, toy) = stepped();
    let read = |register: u32| phy(&toy, 2 << 26 | register << 16);
    assert_eq!(read(1), 0x796d);
    device.set_link(false);
    assert_eq!(read(1), 0x796d & !0x24);
    phy(&toy, 1 << 26 | 9 << 16 | 0x0300);
    // Reserved bits are arbitrary.
    assert_eq!(read(9), 0x03ff);
    // A restart of negotiation clears itself; a reset restores everything.
    phy(&toy, 1 << 26 | 0x1200);
    assert_eq!(read(0), 0x101f);
    phy(&toy, 1 << 26 | 0x8000);
    assert_eq!((read(0), read(9)), (0x115f, 0xff));
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}

#[test]
fn the_link_is_up_if_enabled_and_a_partner_is_present() {
    let (device, toy) = stepped();
    let up = || toy.read("STATUS", 0) == 2;
    toy.read("ICR", 0);
    assert!(up());
    device.set_link(false);
    assert!(!up());
    assert_eq!(toy.read("ICR", 0), 1 << 2);
    assert_eq!(toy.read("ICR", 0), 0);
    device.set_link(true);
    assert!(up());
    toy.write("CTRL", 0, 0);
    assert!(!up());
    assert_eq!(toy.read("ICR", 0), 1 << 2);
}

#[test]
fn computed_fields_are_per_queue() {
    let (device, toy) = stepped();
    let mut queues = [toy.tx(0, 8), toy.tx(2, 8)];
    queues[1].push(&frame(0, 64));
    queues[1].doorbell();
    let busy = || [0, 1, 2].map(|queue| toy.read("TXDCTL", queue) >> 31);
    assert_eq!(busy(), [0, 0, 1]);
    device.run(ALL);
    assert_eq!(busy(), [0, 0, 0]);
}

#[test]
fn the_line_rises_once_until_the_cause_is_read() {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(2, 8));
    let rung = Arc::new(AtomicU32::new(0));
    device.on_interrupt({
        let rung = Arc::clone(&rung);
        move |_| {
            rung.fetch_add(1, SeqCst);
        }
    });
    toy.read("ICR", 0);
    let mut send = || {
        tx.push(&frame(0, 64));
        tx.doorbell();
        device.run(ALL);
        tx.reclaim();
        rx.drain();
    };
    send();
    assert_eq!(device.interrupts(), 0, "masked");
    assert_eq!(toy.read("IMS", 0), 0);
    toy.write("IMS", 0, 1 << 18);
    assert_eq!(device.interrupts(), 1, "unmasked while pending");
    send();
    assert_eq!(device.interrupts(), 1, "not acknowledged");
    // Queue 2 of tx has bit 2 of its field, queue 0 of rx bit 0.
    assert_eq!(toy.read("ICR", 0), 1 << 18 | 1 << 8);
    send();
    assert_eq!(device.interrupts(), 2);
    toy.read("ICR", 0);
    toy.write("IMC", 0, u32::MAX);
    send();
    assert_eq!(device.interrupts(), 2);
    assert_eq!(rung.load(SeqCst), 2);
    assert_eq!(device.wait_for_interrupt(2, Duration::from_millis(1)), 2);
    let all = device.violations();
    assert!(all.is_empty(), "{all}");
}

#[test]
fn counters_count_and_reading_clears_them() {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    let (mut rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
    for _ in 0..3 {
        tx.push(&frame(0, 100));
        tx.doorbell();
        device.run(ALL);
        tx.reclaim();
        rx.drain();
    }
    let counters = ["GPRC", "GPTC", "GORCL", "GORCH", "MPC"];
    let values = counters.map(|name| toy.read(name, 0));
    assert_eq!(values, [3, 3, 3 * 104, 0, 0]);
    assert_eq!(counters.map(|name| toy.read(name, 0)), [0; 5]);
    assert_eq!(device.counts().tx_bytes, 3 * 104);
}

#[test]
fn peeking_has_no_side_effects() {
    let (device, toy) = stepped();
    device.set_link(false);
    assert_eq!(device.peek("ICR", 0), Some(1 << 2));
    assert_eq!(device.peek("ICR", 0), Some(1 << 2));
    assert_eq!(device.peek("STATUS", 0), Some(0));
    assert_eq!(device.peek("ICR", 1), None);
    assert_eq!(device.peek("NOWHERE", 0), None);
    assert_eq!(toy.bus.read32(offset("ICR", 0)), 1 << 2);
}
