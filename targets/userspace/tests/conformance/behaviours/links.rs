//! The link: negotiation from any previous state of the PHY.

use netmap_core::model::LinkModel;
use netmap_core::{Duplex, Link, Reset};
use netmap_sim::{Defect, Device};
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Bench, LONG, SHORT, Slots, Stopped, memory, put};
use crate::cell::{Cell, Shown};
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "a correct link stays up when the port starts again",
        left_alone,
    )
    .needs(negotiates),
    Behaviour::new(
        "a link reset renegotiates the link, and nothing else does",
        again,
    )
    .needs(negotiates),
    Behaviour::new(
        "a PHY left off, without negotiation or with another advertisement is corrected",
        set_right,
    )
    .needs(negotiates),
    Behaviour::new("link changes of a stopped port raise no interrupt", silent)
        .needs(Cell::has_inside),
    Behaviour::new(
        "frames whose doorbells the device forgot without a link leave once it is up",
        forgotten,
    )
    .needs(Cell::has_inside),
    Behaviour::new(
        "the link's speed and duplex are reported as the device shows them",
        shown,
    )
    .needs(|cell| cell.has_inside().and(cell.shows_links())),
];

fn negotiates(cell: &Cell) -> Shown {
    cell.has_inside()?;
    match cell.facts.has_phy {
        true => Ok(()),
        false => Err("the NIC has no PHY that negotiates".to_owned()),
    }
}

// Registers of a PHY and their bits: IEEE 802.3, 22.2.4 and 40.5.
const CONTROL: u8 = 0;
const NEGOTIATES: u16 = 1 << 12;
const OFF: u16 = 1 << 11;
const ISOLATED: u16 = 1 << 10;
const OFFER: u8 = 4;
/// Selector, 10BASE-T and 100BASE-TX at half and full duplex, and neither kind of pause.
const OFFER_BITS: u16 = 0x0fff;
const SELECTOR: u16 = 0x0001;
const GIGABIT: u8 = 9;
/// 1000BASE-T at full and half duplex.
const GIGABIT_BITS: u16 = 0x0300;

/// The links that a device can have.
fn links(device: &Device) -> impl Iterator<Item = &'static LinkModel> + use<> {
    let (links, variant) = (device.model().links.iter(), device.variant());
    links.filter(|link| variant.is_among(link.only_on))
}

/// What a PHY has to offer: the device's speeds in both duplex modes, gigabit in full duplex only.
fn offers(device: &Device) -> [u16; 2] {
    let bits = links(device).map(|link| match link.mbps {
        10 => [1 << 5 | 1 << 6, 0],
        100 => [1 << 7 | 1 << 8, 0],
        1000 => [0, 1 << 9],
        _ => [0, 0],
    });
    bits.fold([SELECTOR, 0], |all, one| [all[0] | one[0], all[1] | one[1]])
}

fn restart(bench: &mut Bench) {
    bench.port.stop().unwrap();
    bench.port.start().unwrap();
    bench.port.wait_for_link(LONG).unwrap();
}

fn left_alone(cell: &Cell) {
    let mut bench = cell.open();
    let before = bench.device().negotiations();
    for _ in 0..3 {
        restart(&mut bench);
    }
    assert_eq!(bench.device().negotiations(), before);
}

fn again(cell: &Cell) {
    let mut bench = cell.open();
    let before = bench.device().negotiations();
    for round in 1..=3 {
        bench.port.reset(Reset::Link).unwrap();
        assert_eq!(bench.device().negotiations(), before + round);
        bench.port.wait_for_link(LONG).unwrap();
        bench.reset();
        assert_eq!(bench.device().negotiations(), before + round);
    }
    bench.send([frame(0, 60)]);
    bench.expect_arrivals([frame(0, 60)]);
}

