//! Cells of the matrix: a variant of a NIC on a bus.

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use netmap_core::model::HashType;
use netmap_core::{Completion, Doorbell, MulticastHash, NicLimits, Restart};
use netmap_nics::{Modelled, Visitor, by_name};
use netmap_sim::DEFAULT_MAC;
use netmap_userspace::bus::qemu::Qemu;
use netmap_userspace::bus::sim::SimNic;
use netmap_userspace::{BUFFER_SIZE, Limits, RxRing};
use nicspecs::ir::{Action, Counts, Need, Nic, PhyAccess, QemuLack, Step, visit};

use crate::frames::{Flow, all_flows};

/// Bytes of a frame's CRC.
const CRC: u32 = 4;

/// Whether a cell can run a behaviour, or why not.
pub type Shown = Result<(), String>;

/// A variant of a NIC on a bus.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The NIC's name in its spec and in the generated tables.
    pub nic: String,
    pub variant: String,
    pub bus: Bus,
    pub facts: Facts,
    /// Whether its device loses frames that find no descriptor.
    pub lossy: bool,
    /// What the NIC has and its device has not.
    lacks: Vec<QemuLack>,
}

/// The bus of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bus {
    Sim,
    /// With QEMU's device name.
    Qemu(String),
}

impl Bus {
    pub fn name(&self) -> &'static str {
        match self {
            Bus::Sim => "sim",
            Bus::Qemu(_) => "qemu",
        }
    }
}

/// Facts about a NIC from generated code and the spec.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The limits of its ports.
    pub limits: Limits,
    /// Whether a model of it has a PHY that negotiates.
    pub has_phy: bool,
    /// Whether the device waits for kicks of a transmit queue.
    pub is_kicked: bool,
    /// Whether the device can report that it cannot work.
    pub refuses: bool,
    /// Whether the driver reads the MAC address from the EEPROM itself.
    pub reads_eeprom: bool,
    /// Whether `init` uses the size of buffers.
    pub takes_buffer_size: bool,
    /// Whether its registers show several speeds or duplex modes.
    pub shows_links: bool,
    /// Whether descriptors report frames that could not be sent.
    pub reports_failures: bool,
    /// The largest length that a receive descriptor reports.
    pub longest_reported: u64,
    /// Whether the NIC's registers limit the length of received frames.
    pub limits_lengths: bool,
    /// What receive-side scaling can hash.
    pub hashes: Vec<HashType>,
    /// Which bits of an address select a bit of the multicast table.
    pub multicast_hash: Option<MulticastHash>,
    /// The variant's statistics that every device model counts, by name.
    pub counts: Vec<(String, Counts)>,
}

impl Cell {
    /// Whether the cell can run here.
    pub fn is_here(&self) -> Shown {
        match self.bus {
            Bus::Sim => Ok(()),
            Bus::Qemu(_) => qemu(),
        }
    }

    /// Needs a simulated device: fault injection, link control and inspection.
    pub fn has_inside(&self) -> Shown {
        match self.bus {
            Bus::Sim => Ok(()),
            Bus::Qemu(_) => Err("QEMU has no fault injection".to_owned()),
        }
    }

    /// Needs a device that has something that the NIC has.
    pub fn models(&self, part: QemuLack) -> Shown {
        match self.lacks.contains(&part) {
            true => Err(format!(
                "its spec says that QEMU's model lacks `{}`",
                part.name()
            )),
            false => Ok(()),
        }
    }

    /// The same on a device that lacks a part.
    pub fn without(&self, part: QemuLack) -> Cell {
        Cell {
            lacks: vec![part],
            ..self.clone()
        }
    }

    /// Needs a device that counts the bytes of a CRC that is split over two buffers.
    pub fn counts_cut_crcs(&self) -> Shown {
        self.models(QemuLack::SplitCrcBytes)
    }

    /// Needs a device that makes the other side wait while it has no descriptor.
    pub fn holds_frames(&self) -> Shown {
        match self.lossy {
            true => Err("the device loses frames that find no descriptor".to_owned()),
            false => Ok(()),
        }
    }

    /// Needs a device that loses frames while it has no descriptor.
    pub fn loses_frames(&self) -> Shown {
        match self.lossy {
            true => Ok(()),
            false => Err("the device makes the other side wait for descriptors".to_owned()),
        }
    }

