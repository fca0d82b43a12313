//! A port of a cell, and the far end of its wire.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use netmap_core::{MacAddress, Reset, RingMemory as _};
use netmap_nics::{Modelled, Visitor, by_name, by_pci};
use netmap_sim::wire::{Flow, cable};
use netmap_sim::{DEFAULT_MAC, Device};
use netmap_userspace::bus::UserBus as _;
use netmap_userspace::bus::qemu::{Plug, Qemu, QemuBus};
use netmap_userspace::bus::sim::SimNic;
use netmap_userspace::{
    AnyPort, BUFFER_SIZE, Limits, Memory, Port, PortConfig, Region, Result, Ring, RxRing, TxRing,
};

use crate::cell::{Bus, Cell, half_of};
use crate::far::Far;
use crate::interpreted::{self, Interpreted};
use crate::laws;

/// Timeout for events that must happen.
pub const LONG: Duration = Duration::from_secs(20);
/// Timeout for events that must not happen.
pub const SHORT: Duration = Duration::from_millis(30);

/// The number of slots of the rings.
#[derive(Debug, Clone, Copy)]
pub enum Slots {
    /// The fewest that the NIC allows.
    Fewest,
    /// 64 of each, or as close to it as the NIC allows.
    Some,
    /// As configured.
    AsTold,
}

/// The NIC of a port, for inspection.
#[derive(Clone)]
pub enum Nic {
    Sim(SimNic),
    Qemu(QemuBus),
}

/// A port that was not started, with its NIC and the far end of its wire.
pub struct Stopped {
    pub port: AnyPort,
    pub nic: Nic,
    pub far: Far,
}

/// A running port with a link.
pub struct Bench {
    // Drop order: the device stops before its wire is disconnected and its memory is freed.
    pub port: AnyPort,
    pub tx: TxRing,
    pub rx: RxRing,
    pub nic: Nic,
    pub far: Far,
    pub memory: Memory,
}

impl Nic {
    /// The device of a cell that [has an inside](Cell::has_inside).
    pub fn device(&self) -> &Device {
        self.simulated().device()
    }

    /// The same as a bus.
    pub fn simulated(&self) -> &SimNic {
        match self {
            Nic::Sim(nic) => nic,
            Nic::Qemu(_) => {
                unreachable!("the behaviour must declare that it needs a simulated device")
            }
        }
    }

    /// Waits for an interrupt. Returns whether there was one since the last call.
    pub fn wait_interrupt(&self, timeout: Duration) -> bool {
        self.wait_messages(timeout) != 0
    }

    /// The same, with a bit for each message.
    pub fn wait_messages(&self, timeout: Duration) -> u64 {
        match self {
            Nic::Sim(nic) => nic.wait_interrupt(timeout),
            Nic::Qemu(bus) => bus.wait_interrupt(timeout),
        }
    }
}

/// A QEMU has to respond until the end of a behaviour.
impl Drop for Nic {
    fn drop(&mut self) {
        if let Nic::Qemu(bus) = self
            && !std::thread::panicking()
        {
            bus.check().expect("a QEMU that responds");
        }
    }
}

/// A memory just large enough for rings with this many buffers: clearing the memory takes most of a trial's time.
pub fn memory(buffers: u32) -> Memory {
    /// Room for what starts at pages, such as descriptor rings.
    const PAGES: usize = (2 << 20) + (512 << 10);
    let used = PAGES + buffers as usize * (BUFFER_SIZE as usize + 32);
    // A sixteenth of a region is for the clients' rings.
    let region = Region::create(used + used / 15).unwrap();
    Memory::on(region, buffers).unwrap()
}

impl Cell {
    /// A running port with rings of 64 slots.
    pub fn open(&self) -> Bench {
        self.open_as(Slots::Some, PortConfig::default())
    }

    /// A running port.
    pub fn open_as(&self, slots: Slots, config: PortConfig) -> Bench {
        let buffers = 512.max(2 + 2 * config.buffers());
        self.open_on(&memory(buffers), slots, config)
    }

    /// A running port on a memory that other ports may share.
    pub fn open_on(&self, memory: &Memory, slots: Slots, config: PortConfig) -> Bench {
        self.stopped(memory, slots, config).unwrap().run(memory)
    }

