//! Which frames a port receives.

use netmap_core::{Filter, MacAddress, MulticastHash, MulticastTable};
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Slots, memory};
use crate::cell::Cell;
use crate::frames::frame_to;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "a port receives frames to its own address, and to others only in promiscuous mode",
        own_address,
    ),
    Behaviour::new(
        "a port has its device's MAC address",
        address_of_device,
    ),
    Behaviour::new(
        "a port receives the configured multicast groups, or all of them",
        groups,
    ),
    Behaviour::new("a port receives each of many multicast groups", many_groups),
    Behaviour::new(
        "a port receives groups in every word of the multicast table, whatever the table held before",
        every_word,
    )
    .needs(|cell| cell.has_inside().and(cell.has_multicast_table())),
    Behaviour::new("a port receives broadcasts", broadcasts),
    Behaviour::new(
        "the filter can change while the port runs, without losing frames",
        changed,
    )
    .needs(Cell::has_inside),
];

fn own_address(cell: &Cell) {
    // All octets differ, and every bit of an octet is set in one address and clear in another.
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
    }
}

/// Two addresses that differ in every bit except those fixed for unicast addresses, and one with few bits set.
fn address_of_device(cell: &Cell) {
    for octets in [
        [0x9a, 0xe3, 0x56, 0xb5, 0x2d, 0xcc],
        [0x66, 0x1c, 0xa9, 0x4a, 0xd2, 0x33],
        [0, 0, 0, 0, 1, 0],
    ] {
        let memory = memory(1024);
        let (mut port, _nic) = cell.with_address(&memory, MacAddress(octets));
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
        let all = all_multicast || cell.has_multicast_table().is_err();
        for (last, configured) in [(0x08, false), (0x07, true), (0x81, false), (0x80, true)] {
            bench.far.send(&to(last));
            if all || configured {
                bench.expect_received([to(last)]);
            }
        }
        bench.assert_silent();
    }
}

/// Enough to use every word of a 64-bit table, and many words of a larger one.
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
}

/// Bits of a disturbed device's registers that hold arbitrary values.
const NOISE: [u32; 4] = [1, 3, 4, 7];

/// A multicast address whose hash selects `bit` of the table.
fn group_of(hash: MulticastHash, bit: u32) -> Option<[u8; 6]> {
    let groups = (0..=u16::MAX).map(|number| {
        let [high, low] = number.to_be_bytes();
        [1, 0, 0x5e, 0x11, high, low]
    });
    let mut groups = groups.chain((0..=u16::MAX).map(|number| {
        let [high, low] = number.to_be_bytes();
        [1, 0, 0x5e, 0x6b, high, low]
    }));
    groups.find(|&group| hash.of(MacAddress(group)) == bit)
}

fn every_word(cell: &Cell) {
    let hash = cell.facts.multicast_hash.expect("a table");
    let width = match hash {
        MulticastHash::AddressBits { width, .. } | MulticastHash::Crc32 { width, .. } => width,
    };
    // In each word, one configured bit and one bit that only noise would set.
    let pairs = (0..(1 << width) / 32).map(|word: u32| {
        let asked = word % 32;
        let noise = NOISE.map(|bit| bit + 8 * (word % 4));
        let noise = noise.into_iter().find(|&bit| bit != asked);
        let of = |bit| group_of(hash, word * 32 + bit).expect("a group for every bit");
        (of(asked), of(noise.expect("one of four")))
    });
    let pairs: Vec<_> = pairs.collect();
    let config = PortConfig {
        multicast: pairs.iter().map(|&(asked, _)| MacAddress(asked)).collect(),
        ..PortConfig::default()
    };
    let memory = memory(512);
    let stopped = cell.stopped(&memory, Slots::Some, config).unwrap();
    stopped.nic.device().disturb();
    let mut bench = stopped.run(&memory);
    for (number, &(asked, other)) in (0..).zip(&pairs) {
        bench.far.send(&frame_to(other, number, 60));
        let to = frame_to(asked, number, 60);
        bench.far.send(&to);
        bench.expect_received([to]);
    }
    bench.assert_silent();
    let config = PortConfig {
        all_multicast: true,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    for bit in (0..1 << width).filter(|bit| matches!(bit % 32, 0 | 31)) {
        let to = group_of(hash, bit).expect("a group for every bit");
        let to = frame_to(to, bit, 60);
        bench.far.send(&to);
        bench.expect_received([to]);
    }
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

fn changed(cell: &Cell) {
    let [group, other, station] = [[1, 0, 0x5e, 0, 0, 7], [1, 0, 0x5e, 0, 0, 0x80], [0x9a; 6]];
    let mut bench = cell.open();
    let mut number = 0;
    let mut check =
        |promiscuous: bool, all_multicast: bool, groups: &[[u8; 6]], accepted: &[[u8; 6]]| {
            let mut filter = Filter {
                promiscuous,
                all_multicast,
                multicast: MulticastTable::EMPTY,
            };
            let hash = cell.facts.multicast_hash;
            filter.accept_groups(groups.iter().copied().map(MacAddress), hash);
            let accepted = match hash {
                None if filter.all_multicast && !promiscuous => &[group, other],
                _ => accepted,
            };
            cell.filter(&bench.nic, &filter).unwrap();
            for to in [group, other, station, [0xff; 6]] {
                number += 1;
                let frame = frame_to(to, number, 60);
                bench.far.send(&frame);
                if accepted.contains(&to) || to == [0xff; 6] {
                    bench.expect_received([frame]);
                }
            }
            bench.assert_silent();
        };
    for _ in 0..2 {
        check(false, false, &[], &[]);
        check(false, false, &[group], &[group]);
        check(false, false, &[other], &[other]);
        check(false, true, &[], &[group, other]);
        check(true, false, &[], &[group, other, station]);
    }
}