    /// Needs a NIC that reports, in descriptors, which frames it could not send.
    pub fn reports_failures(&self) -> Shown {
        match self.facts.reports_failures {
            true => Ok(()),
            false => Err("the NIC does not report frames that it could not send".to_owned()),
        }
    }

    /// Needs a link with several speeds or duplex modes.
    pub fn shows_links(&self) -> Shown {
        match self.facts.shows_links {
            true => Ok(()),
            false => Err("the NIC has one speed and one duplex mode".to_owned()),
        }
    }

    /// Frames that may be under way to a ring: on a device that loses frames, no more than [`half_of`] it holds.
    pub fn under_way(&self, rx: &RxRing) -> u32 {
        match self.lossy {
            true => half_of(rx),
            false => u32::MAX,
        }
    }

    /// Needs a device that can report more bytes than a buffer has.
    pub fn reports_overlong(&self) -> Shown {
        match self.facts.longest_reported > u64::from(self.facts.limits.rx_slot_bytes) {
            true => Ok(()),
            false => Err("the NIC cannot report more bytes than a buffer has".to_owned()),
        }
    }

    /// Needs registers that limit the length of received frames.
    pub fn limits_lengths(&self) -> Shown {
        match self.facts.limits_lengths {
            true => self.models(QemuLack::LengthLimits),
            false => Err(
                "no register of the NIC limits the length of received frames: its spec has no `model.rx.longest`"
                    .to_owned(),
            ),
        }
    }

    /// Needs a driver that takes the size of buffers.
    pub fn takes_buffer_size(&self) -> Shown {
        match self.facts.takes_buffer_size {
            true => Ok(()),
            false => Err("the NIC's buffers have one size".to_owned()),
        }
    }

    /// Needs a table of multicast addresses.
    pub fn has_multicast_table(&self) -> Shown {
        match self.facts.multicast_hash {
            Some(_) => self.models(QemuLack::MulticastTable),
            None => Err("the NIC has no multicast table".to_owned()),
        }
    }

    /// Needs at least `wanted` queues in both directions.
    pub fn has_queues(&self, wanted: u32) -> Shown {
        match self.queues() {
            1 if wanted > 1 => Err("the NIC has one queue in some direction".to_owned()),
            queues if queues < wanted => {
                Err(format!("the NIC has {queues} queues in some direction"))
            }
            _ => Ok(()),
        }
    }

    /// Needs transmit frames over several slots.
    pub fn sends_parts(&self) -> Shown {
        match self.facts.limits.tx_frame_slots {
            1 => Err("the NIC sends frames in one slot only".to_owned()),
            _ => self.models(QemuLack::Fragments),
        }
    }

    /// Needs frames that are longer than a buffer, in both directions.
    pub fn has_long_frames(&self) -> Shown {
        match self.facts.limits.rx_frame_max {
            max if max <= BUFFER_SIZE => {
                Err("the NIC receives no frame longer than a buffer".to_owned())
            }
            _ => self.fills_several_buffers().and(self.sends_long_frames()),
        }
    }

    /// Needs a device that continues a received frame in the next buffer, if the NIC does.
    fn fills_several_buffers(&self) -> Shown {
        self.models(QemuLack::LongFrames)
            .and(self.models(QemuLack::ReceivedFragments))
    }

    /// Bytes of the longest frame that the device receives, without CRC.
    pub fn longest_received(&self) -> u32 {
        let limits = &self.facts.limits;
        match self.fills_several_buffers() {
            Ok(()) => limits.rx_frame_max,
            Err(_) => limits.rx_frame_max.min(limits.rx_slot_bytes - CRC),
        }
    }

    /// Needs transmit frames that are longer than a buffer.
    pub fn sends_long_frames(&self) -> Shown {
        match self.facts.limits.tx_frame_max {
            max if max <= BUFFER_SIZE => {
                Err("the NIC sends no frame longer than a buffer".to_owned())
            }
            _ => self.models(QemuLack::LongFrames),
        }
    }

    /// Needs a completion scheme.
    pub fn completes_by(&self, completion: Completion) -> Shown {
        match self.facts.limits.completions.contains(&completion) {
            true => Ok(()),
            false => Err(format!("the NIC does not support {}", completion.name())),
        }
    }

    /// Needs rings that may lie beyond 4 GiB.
    pub fn reaches_high_memory(&self) -> Shown {
        let Limits { tx, rx, .. } = self.facts.limits;
        match tx.address_bits.min(rx.address_bits) {
            33.. => Ok(()),
            bits => Err(format!("the NIC's addresses have {bits} bits")),
        }
    }

