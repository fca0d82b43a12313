//! The engine: moves frames from transmit rings to the wire and from the wire to receive rings.

pub(crate) mod codec;
mod filter;
mod noise;
pub(crate) mod ring;
mod rss;
mod rx;
mod tx;
mod writeback;

use netmap_core::model::Model;
use netmap_core::{Direction, FrameLimits};

use crate::control::demands::Demands;
use crate::defect::Defects;
use crate::error::{ModelError, WireError};
use crate::follows::View;
use crate::memory::MemoryMap;
use crate::registers::{Place, RegisterFile, RegisterId};
use crate::simulated::Simulated;
use crate::violations::{RingName, Violations};
use crate::wire::{Batch, Capture, Flow, Wire};
use codec::{RxCodec, ToSend, TxCodec};
use filter::Filter;
use noise::Noise;
use ring::Rings;
use rss::Rss;
use writeback::WriteBacks;

/// The most frames that one step moves in each direction.
const BURST: u32 = 256;

/// The engine's counts since the device was created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Resets of the device, including the one at creation.
    pub resets: u64,
    /// Frames fetched from transmit rings.
    pub tx_frames: u64,
    /// Bytes of these frames, including padding and CRC.
    pub tx_bytes: u64,
    /// Frames written to receive rings.
    pub rx_frames: u64,
    /// Bytes of these frames, including the CRC.
    pub rx_bytes: u64,
    /// Received frames to the broadcast address.
    pub rx_broadcast: u64,
    /// Received frames to other multicast addresses.
    pub rx_multicast: u64,
    /// Frames dropped because there was no descriptor, or no room on the wire.
    pub rx_missed: u64,
    /// Those of them that a queue dropped because it was set up to drop frames without a descriptor.
    pub rx_dropped: u64,
    /// Frames with a wrong CRC.
    pub rx_crc_errors: u64,
    /// Frames that were too long for the device, or had a wrong length.
    pub rx_length_errors: u64,
    /// Frames that arrived faster than they could be stored.
    pub rx_overruns: u64,
    /// Frames that the filter did not accept.
    pub rx_filtered: u64,
    /// Frames that arrived while the receiver was disabled.
    pub rx_unheard: u64,
}

/// The result of a step.
#[derive(Debug, Default)]
pub(crate) struct Did {
    /// Whether there may be more work at once.
    pub(crate) progress: bool,
    /// Queues that reported sent frames, as bits.
    pub(crate) tx: u128,
    /// Queues that received, as bits.
    pub(crate) rx: u128,
}

/// The parts of a device that the engine uses.
pub(crate) struct World<'a> {
    pub(crate) file: &'a mut RegisterFile,
    pub(crate) memory: &'a MemoryMap,
    pub(crate) violations: &'a mut Violations,
    pub(crate) demands: &'a Demands,
}

/// Transmitter and receiver.
pub(crate) struct Engine {
    model: &'static Model,
    /// Limits of the variant's frames.
    frames: FrameLimits,
    pub(crate) tx: Rings,
    pub(crate) rx: Rings,
    tx_codec: TxCodec,
    rx_codec: RxCodec,
    head_writeback: Option<tx::HeadWriteback>,
    buffer: usize,
    filter: Filter,
    rss: Option<Rss>,
    /// Descriptors of the frame being sent.
    parts: Vec<ToSend>,
    /// The bytes to store for the frame being received, if they differ from those on the wire.
    whole: Vec<u8>,
    sending: Batch,
    arrived: Batch,
    back: WriteBacks,
    noise: Noise,
    /// Whether the demands of the device were checked since rings were last set up, and of which queues, as bits.
    checked: (bool, u128),
    pub(crate) defects: Defects,
    pub(crate) counts: Counts,
    wire: Box<dyn Wire>,
    pub(crate) wire_error: Option<WireError>,
    /// Whether frames wait for the receiver: only then does a receive doorbell need to wake the device.
    pub(crate) rx_waits: bool,
}

impl Engine {
    pub(crate) fn new(simulated: Simulated, file: &RegisterFile) -> Result<Engine, ModelError> {
        let Simulated { model, variant, .. } = simulated;
        let (name, limits) = (variant.name, &variant.limits);
        Ok(Engine {
            model,
            frames: limits.frames,
            tx: Rings::new(
                &model.tx.ring,
                !model.tx.end_of_ring.is_empty(),
                limits.tx,
                name,
                Direction::Tx,
                file,
            )?,
            rx: Rings::new(
                &model.rx.ring,
                !model.rx.end_of_ring.is_empty(),
                limits.rx,
                name,
                Direction::Rx,
                file,
            )?,
            tx_codec: TxCodec::new(&model.tx)?,
            rx_codec: RxCodec::new(&model.rx)?,
            head_writeback: tx::HeadWriteback::new(&model.tx, file)?,
            buffer: model.rx.buffer_size.max(1) as usize,
            filter: Filter::new(simulated, file)?,
            rss: Rss::new(simulated, file)?,
            parts: Vec::new(),
            whole: Vec::new(),
            sending: Batch::new(),
            arrived: Batch::new(),
            back: WriteBacks::default(),
            noise: Noise::default(),
            checked: (false, 0),
            defects: Defects::default(),
            counts: Counts::default(),
            wire: Box::new(Capture::new()),
            wire_error: None,
            rx_waits: false,
        })
    }

