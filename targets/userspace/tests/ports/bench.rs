//! One port of a simulated NIC, and the far end of its wire.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use netmap_core::Sides as _;
use netmap_nics::{Modelled, Visitor, by_name};
use netmap_sim::wire::{Flow, Socket, cable};
use netmap_userspace::bus::sim::SimNic;
use netmap_userspace::{AnyPort, Memory, Port, PortConfig, Result, Ring, RxRing, TxRing};

/// Long enough for anything that happens at all.
pub const LONG: Duration = Duration::from_secs(20);
/// Long enough to believe that nothing happens.
pub const SHORT: Duration = Duration::from_millis(30);

/// How many slots the rings have.
#[derive(Debug, Clone, Copy)]
pub enum Slots {
    /// As few as the NIC allows.
    Fewest,
    /// 64 of each.
    Some,
}

/// A running port with a link.
pub struct Bench {
    // In this order: the device stops before its wire is cut and its memory goes.
    pub port: AnyPort,
    pub tx: TxRing,
    pub rx: RxRing,
    pub nic: SimNic,
    pub far: Socket,
    pub memory: Memory,
}

impl Bench {
    pub fn new(name: &str, slots: Slots) -> Bench {
        Bench::with(name, slots, PortConfig::default())
    }

    pub fn with(name: &str, slots: Slots, config: PortConfig) -> Bench {
        Bench::on(&Memory::create(1024).unwrap(), name, slots, config)
    }

    pub fn on(memory: &Memory, name: &str, slots: Slots, config: PortConfig) -> Bench {
        let (mut port, nic) = stopped(memory, name, slots, config).unwrap();
        let (near, far) = cable(Flow::Lossless, 4096);
        let far = far.socket();
        nic.device().plug(near);
        port.start().unwrap();
        port.wait_for_link(LONG).unwrap();
        Bench {
            tx: port.tx(0).unwrap(),
            rx: port.rx(0).unwrap(),
            port,
            nic,
            far,
            memory: memory.clone(),
        }
    }

    /// Sends frames and syncs; there is room for all of them.
    pub fn send<F: AsRef<[u8]>>(&mut self, frames: impl IntoIterator<Item = F>) {
        for frame in frames {
            let mut slots = self.tx.reserve(1);
            let mut slot = slots.next().expect("room");
            slot.write(frame.as_ref()).unwrap();
            slots.commit();
        }
        self.tx.sync().unwrap();
    }

    /// What arrives next at the far end.
    pub fn arrival(&mut self) -> Vec<u8> {
        self.far.receive_within(LONG).expect("a frame")
    }

    /// Waits until `count` frames are there at least.
    pub fn await_frames(&mut self, count: u32) {
        let since = std::time::Instant::now();
        while self.rx.available() < count {
            assert!(since.elapsed() < LONG, "{count} frames");
            self.rx.sync().unwrap();
        }
    }

    /// Takes the next frames and releases them.
    pub fn take(&mut self, count: usize) -> Vec<Vec<u8>> {
        self.await_frames(count as u32);
        let mut frames = self.rx.frames();
        let taken = frames.by_ref().take(count);
        let taken = taken.map(|frame| frame.to_vec().unwrap()).collect();
        frames.release();
        taken
    }

    /// Asserts that the driver did nothing that the hardware forbids.
    pub fn assert_lawful(&self) {
        let violations = self.nic.device().violations();
        assert!(violations.is_empty(), "{violations}");
    }
}

/// A port that was not started, and its NIC.
pub fn stopped(
    memory: &Memory,
    name: &str,
    slots: Slots,
    config: PortConfig,
) -> Result<(AnyPort, SimNic)> {
    struct Open<'a>(&'a Memory, Slots, PortConfig);
    impl Visitor for Open<'_> {
        type Output = Result<(AnyPort, SimNic)>;
        fn visit<D: Modelled>(self) -> Self::Output {
            let (tx_slots, rx_slots) = match self.1 {
                Slots::Fewest => (D::TX.min, D::RX.min),
                Slots::Some => (64, 64),
            };
            let config = PortConfig {
                tx_slots,
                rx_slots,
                ..self.2
            };
            let nic = SimNic::new::<D>()?;
            let port = Port::<D, _>::open(self.0, nic.clone(), config)?;
            Ok((AnyPort::new(port), nic))
        }
    }
    by_name(name, Open(memory, slots, config)).expect("a name of a NIC")
}

/// Queues that the NIC has in both directions.
pub fn queues(name: &str) -> u32 {
    struct Queues;
    impl Visitor for Queues {
        type Output = u32;
        fn visit<D: Modelled>(self) -> u32 {
            D::TX.queues.min(D::RX.queues)
        }
    }
    by_name(name, Queues).expect("a name of a NIC")
}

/// A frame of `len` bytes to everyone that no other number has.
pub fn frame(number: u32, len: usize) -> Vec<u8> {
    let mut frame = vec![0xff; 6];
    frame.extend([2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
    frame.extend(number.to_be_bytes());
    while frame.len() < len {
        frame.push((number as usize + frame.len() * 7) as u8);
    }
    frame
}

/// `head`, `cur` and `tail` as the client sees them.
pub fn positions(ring: &Ring) -> (u32, u32, u32) {
    let header = ring.header();
    (
        header.head.load(Relaxed),
        header.cur.load(Relaxed),
        header.tail.load(Relaxed),
    )
}
