//! Which frames a port hears.

use netmap_core::MacAddress;
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Slots, memory};
use crate::cell::Cell;
use crate::frames::frame_to;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "a port hears its own address, and others only when promiscuous",
        own_address,
    ),
    Behaviour::new(
        "a port has the address that its device came with",
        address_of_device,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a port hears the groups it was asked for, or all of them",
        groups,
    ),
    Behaviour::new("a port hears each of many groups", many_groups),
    Behaviour::new("a port hears broadcasts", broadcasts),
];

fn own_address(cell: &Cell) {
    // Every octet differs from the others, and every bit of an octet is somewhere one and somewhere zero.
    let mac = MacAddress([0x9a, 0xe3, 0x56, 0xb5, 0x2d, 0xcc]);
    let own = frame_to(mac.0, 1, 60);
    let others = frame_to([0x9a, 0xe3, 0x56, 0xb5, 0x2d, 0xcd], 2, 60);
    for promiscuous in [false, true] {
        let config = PortConfig {
            promiscuous,
            mac: Some(mac),
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Some, config);
        assert_eq!(bench.port.identity().mac, Some(mac));
        for bytes in [&others, &own] {
            bench.far.send(bytes);
        }
        if promiscuous {
            bench.expect_received([&others]);
        }
        bench.expect_received([&own]);
        bench.assert_silent();
        bench.assert_lawful();
    }
}

/// Two addresses that have no bit in common but those that every address of a station has.
fn address_of_device(cell: &Cell) {
    for octets in [
        [0x9a, 0xe3, 0x56, 0xb5, 0x2d, 0xcc],
        [0x66, 0x1c, 0xa9, 0x4a, 0xd2, 0x33],
    ] {
        let memory = memory(1024);
        let mut port = cell.with_address(&memory, MacAddress(octets));
        port.start().unwrap();
        assert_eq!(port.identity().mac, Some(MacAddress(octets)));
    }
}

fn groups(cell: &Cell) {
    let group = |last| [1, 0, 0x5e, 0, 0, last];
    let to = |last| frame_to(group(last), u32::from(last), 60);
    for all_multicast in [false, true] {
        let config = PortConfig {
            all_multicast,
            multicast: vec![MacAddress(group(7)), MacAddress(group(0x80))],
            ..PortConfig::default()
        };
        let mut bench = cell.open_as(Slots::Some, config);
        for last in [0x08, 0x07, 0x81, 0x80] {
            bench.far.send(&to(last));
        }
        let heard: &[u8] = match all_multicast {
            true => &[0x08, 0x07, 0x81, 0x80],
            false => &[0x07, 0x80],
        };
        bench.expect_received(heard.iter().map(|&last| to(last)));
        bench.assert_silent();
        bench.assert_lawful();
    }
}

/// As many as it takes to use every word of a table of 64 bits, and many of those of a larger one.
fn many_groups(cell: &Cell) {
    let group = |number: u8| {
        let mixed = number.wrapping_mul(0x9d);
        [1, 0, 0x5e, mixed & 0x7f, number ^ 0x5a, mixed]
    };
    let numbers = 0..32;
    let config = PortConfig {
        multicast: numbers.clone().map(|n| MacAddress(group(n))).collect(),
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    for number in numbers {
        let to = frame_to(group(number), number.into(), 60);
        bench.far.send(&to);
        bench.expect_received([to]);
    }
    bench.assert_lawful();
}

fn broadcasts(cell: &Cell) {
    let mut bench = cell.open();
    let others = frame_to([2, 0, 0, 0, 0, 0x99], 1, 60);
    let everyone = frame_to([0xff; 6], 2, 60);
    bench.far.send(&others);
    bench.far.send(&everyone);
    bench.expect_received([&everyone]);
    bench.assert_silent();
}