    /// Connects the port to another wire; frames in transit on the old one are lost.
    pub(crate) fn plug(&mut self, wire: Box<dyn Wire>) {
        self.wire = wire;
        self.wire_error = None;
        self.sending.clear();
        self.arrived.clear();
    }

    /// Whether the wire has something at its other end, or frames from there are still to be received.
    pub(crate) fn is_connected(&self) -> bool {
        self.wire.is_connected() || !self.arrived.is_empty()
    }

    /// The registers that [`refresh`](Self::refresh) reads.
    pub(crate) fn watches(&self) -> Vec<RegisterId> {
        let mut all: Vec<RegisterId> = self.tx.setup().chain(self.rx.setup()).collect();
        all.extend(self.filter.watches());
        all.extend(self.rss.iter().flat_map(Rss::watches));
        all
    }

    /// Updates the engine after a write to one of its registers, or from all of them after a reset.
    pub(crate) fn refresh(
        &mut self,
        written: Option<Place>,
        view: &View<'_>,
        violations: &mut Violations,
    ) {
        let tx_changed = self.tx.update(written, view, violations);
        let rx_changed = self.rx.update(written, view, violations);
        if tx_changed || rx_changed {
            self.checked = (false, 0);
        }
        self.filter.refresh(view);
        if let Some(rss) = &mut self.rss {
            rss.refresh(view);
        }
    }

    /// The rings of a direction.
    pub(crate) fn rings(&mut self, direction: Direction) -> &mut Rings {
        match direction {
            Direction::Tx => &mut self.tx,
            Direction::Rx => &mut self.rx,
        }
    }

    /// Whether any ring runs.
    pub(crate) fn runs(&self) -> bool {
        let rings = self.tx.rings.iter().chain(&self.rx.rings);
        rings.into_iter().any(|ring| ring.runs().is_some())
    }

    /// Stops at once. Frames on the wire stay there.
    pub(crate) fn stop(&mut self) {
        self.tx.stop();
        self.rx.stop();
        self.back.clear();
        self.checked = (false, 0);
    }

    /// Whether there may be work without a register write: descriptors that only an owner bit hands over.
    pub(crate) fn polls(&self) -> bool {
        let silent = |rings: &Rings| rings.tail.is_none() && rings.kick.is_none();
        self.rx_waits && silent(&self.rx) || silent(&self.tx) && !self.tx.running.is_empty()
    }

    /// One burst in each direction.
    pub(crate) fn step(&mut self, world: &mut World<'_>, link: bool) -> Did {
        let mut did = Did {
            progress: self.back.step(world.memory, &self.defects),
            ..Did::default()
        };
        if self.defects.gone {
            return did;
        }
        if link && !self.defects.stuck_tx {
            self.send();
            if self.sending.is_empty() {
                self.transmit_all(world, &mut did);
                self.send();
            }
        }
        if self.defects.stuck_rx {
            return did;
        }
        if self.arrived.is_empty() {
            let result = self.wire.receive(&mut self.arrived);
            self.note(result);
            self.counts.rx_missed += self.wire.lost();
        }
        self.receive_all(world, link, &mut did);
        did
    }

    fn send(&mut self) {
        if !self.sending.is_empty() {
            let result = self.wire.transmit(&mut self.sending);
            self.note(result);
        }
    }

    /// A wire that fails is disconnected, so that it does not block the transmitter forever.
    fn note(&mut self, result: Result<(), WireError>) {
        if let Err(error) = result {
            self.plug(Box::new(Capture::new()));
            self.wire_error = Some(error);
        }
    }

    fn lossless(&self) -> bool {
        self.wire.flow() == Flow::Lossless && !self.model.rx.lossy
    }

    /// Checks what the hardware requires, before a ring processes its first descriptor.
    #[inline]
    fn check_demands(&mut self, ring: RingName, world: &mut World<'_>) {
        if !std::mem::replace(&mut self.checked.0, true) {
            world.demands.of_device(ring, world.file, world.violations);
        }
        // A value of a queue belongs to one direction, but the model does not say to which.
        let both_run = [&self.tx, &self.rx].into_iter().all(|rings| {
            let ring = rings.rings.get(ring.queue as usize);
            ring.is_none_or(|ring| ring.runs().is_some())
        });
        let queue = 1 << (ring.queue % 128);
        if both_run && self.checked.1 & queue == 0 {
            self.checked.1 |= queue;
            (world.demands).of_ring(true, ring, world.file, world.violations);
        }
    }
}
