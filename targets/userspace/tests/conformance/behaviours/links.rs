//! The link: negotiation from any previous state of the PHY.

use netmap_core::{Duplex, Link, Reset};
use netmap_sim::Defect;
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
    .needs(Cell::has_inside),
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
const OFFER_AS_IT_SHOULD_BE: u16 = 0x01e1;
const GIGABIT: u8 = 9;
/// 1000BASE-T at full and half duplex.
const GIGABIT_BITS: u16 = 0x0300;
const GIGABIT_AS_IT_SHOULD_BE: u16 = 0x0200;

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
    let controls = [NEGOTIATES, OFF, ISOLATED].map(|bit| (CONTROL, bit));
    let offers = (5..12).map(|bit| (OFFER, 1 << bit));
    let gigabit = [8, 9].map(|bit| (GIGABIT, 1 << bit));
    for (register, bit) in controls.into_iter().chain(offers).chain(gigabit) {
        port.stop().unwrap();
        let value = device.phy_register(register);
        device.set_phy_register(register, value ^ bit);
        let before = device.negotiations();
        port.start().unwrap();
        let what = format!("register {register}, bit {bit:#06x}");
        assert_eq!(device.negotiations(), before + 1, "{what}");
        let offer = device.phy_register(OFFER) & OFFER_BITS;
        assert_eq!(offer, OFFER_AS_IT_SHOULD_BE, "{what}");
        let offer = device.phy_register(GIGABIT) & GIGABIT_BITS;
        assert_eq!(offer, GIGABIT_AS_IT_SHOULD_BE, "{what}");
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
    let links = bench.device().model().links;
    assert!(
        !links.is_empty(),
        "the spec does not say how registers show a link"
    );
    for link in links {
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
