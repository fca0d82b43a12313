//! Cells of the matrix: a variant of a NIC on a bus.

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use netmap_core::model::{Element, RingModel};
use netmap_core::{Completion, FrameLimits, MulticastHash};
use netmap_nics::{Modelled, Visitor, by_name};
use netmap_sim::DEFAULT_MAC;
use netmap_userspace::bus::qemu::Qemu;
use netmap_userspace::bus::sim::SimNic;
use netmap_userspace::{BUFFER_SIZE, Limits};
use nicspecs::ir::{Action, Counts, Nic, Step, visit};

/// Whether a cell can run a behaviour, or why not.
pub type Shown = Result<(), String>;

/// A variant of a NIC on a bus.
#[derive(Debug)]
pub struct Cell {
    /// The NIC's name in its spec and in the generated tables.
    pub nic: String,
    pub variant: String,
    pub bus: Bus,
    pub facts: Facts,
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
    /// Whether a single queue of the device can be restarted.
    pub restarts_queues: bool,
    /// The address width of the device's rings.
    pub reaches: u32,
    /// Whether a model of it has a PHY that negotiates.
    pub has_phy: bool,
    /// Whether the device can report that it cannot work.
    pub refuses: bool,
    /// Whether the driver reads the MAC address from the EEPROM itself.
    pub reads_eeprom: bool,
    /// Which bits of an address select a bit of the multicast table.
    pub multicast_hash: MulticastHash,
    /// The variant's statistics that every device model counts, by name.
    pub counts: Vec<(String, Counts)>,
}

/// QEMU's models (up to 10.0 at least) that do not count the bytes of a CRC that is split over two buffers; a driver
/// cannot detect this.
const COUNT_NO_CUT_CRCS: [&str; 2] = ["e1000e", "igb"];

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

    /// Needs a device that counts the bytes of a CRC that is split over two buffers.
    pub fn counts_cut_crcs(&self) -> Shown {
        match &self.bus {
            Bus::Qemu(device) if COUNT_NO_CUT_CRCS.contains(&device.as_str()) => Err(format!(
                "QEMU's {device} does not count the bytes of a CRC that is split over two buffers"
            )),
            _ => Ok(()),
        }
    }

    /// Needs at least `wanted` queues in both directions.
    pub fn has_queues(&self, wanted: u32) -> Shown {
        match self.queues() {
            1 if wanted > 1 => Err("the NIC has one queue".to_owned()),
            queues if queues < wanted => Err(format!("the NIC has {queues} queues")),
            _ => Ok(()),
        }
    }

    /// Needs transmit frames over several slots.
    pub fn sends_parts(&self) -> Shown {
        match self.facts.limits.tx_frame_slots {
            1 => Err("the NIC sends frames in one slot only".to_owned()),
            _ => Ok(()),
        }
    }

    /// Needs frames that are longer than a buffer, in both directions.
    pub fn has_long_frames(&self) -> Shown {
        match self.facts.limits.rx_frame_max {
            max if max <= BUFFER_SIZE => {
                Err("the NIC receives no frame longer than a buffer".to_owned())
            }
            _ => self.sends_long_frames(),
        }
    }

    /// Needs transmit frames that are longer than a buffer.
    pub fn sends_long_frames(&self) -> Shown {
        match self.facts.limits.tx_frame_max {
            max if max <= BUFFER_SIZE => {
                Err("the NIC sends no frame longer than a buffer".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Needs a completion scheme.
    pub fn completes_by(&self, completion: Completion) -> Shown {
        match self.facts.limits.completions.contains(&completion) {
            true => Ok(()),
            false => Err(format!("the NIC does not support {}", completion.name())),
        }
    }

    /// Needs queues that can be reset alone.
    pub fn restarts_queues(&self) -> Shown {
        match self.facts.restarts_queues {
            true => Ok(()),
            false => Err("the NIC cannot restart a single queue".to_owned()),
        }
    }

    /// Needs receive-side scaling.
    pub fn spreads(&self) -> Shown {
        match self.facts.limits.rss {
            Some(_) => self.has_queues(2),
            None => Err("the NIC has no receive-side scaling".to_owned()),
        }
    }

    /// Needs MSI-X.
    pub fn has_messages(&self) -> Shown {
        match self.facts.limits.messages {
            0 => Err("the driver does not support MSI-X on the NIC".to_owned()),
            _ => Ok(()),
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
    let specs = nicspecs::load_dir(&specs).unwrap_or_else(|error| panic!("{error}"));
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
            };
            let facts = by_name(nic.name(), generated).unwrap_or_else(stale);
            let qemu = variant.qemu.clone().map(Bus::Qemu);
            cells.extend([Bus::Sim].into_iter().chain(qemu).map(|bus| Cell {
                nic: nic.name().to_owned(),
                variant: variant.name.clone(),
                bus,
                facts: facts.clone(),
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
        let mut refuses = D::MODEL.refuse.iter();
        let rings = [&D::MODEL.tx.ring, &D::MODEL.rx.ring];
        let by_queue = |ring: &RingModel| {
            let mut enable = ring.enable.iter();
            enable.any(|field| field.element == Element::Queue)
        };
        Facts {
            limits: Limits::of::<D>(variant.name, frame_limits::<D>(self.variant)),
            restarts_queues: rings.into_iter().all(by_queue),
            reaches: rings[0].address_bits.min(rings[1].address_bits),
            has_phy: D::MODEL.phy.is_some(),
            refuses: refuses.any(|refusal| {
                refusal.only_on.is_empty() || refusal.only_on.contains(&variant.name)
            }),
            reads_eeprom: self.reads_eeprom,
            multicast_hash: D::MULTICAST_HASH,
            counts: self.counts,
        }
    }
}

/// The frame limits of a variant according to its driver; a simulated device may differ.
fn frame_limits<D: Modelled>(variant: &str) -> FrameLimits {
    let nic = SimNic::of_variant::<D>(variant, DEFAULT_MAC).expect("a variant of the NIC");
    let driver = D::detect(&nic, nic.device().variant().pci);
    driver.expect("a driver of its own device").frame_limits()
}

/// If set to `no`, cells on QEMU are left out.
const SWITCH: &str = "NETMAP_TEST_QEMU";

fn qemu() -> Shown {
    if std::env::var_os(SWITCH).is_some_and(|value| value == "no") {
        return Err(format!("{SWITCH} is `no`"));
    }
    Qemu::installed().map_err(|missing| missing.to_string())
}
