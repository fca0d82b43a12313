//! Which frames a port hears.

use netmap_core::MacAddress;
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::Slots;
use crate::cell::Cell;
use crate::frames::frame_to;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "a port hears its own address, and others only when promiscuous",
        own_address,
    ),
    Behaviour::new(
        "a port hears the groups it was asked for, or all of them",
        groups,
    ),
    Behaviour::new("a port hears broadcasts", broadcasts),
];

fn own_address(cell: &Cell) {
    let mac = MacAddress([2, 0, 0, 0x12, 0x34, 0x56]);
    let own = frame_to(mac.0, 1, 60);
    let others = frame_to([2, 0, 0, 0x12, 0x34, 0x57], 2, 60);
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

fn broadcasts(cell: &Cell) {
    let mut bench = cell.open();
    let others = frame_to([2, 0, 0, 0, 0, 0x99], 1, 60);
    let everyone = frame_to([0xff; 6], 2, 60);
    bench.far.send(&others);
    bench.far.send(&everyone);
    bench.expect_received([&everyone]);
    bench.assert_silent();
}
