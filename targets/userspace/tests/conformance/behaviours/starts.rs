//! Starting a port from any previous state of the device, and refusing devices that cannot work.

use netmap_core::model::Element;
use netmap_core::{Fault, Link, MacAddress, Restart};
use netmap_sim::{DEFAULT_MAC, Device};
use netmap_userspace::{BUFFER_SIZE, Error, Memory, PortConfig};

use super::Behaviour;
use crate::bench::{LONG, Slots, Stopped, memory};
use crate::cell::Cell;
use crate::frames::{frame, frame_to};

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "a port starts whatever another driver left in the registers",
        disturbed,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a device that reports that it cannot work is refused until it recovers",
        refused,
    )
    .needs(|cell| {
        cell.has_inside()?;
        match cell.facts.refuses {
            true => Ok(()),
            false => Err("the NIC does not report that".to_owned()),
        }
    }),
    Behaviour::new(
        "buffers that are too short for the device are refused",
        short_buffers,
    )
    .needs(|cell| cell.has_inside().and(cell.takes_buffer_size())),
    Behaviour::new(
        "with no address in the EEPROM, the address loaded by the reset is kept",
        empty_eeprom,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "if the reset loads no address, it is read from the EEPROM, or the device is refused",
        no_mac_address,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "a NIC with wide addresses works without memory below 4 GiB",
        high_memory,
    )
    .needs(|cell| cell.has_inside().and(cell.reaches_high_memory())),
    Behaviour::new(
        "a device whose own address is zero or a group's is refused",
        no_station,
    )
    .needs(Cell::has_inside),
    Behaviour::new("a stopped port has no ring enabled", stopped).needs(Cell::has_inside),
];

/// Addresses that a port does not have: the last two come from registers with arbitrary values, whole and in part.
const OTHERS: [[u8; 6]; 4] = [
    [0x02, 0, 0, 0, 0, 0x77],
    [0x01, 0, 0x5e, 0, 0, 0x12],
    [0x9a; 6],
    [0, 0, 0, 0, 0x9a, 0x9a],
];

/// Starts a stopped port, passes frames both ways, and checks that it receives none for others.
fn starts_and_works(stopped: Stopped, memory: &Memory) {
    let mut bench = stopped.run(memory);
    for round in 0..2 {
        for number in 0..100 {
            let frame = frame(round * 100 + number, 60 + number as usize);
            bench.send([&frame]);
            bench.expect_arrivals([&frame]);
            for address in OTHERS {
                bench.far.send(&frame_to(address, number, 60));
            }
            bench.far.send(&frame);
            bench.expect_received([&frame]);
        }
        bench.assert_silent();
        bench.drain();
        bench.reset();
    }
    bench.port.stop().unwrap();
}

fn disturbed(cell: &Cell) {
    let memory = memory(1024);
    let config = PortConfig::default();
    let stopped = cell.stopped(&memory, Slots::Some, config).unwrap();
    stopped.nic.device().disturb();
    starts_and_works(stopped, &memory);
}

fn refused(cell: &Cell) {
    let memory = memory(1024);
    let config = PortConfig::default;
    let Stopped { port, nic, far } = cell.stopped(&memory, Slots::Some, config()).unwrap();
    drop(port);
    let device = nic.device();
    let open = || cell.port_on(&memory, Slots::Some, config(), &nic);
    for refusal in device.model().refuse {
        if !device.variant().is_among(refusal.only_on) {
            continue;
        }
        device.show(refusal.shows).unwrap();
        let error = open().and_then(|mut port| port.start()).unwrap_err();
        assert!(matches!(error, Error::Device(_)), "{error}");
        // The state that a failed driver leaves does not matter.
        device.show(&[]).unwrap();
        device.take_violations();
    }
    let port = open().unwrap();
    let nic = nic.clone();
    starts_and_works(Stopped { port, nic, far }, &memory);
}

/// Calls the driver's sequence directly, because a port never uses such buffers.
fn short_buffers(cell: &Cell) {
    let memory = memory(1024);
    let stopped = cell.stopped(&memory, Slots::Some, PortConfig::default());
    let nic = stopped.unwrap().nic;
    // Some devices count buffers in KiB, others support one size only.
    let least = [1024, BUFFER_SIZE];
    let least = least
        .into_iter()
        .find(|&size| cell.init(&nic, size).is_ok());
    let least = least.expect("a driver that takes a port's buffers");
    for size in [512, least - 1] {
        let refused = cell.init(&nic, size);
        assert!(matches!(refused, Err(Fault::Verify { .. })), "{refused:?}");
    }
    assert_eq!(cell.init(&nic, BUFFER_SIZE), Ok(()));
}

/// EEPROM words without a MAC address: unwritten, erased, and a multicast address.
const NO_ADDRESS: [[u16; 3]; 3] = [[0; 3], [0xffff; 3], [0x5501, 0x6655, 0x7766]];