    /// A port that was not started.
    pub fn stopped(&self, memory: &Memory, slots: Slots, config: PortConfig) -> Result<Stopped> {
        let config = self.config(slots, config);
        match &self.bus {
            Bus::Sim => {
                let nic = self.sim_nic(DEFAULT_MAC)?;
                let (near, far) = cable(Flow::Lossless, 4096);
                nic.device().plug(near);
                let nic = Nic::Sim(nic);
                Ok(Stopped {
                    port: self.port(memory, config, &nic)?,
                    nic,
                    far: Far::Sim(far.socket()),
                })
            }
            Bus::Qemu(device) => {
                let (bus, wire) = Qemu::new(device)?.start(memory.region())?;
                let nic = Nic::Qemu(bus);
                Ok(Stopped {
                    port: self.port(memory, config, &nic)?,
                    nic,
                    far: Far::Qemu(wire),
                })
            }
        }
    }

    /// The next client of the same device: the port is closed, and another one opened on the same memory.
    pub fn reopen(&self, bench: Bench, config: PortConfig) -> Bench {
        let slots = (bench.tx.slots(), bench.rx.slots());
        let config = PortConfig {
            tx_slots: Some(slots.0),
            rx_slots: Some(slots.1),
            ..config
        };
        let Bench {
            port,
            tx,
            rx,
            nic,
            far,
            memory,
        } = bench;
        drop((port, tx, rx));
        let port = self.port(&memory, config, &nic).unwrap();
        Stopped { port, nic, far }.run(&memory)
    }

    /// Two ports of one memory, not started, at the two ends of one cable.
    pub fn two_on_a_cable(&self, memory: &Memory, config: PortConfig) -> Result<[AnyPort; 2]> {
        let config = self.config(Slots::Some, config);
        match &self.bus {
            Bus::Sim => {
                let (a, b) = cable(Flow::Lossless, 100);
                let open = |plug| {
                    let nic = self.sim_nic(DEFAULT_MAC)?;
                    nic.device().plug(plug);
                    self.port(memory, config.clone(), &Nic::Sim(nic))
                };
                Ok([open(a)?, open(b)?])
            }
            Bus::Qemu(device) => {
                let (a, b) = Plug::cable()?;
                let open = |plug| {
                    let bus = Qemu::new(device)?.start_on(memory.region(), plug)?;
                    self.port(memory, config.clone(), &Nic::Qemu(bus))
                };
                Ok([open(a)?, open(b)?])
            }
        }
    }

    fn config(&self, slots: Slots, config: PortConfig) -> PortConfig {
        match slots {
            Slots::Fewest => self.slots(0, config),
            Slots::Some => self.some_slots(config),
            Slots::AsTold => config,
        }
    }

    /// The configuration with rings of 64 slots, or as close to it as the NIC allows.
    pub fn some_slots(&self, config: PortConfig) -> PortConfig {
        self.slots(64, config)
    }

    fn slots(&self, wanted: u32, config: PortConfig) -> PortConfig {
        let Limits { tx, rx, .. } = self.facts.limits;
        PortConfig {
            tx_slots: Some(tx.nearest(wanted)),
            rx_slots: Some(rx.nearest(wanted)),
            ..config
        }
    }

    /// A port that was not started, on a device with that MAC address.
    pub fn with_address(&self, memory: &Memory, mac: MacAddress) -> (AnyPort, Nic) {
        let nic = match &self.bus {
            Bus::Sim => Nic::Sim(self.sim_nic(mac).unwrap()),
            Bus::Qemu(device) => {
                let qemu = Qemu::new(device).unwrap().mac(mac);
                Nic::Qemu(qemu.start(memory.region()).unwrap().0)
            }
        };
        let config = self.config(Slots::Some, PortConfig::default());
        (self.port(memory, config, &nic).unwrap(), nic)
    }

    /// A port that was not started, on an existing device.
    pub fn port_on(
        &self,
        memory: &Memory,
        slots: Slots,
        config: PortConfig,
        nic: &Nic,
    ) -> Result<AnyPort> {
        self.port(memory, self.config(slots, config), nic)
    }