    /// Needs queues that can be reset alone.
    pub fn restarts_queues(&self) -> Shown {
        let Limits { tx, rx, .. } = self.facts.limits;
        match [tx, rx].iter().all(|ring| ring.restart == Restart::Queue) {
            true => self.models(QemuLack::QueueRestart),
            false => Err("the NIC cannot restart a single queue".to_owned()),
        }
    }

    /// Needs receive-side scaling, and several queues in both directions.
    pub fn spreads(&self) -> Shown {
        self.spreads_received().and(self.has_queues(2))
    }

    /// Needs several receive queues to which the NIC spreads frames.
    pub fn spreads_received(&self) -> Shown {
        match self.facts.limits.rss {
            None => Err("the NIC has no receive-side scaling".to_owned()),
            Some(_) => self.receives_on_several().and(self.models(QemuLack::Rss)),
        }
    }

    /// Needs several receive queues.
    pub fn receives_on_several(&self) -> Shown {
        match self.facts.limits.rx.queues {
            1 => Err("the NIC has one receive queue".to_owned()),
            _ => Ok(()),
        }
    }

    /// Flows that receive-side scaling spreads.
    pub fn flows(&self) -> impl Iterator<Item = Flow> {
        all_flows()
            .into_iter()
            .filter(|flow| flow.hashed(&self.facts.hashes).is_some())
    }

    /// Needs a NIC with more queues in one direction than in the other.
    pub fn is_uneven(&self) -> Shown {
        match self.facts.limits.tx.queues == self.facts.limits.rx.queues {
            true => Err("the NIC has as many transmit queues as receive queues".to_owned()),
            false => Ok(()),
        }
    }

    /// Needs MSI-X.
    pub fn has_messages(&self) -> Shown {
        match self.facts.limits.messages {
            0 => Err("the driver does not support MSI-X on the NIC".to_owned()),
            _ => self.models(QemuLack::Msix),
        }
    }

    /// A simulated cell of each of the other NICs.
    pub fn others(&self) -> Vec<&'static Cell> {
        let mut others: Vec<&Cell> = all().iter().collect();
        others.retain(|other| other.nic != self.nic && other.bus == Bus::Sim);
        others.dedup_by_key(|other| &other.nic);
        others
    }

    /// Queues in both directions.
    pub fn queues(&self) -> u32 {
        self.facts.limits.tx.queues.min(self.facts.limits.rx.queues)
    }
}

/// Frames that find a descriptor if all before them were read: half of the slots, because the client may have released the
/// others since its last sync. No more may be under way to a port with several rings, whatever the NIC: all may reach one
/// ring, and if that is full, the NIC blocks the other rings or drops frames.
pub fn half_of(rx: &RxRing) -> u32 {
    ((rx.slots() - 1) / 2).max(1)
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.bus.name(), self.nic, self.variant)
    }
}

/// All cells from the specs: each variant on the simulator, and on QEMU if the spec names a QEMU device.
pub fn all() -> &'static [Cell] {
    static ALL: OnceLock<Vec<Cell>> = OnceLock::new();
    ALL.get_or_init(read)
}

fn read() -> Vec<Cell> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../nicspecs");
    let specs = nicspecs::load_with_toys(&specs).unwrap_or_else(|error| panic!("{error}"));
    let mut cells = Vec::new();
    for spec in specs {
        let nic = spec.compile().unwrap_or_else(|report| panic!("{report}"));
        let stale = || panic!("no driver for {}: run `cargo xtask gen`", nic.name());
        for variant in nic.variants() {
            let counters = nic.statistics().iter().filter_map(|counter| {
                let is_there = counter.variants.contains(variant.index);
                Some((counter.name.clone(), counter.counts.filter(|_| is_there)?))
            });
            let counts: Vec<_> = counters.collect();
            let generated = Generated {
                variant: &variant.name,
                counts,
                reads_eeprom: reads_eeprom(&nic, variant.index),
                has_phy: has_phy(&nic, variant.index),
                takes_buffer_size: takes_buffer_size(&nic),
                limits_lengths: nic.model().rx_longest.is_some(),
            };
            let facts = by_name(nic.name(), generated).unwrap_or_else(stale);
            let qemu = variant.qemu.as_ref();
            let qemu = qemu.map(|qemu| {
                (
                    Bus::Qemu(qemu.device.clone()),
                    qemu.lossy,
                    qemu.lacks.clone(),
                )
            });
            let simulated = (Bus::Sim, nic.model().rx_lossy, Vec::new());
            let all = [simulated].into_iter().chain(qemu);
            cells.extend(all.map(|(bus, lossy, lacks)| Cell {
                nic: nic.name().to_owned(),
                variant: variant.name.clone(),
                bus,
                facts: facts.clone(),
                lossy,
                lacks,
            }));
        }
    }
    cells
}