fn empty_eeprom(cell: &Cell) {
    let memory = memory(1024);
    let config = PortConfig::default;
    let Stopped { port, nic, .. } = cell.stopped(&memory, Slots::Some, config()).unwrap();
    drop(port);
    let address_with = |words: [u16; 3]| {
        for (at, word) in (0..).zip(words) {
            nic.device().set_eeprom_word(at, word);
        }
        let port = cell.port_on(&memory, Slots::Some, config(), &nic);
        let mut port = port.unwrap();
        port.start().unwrap();
        port.identity().mac
    };
    for words in NO_ADDRESS {
        assert_eq!(address_with(words), Some(DEFAULT_MAC), "{words:04x?}");
    }
    // A driver that reads the EEPROM itself accepts it, whichever words are zero.
    for words in [[0x2202, 0, 0], [0, 0x4433, 0], [0, 0, 0x6655]] {
        let mut octets = [0u8; 6];
        for (pair, word) in octets.as_chunks_mut::<2>().0.iter_mut().zip(words) {
            *pair = u16::to_le_bytes(word);
        }
        let expected = match cell.facts.reads_eeprom {
            true => MacAddress(octets),
            false => DEFAULT_MAC,
        };
        assert_eq!(address_with(words), Some(expected), "{words:04x?}");
    }
}

fn no_mac_address(cell: &Cell) {
    let memory = memory(512);
    let config = PortConfig::default;
    let Stopped { port, nic, .. } = cell.stopped(&memory, Slots::Some, config()).unwrap();
    drop(port);
    nic.device().withhold_mac_address();
    let opened = cell.port_on(&memory, Slots::Some, config(), &nic);
    let found = opened.and_then(|mut port| {
        port.start()?;
        Ok(port.identity().mac)
    });
    match found {
        Ok(address) => assert_eq!(address, Some(DEFAULT_MAC)),
        Err(error) => {
            assert!(matches!(error, Error::Device(_)), "{error}");
            assert!(!cell.facts.reads_eeprom, "{error}");
        }
    }
}

fn no_station(cell: &Cell) {
    for octets in [[0; 6], [0xff; 6], [1, 0, 0x5e, 0, 0, 1]] {
        let memory = memory(512);
        let (mut port, nic) = cell.with_address(&memory, MacAddress(octets));
        let error = port.start().unwrap_err();
        assert!(matches!(error, Error::Device(_)), "{error}");
        drop(port);
        // The state that a failed start leaves does not matter.
        nic.device().take_violations();
    }
}

fn high_memory(cell: &Cell) {
    let memory = memory(1024);
    let config = PortConfig::default;
    let Stopped { port, nic, far } = cell.stopped(&memory, Slots::Some, config()).unwrap();
    drop(port);
    nic.device().without_low_memory();
    let port = cell.port_on(&memory, Slots::Some, config(), &nic).unwrap();
    starts_and_works(Stopped { port, nic, far }, &memory);
}

fn stopped(cell: &Cell) {
    let config = PortConfig {
        queues: cell.queues(),
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Fewest, config);
    for number in 0..3 {
        bench.send([frame(number, 60)]);
        bench.expect_arrivals([frame(number, 60)]);
        assert!(bench.device().runs());
        bench.port.stop().unwrap();
        assert_eq!(bench.port.link().unwrap(), Link::Down);
        assert_no_ring_enabled(cell, bench.device());
        bench.port.start().unwrap();
        bench.port.wait_for_link(LONG).unwrap();
    }
}

/// Asserts that every field of `enable` is zero, if the variant has its register.
fn assert_no_ring_enabled(cell: &Cell, device: &Device) {
    let (model, limits) = (device.model(), &cell.facts.limits);
    let directions = [
        ("tx", &model.tx.ring, limits.tx),
        ("rx", &model.rx.ring, limits.rx),
    ];
    for (direction, ring, limits) in directions {
        for field in ring.enable {
            let elements = match field.element {
                Element::Fixed(element) => element..element + 1,
                Element::Queue if limits.restart == Restart::Queue => 0..cell.queues(),
                // A NIC that cannot restart one queue stops all of them by other fields.
                Element::Queue => continue,
            };
            for element in elements {
                let held = device.peek_field(field.register, field.field, element);
                let index = match field.element {
                    Element::Fixed(0) => String::new(),
                    _ => format!("[{element}]"),
                };
                assert!(
                    matches!(held, None | Some(0)),
                    "`{}{index}.{}` of `model.{direction}.enable` is still {held:?} after the port has stopped: \
                     `stop` or `{direction}.disable` has to clear it",
                    field.register,
                    field.field,
                );
            }
        }
    }
    assert!(!device.runs(), "a ring is still enabled");
}