    /// A simulated device of the cell's variant.
    fn sim_nic(&self, mac: MacAddress) -> Result<SimNic> {
        struct Make<'a>(&'a str, MacAddress);
        impl Visitor for Make<'_> {
            type Output = Result<SimNic>;
            fn visit<D: Modelled>(self) -> Self::Output {
                SimNic::of_variant::<D>(self.0, self.1)
            }
        }
        let nic = by_name(&self.nic, Make(&self.variant, mac)).expect("a name of a NIC")?;
        laws::watch(nic.device());
        Ok(nic)
    }

    /// A port on an existing device.
    fn port(&self, memory: &Memory, config: PortConfig, nic: &Nic) -> Result<AnyPort> {
        struct Open<'a>(&'a Memory, PortConfig, &'a SimNic);
        impl Visitor for Open<'_> {
            type Output = Result<AnyPort>;
            fn visit<D: Modelled>(self) -> Self::Output {
                let Open(memory, config, nic) = self;
                // A mutant changes the driver only: its device has the generated tables.
                if interpreted::installed(D::NAME).is_some() {
                    let port = Port::<Interpreted<D>, _>::open(memory, nic.clone(), config)?;
                    return Ok(AnyPort::new(port));
                }
                let port = Port::<D, _>::open(memory, nic.clone(), config)?;
                Ok(AnyPort::new(port))
            }
        }
        match nic {
            Nic::Sim(nic) => {
                let open = Open(memory, config, nic);
                let port = by_name(&self.nic, open).expect("a name of a NIC")?;
                assert_eq!(port.identity().variant, self.variant);
                Ok(port)
            }
            Nic::Qemu(bus) => on_qemu(memory, config, bus),
        }
    }
}

fn on_qemu(memory: &Memory, config: PortConfig, bus: &QemuBus) -> Result<AnyPort> {
    struct Open<'a>(&'a Memory, PortConfig, &'a QemuBus);
    impl Visitor for Open<'_> {
        type Output = Result<AnyPort>;
        fn visit<D: Modelled>(self) -> Self::Output {
            let bus = self.2.with_bar(D::BAR)?;
            Ok(AnyPort::new(Port::<D, _>::open(self.0, bus, self.1)?))
        }
    }
    by_pci(bus.pci().id, Open(memory, config, bus)).expect("a driver for the device")
}

impl Stopped {
    /// Starts the port, which is on `memory`, and waits for the link.
    pub fn run(self, memory: &Memory) -> Bench {
        let Stopped { mut port, nic, far } = self;
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
}

impl Bench {
    /// The device of a cell that [has an inside](Cell::has_inside).
    pub fn device(&self) -> &Device {
        self.nic.device()
    }

    /// The wanted number of frames in one slot each, or as many as an empty transmit ring has room for.
    pub fn sendable(&self, wanted: u32) -> u32 {
        wanted.min(self.tx.slots() - 1)
    }

    /// The wanted number of frames in one slot each, or as many as find a descriptor of the receive ring for certain.
    pub fn receivable(&self, wanted: u32) -> u32 {
        wanted.min(half_of(&self.rx))
    }

    /// Sends frames and syncs; there is room for all of them.
    pub fn send<F: AsRef<[u8]>>(&mut self, frames: impl IntoIterator<Item = F>) {
        put(&mut self.tx, frames);
        self.tx.sync().unwrap();
    }

    /// The next frame at the far end. No thread waits on a ring meanwhile, so no interrupt is handled: the client
    /// polls, and its syncs repeat kicks that some NICs lose.
    pub fn arrival(&mut self) -> Vec<u8> {
        const EVERY: Duration = Duration::from_millis(5);
        let since = Instant::now();
        loop {
            if let Some(frame) = self.far.receive_within(EVERY) {
                return frame;
            }
            assert!(since.elapsed() < LONG, "no frame arrives");
            // Device errors are checked where a test expects them.
            let _ = self.tx.sync();
        }
    }

    /// Asserts the next frames at the far end.
    pub fn expect_arrivals<F: AsRef<[u8]>>(&mut self, frames: impl IntoIterator<Item = F>) {
        for frame in frames {
            assert_same(&self.arrival(), frame.as_ref());
        }
    }

    /// Waits until all slots that were handed over are returned.
    pub fn drain(&mut self) {
        let drained = self.tx.drain(LONG).unwrap();
        assert!(drained, "{} slots are not returned", self.tx.pending());
    }

    /// Waits until at least `count` slots are received.
    pub fn await_frames(&mut self, count: u32) {
        let since = Instant::now();
        while self.rx.available() < count {
            let available = self.rx.available();
            assert!(since.elapsed() < LONG, "{available} frames of {count}");
            assert!(self.rx.wait(LONG).unwrap());
            self.rx.sync().unwrap();
        }
    }