/// Collects the facts of a variant.
struct Generated<'a> {
    variant: &'a str,
    counts: Vec<(String, Counts)>,
    reads_eeprom: bool,
    has_phy: bool,
    takes_buffer_size: bool,
    limits_lengths: bool,
}

/// Whether the driver's `init` uses the size of buffers.
fn takes_buffer_size(nic: &Nic) -> bool {
    let init = nic.sequence("init");
    init.is_some_and(|init| init.signature.needs.has(Need::BufferSize))
}

/// Whether a model of the variant has a PHY.
fn has_phy(nic: &Nic, variant: usize) -> bool {
    let phy = nic.model().phy.as_ref();
    phy.is_some_and(|phy| match &phy.access {
        PhyAccess::Command { command, .. } => command.variants.contains(variant),
        PhyAccess::Mapped(registers) => registers
            .iter()
            .all(|(_, register)| register.variants.contains(variant)),
    })
}

/// Whether the variant has an EEPROM, and the driver of some variant reads the MAC address from it.
fn reads_eeprom(nic: &Nic, variant: usize) -> bool {
    let Some(eeprom) = &nic.model().eeprom else {
        return false;
    };
    struct Runs(bool);
    impl visit::Visitor for Runs {
        fn step(&mut self, step: &Step) {
            let runs = |action: &Action| matches!(action, Action::Run { callee, .. } if callee.name == "eeprom.read");
            self.0 |= runs(&step.action);
            visit::step(self, step);
        }
    }
    let mut runs = Runs(false);
    if let Some(sequence) = nic.sequence("mac.read") {
        visit::Visitor::steps(&mut runs, &sequence.steps);
    }
    runs.0 && eeprom.command.variants.contains(variant)
}

impl Visitor for Generated<'_> {
    type Output = Facts;

    fn visit<D: Modelled>(self) -> Self::Output {
        let variant = D::MODEL.variant(self.variant);
        let variant = variant.expect("a variant of the spec: run `cargo xtask gen`");
        let (mut refuses, mut links) = (D::MODEL.refuse.iter(), D::MODEL.links.iter());
        let limits = limits::<D>(self.variant);
        Facts {
            limits: Limits::of::<D>(variant.name, limits),
            has_phy: self.has_phy,
            is_kicked: matches!(D::tx_doorbell(0), Some(Doorbell::Kick { .. })),
            reports_failures: !D::MODEL.tx.failed.is_empty(),
            shows_links: links.any(|link| variant.is_among(link.only_on)),
            refuses: refuses.any(|refusal| variant.is_among(refusal.only_on)),
            reads_eeprom: self.reads_eeprom,
            takes_buffer_size: self.takes_buffer_size,
            longest_reported: D::MODEL.rx.longest_reported(),
            limits_lengths: self.limits_lengths,
            hashes: D::MODEL
                .rss
                .iter()
                .flat_map(|rss| rss.types.iter().map(|(kind, _)| *kind))
                .collect(),
            multicast_hash: D::MULTICAST_HASH,
            counts: self.counts,
        }
    }
}

/// The limits of a variant according to its driver; a simulated device may differ.
fn limits<D: Modelled>(variant: &str) -> NicLimits {
    let nic = SimNic::of_variant::<D>(variant, DEFAULT_MAC).expect("a variant of the NIC");
    let driver = D::detect(&nic, &nic.device().variant().pci);
    driver.expect("a driver of its own device").limits()
}

/// If set to `no`, cells on QEMU are left out.
const SWITCH: &str = "NETMAP_TEST_QEMU";

fn qemu() -> Shown {
    if std::env::var_os(SWITCH).is_some_and(|value| value == "no") {
        return Err(format!("{SWITCH} is `no`"));
    }
    Qemu::installed().map_err(|missing| missing.to_string())
}