fn set_right(cell: &Cell) {
    let memory = memory(1024);
    let Stopped {
        mut port,
        nic,
        far: _far,
    } = cell
        .stopped(&memory, Slots::Some, PortConfig::default())
        .unwrap();
    port.start().unwrap();
    let device = nic.device();
    let [offer, gigabit] = offers(device);
    let controls = [NEGOTIATES, OFF, ISOLATED].map(|bit| (CONTROL, bit));
    let offered = (5..12).map(|bit| (OFFER, 1 << bit));
    // A PHY without gigabit has no such register.
    let faster = [8, 9].into_iter().filter(|_| gigabit != 0);
    let faster = faster.map(|bit| (GIGABIT, 1 << bit));
    let wanted = [
        (CONTROL, NEGOTIATES | OFF | ISOLATED, NEGOTIATES),
        (OFFER, OFFER_BITS, offer),
        (GIGABIT, GIGABIT_BITS, gigabit),
    ];
    for (register, bit) in controls.into_iter().chain(offered).chain(faster) {
        port.stop().unwrap();
        let value = device.phy_register(register);
        device.set_phy_register(register, value ^ bit);
        let before = device.negotiations();
        port.start().unwrap();
        let inverted = format!("bit {bit:#06x} of PHY register {register} was inverted");
        let negotiations = device.negotiations() - before;
        assert!(
            negotiations == 1,
            "{inverted}: `link.start` started {negotiations} negotiations instead of one"
        );
        for (register, bits, wanted) in wanted {
            let found = device.phy_register(register) & bits;
            assert!(
                found == wanted,
                "{inverted}: `link.start` left {found:#06x} instead of {wanted:#06x} in bits {bits:#06x} of PHY \
                 register {register}"
            );
        }
        port.wait_for_link(LONG).unwrap();
    }
}

fn silent(cell: &Cell) {
    let mut bench = cell.open();
    bench.port.stop().unwrap();
    let before = bench.device().interrupts();
    for up in [false, true, false, true] {
        bench.device().set_link(up);
    }
    assert_eq!(bench.device().interrupts(), before);
    bench.port.start().unwrap();
    bench.port.wait_for_link(LONG).unwrap();
}

fn forgotten(cell: &Cell) {
    let queues = cell.queues().min(4);
    let config = PortConfig {
        queues,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    let mut rings: Vec<_> = (1..queues)
        .map(|queue| bench.port.tx(queue).unwrap())
        .collect();
    for round in 0..4 {
        bench.device().break_by(Defect::ForgetsDoorbells);
        bench.device().set_link(false);
        let mut expected = Vec::new();
        for (queue, ring) in (0..).zip(std::iter::once(&mut bench.tx).chain(&mut rings)) {
            let frames = (0..=queue).map(|number| frame(round << 16 | queue << 8 | number, 60));
            let frames: Vec<_> = frames.collect();
            put(ring, &frames);
            ring.sync().unwrap();
            expected.extend(frames);
        }
        let seen = round % 2 == 0;
        if seen {
            assert_eq!(bench.port.link().unwrap(), Link::Down);
        }
        bench.device().set_link(true);
        if !seen {
            // Only the interrupt reports that the link was down.
            assert!(!bench.rx.wait(SHORT).unwrap());
        }
        assert!(matches!(bench.port.link().unwrap(), Link::Up { .. }));
        // Without another sync, which would repeat a kick.
        let arrived = (0..expected.len()).map(|_| bench.far.receive_within(LONG).expect("a frame"));
        let mut arrived: Vec<_> = arrived.collect();
        arrived.sort();
        expected.sort();
        assert_eq!(arrived, expected, "round {round}");
        bench.device().mend();
        for ring in std::iter::once(&mut bench.tx).chain(&mut rings) {
            assert!(ring.drain(LONG).unwrap());
        }
    }
}

fn shown(cell: &Cell) {
    let mut bench = cell.open();
    for link in links(bench.device()) {
        bench.device().show(link.shows).unwrap();
        let duplex = match link.full_duplex {
            true => Duplex::Full,
            false => Duplex::Half,
        };
        let expected = Link::Up {
            mbps: link.mbps,
            duplex,
        };
        assert_eq!(bench.port.link().unwrap(), expected);
    }
}