    /// Waits until the device has taken `count` frames off its wire.
    pub fn await_taken(&mut self, count: u32) {
        let since = Instant::now();
        while self.device().counts().rx_frames < u64::from(count) {
            let counts = self.device().counts();
            assert!(
                since.elapsed() < LONG,
                "{counts:?} instead of {count} frames"
            );
            std::thread::yield_now();
        }
    }

    /// Waits until the device takes no more frames off its wire. Returns how many it has received.
    pub fn await_idle(&self) -> u64 {
        let mut received = None;
        loop {
            let now = self.device().counts().rx_frames;
            if received.replace(now) == Some(now) {
                return now;
            }
            std::thread::sleep(SHORT);
        }
    }

    /// Receives the next frames and releases them.
    pub fn take(&mut self, count: usize) -> Vec<Vec<u8>> {
        let mut taken = Vec::new();
        let since = Instant::now();
        while taken.len() < count {
            let mut frames = self.rx.frames();
            let next = frames.by_ref().take(count - taken.len());
            taken.extend(next.map(|frame| frame.to_vec().unwrap()));
            frames.release();
            if taken.len() < count {
                assert!(since.elapsed() < LONG, "{} frames of {count}", taken.len());
                self.rx.wait(LONG).unwrap();
            }
        }
        taken
    }

    /// Asserts the next frames that the port receives.
    pub fn expect_received<F: AsRef<[u8]>>(&mut self, frames: impl IntoIterator<Item = F>) {
        for frame in frames {
            assert_same(&self.take(1)[0], frame.as_ref());
        }
    }

    /// Asserts that no frame arrives at either end.
    pub fn assert_silent(&mut self) {
        assert_eq!(self.far.receive_within(SHORT), None, "an unexpected frame");
        self.rx.sync().unwrap();
        assert_eq!(self.rx.available(), 0, "an unexpected frame");
    }

    /// Resets the device and waits for the link.
    pub fn reset(&mut self) {
        self.port.reset(Reset::Device).unwrap();
        self.port.wait_for_link(LONG).unwrap();
    }
}

/// Puts frames into the next slots, which have room for all of them, without a sync.
pub fn put<F: AsRef<[u8]>>(tx: &mut TxRing, frames: impl IntoIterator<Item = F>) {
    let mut slots = tx.reserve(u32::MAX);
    for frame in frames {
        let written = slots.write(frame.as_ref()).unwrap();
        assert!(written, "no room for {} bytes", frame.as_ref().len());
    }
    slots.commit();
}

/// Puts one frame into the next slots, split into parts of `lengths`, without a sync.
pub fn put_in_parts(tx: &mut TxRing, frame: &[u8], lengths: &[usize]) {
    let (mut rest, mut left) = (frame, lengths.len());
    let mut slots = tx.reserve(left as u32);
    for (mut slot, len) in (&mut slots).zip(lengths) {
        let (part, after) = rest.split_at(*len);
        (rest, left) = (after, left - 1);
        slot.write(part).unwrap();
        if left > 0 {
            slot.set_more();
        }
    }
    assert!(
        left == 0 && rest.is_empty(),
        "no room for {} parts",
        lengths.len()
    );
    slots.commit();
}

/// As `assert_eq!`, but prints only where two frames differ.
#[track_caller]
pub fn assert_same(found: &[u8], expected: &[u8]) {
    if found == expected {
        return;
    }
    let at = found.iter().zip(expected).position(|(a, b)| a != b);
    let at = at.unwrap_or(found.len().min(expected.len()));
    let around = |frame: &[u8]| frame[at.min(frame.len())..(at + 8).min(frame.len())].to_vec();
    panic!(
        "a frame of {} bytes instead of {}: from byte {at} on {:02x?} instead of {:02x?} (frame starts {:02x?})",
        found.len(),
        expected.len(),
        around(found),
        around(expected),
        &found[..found.len().min(18)],
    );
}

/// The client's `head`, `cur` and `tail`.
pub fn positions(ring: &Ring) -> (u32, u32, u32) {
    let header = ring.header();
    (
        header.head.load(Relaxed),
        header.cur.load(Relaxed),
        header.tail.load(Relaxed),
    )
}
