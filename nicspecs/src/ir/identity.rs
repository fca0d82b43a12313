//! What a spec covers: variants, spaces, named numbers.

use std::fmt;

use super::expr::{Cond, Range};
use super::limits::Limit;
use super::shown::Showing;
use crate::words::words;

/// A vendor and device id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct PciId {
    /// Vendor: `0x8086`.
    pub vendor: u16,
    /// Device: `0x10fb`.
    pub device: u16,
}

impl PciId {
    /// The id that a spec or a command line gives: two times four hexadecimal digits, `8086:10fb`.
    pub fn parse(text: &str) -> Option<Self> {
        let half = |text: &str| {
            let is_half = text.len() == 4 && text.chars().all(|c| c.is_ascii_hexdigit());
            u16::from_str_radix(text, 16).ok().filter(|_| is_half)
        };
        let (vendor, device) = text.split_once(':')?;
        Some(Self {
            vendor: half(vendor)?,
            device: half(device)?,
        })
    }
}

impl fmt::Display for PciId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.device)
    }
}

/// One part of the family that a spec covers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Variant {
    /// Name in the spec, as its maker prints it.
    pub name: String,
    /// Position in the spec; 0 is the default variant.
    pub index: usize,
    /// The same as the name of a type or an enumerator.
    pub type_name: String,
    /// What people call it.
    pub title: String,
    /// Ids it is found by.
    pub pci: Vec<PciId>,
    /// The QEMU device that tests this variant, if there is one.
    pub qemu: Option<QemuModel>,
    /// Condition that distinguishes it from others with the same id.
    pub when: Option<Cond>,
    /// What makes that condition true.
    pub shown: Showing,
    /// Limits that are narrower than those of the spec.
    pub limits: Vec<(Limit, u32)>,
}

impl Variant {
    /// Its own limit, if it is narrower than that of the spec.
    pub fn own_limit(&self, limit: Limit) -> Option<u32> {
        let mut limits = self.limits.iter();
        limits.find_map(|&(own, value)| (own == limit).then_some(value))
    }
}

/// A model of QEMU's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QemuModel {
    /// Its name as a device.
    pub device: String,
    /// Whether it loses frames that find no descriptor.
    pub lossy: bool,
    /// What the part has and its model has not.
    pub lacks: Vec<QemuLack>,
}

words! {
    /// Something that a part has and that its model of QEMU's may not have.
    pub enum QemuLack {
        /// It does not count the bytes of a CRC that is split over two buffers.
        SplitCrcBytes = "split_crc_bytes",
        /// It counts nothing.
        Counters = "counters",
        /// Every multicast frame or none passes.
        MulticastTable = "multicast_table",
        /// All frames go to the first queue.
        Rss = "rss",
        /// It has no MSI-X.
        Msix = "msix",
        /// It neither sends nor receives frames that are longer than a buffer.
        LongFrames = "long_frames",
        /// Frames of several transmit descriptors do not leave.
        Fragments = "fragments",
        /// A received frame is dropped unless one buffer holds it.
        ReceivedFragments = "received_fragments",
        /// A single ring cannot be restarted.
        QueueRestart = "queue_restart",
        /// It passes frames that are longer than what its registers allow.
        LengthLimits = "length_limits",
    }
}

/// A set of variants: those that have a register, or those under which a path of a sequence runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variants {
    /// By position of the variant in the spec.
    pub has: Vec<bool>,
}

impl Variants {
    pub(crate) fn all(count: usize) -> Self {
        Self {
            has: vec![true; count],
        }
    }

    /// Whether nothing is excluded.
    pub fn is_all(&self) -> bool {
        self.has.iter().all(|&has| has)
    }

    /// Whether the variant at this position belongs to it.
    pub fn contains(&self, index: usize) -> bool {
        self.has.get(index).copied().unwrap_or(false)
    }

    /// Positions of the variants in it.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        let has = self.has.iter().enumerate();
        has.filter_map(|(index, &has)| has.then_some(index))
    }

    /// Whether no variant is in both.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.indices().all(|index| !other.contains(index))
    }

    /// Whether every variant of `self` is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.indices().all(|index| other.contains(index))
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        let pairs = self.has.iter().zip(&other.has);
        Self {
            has: pairs.map(|(a, b)| a & b).collect(),
        }
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        let pairs = self.has.iter().zip(&other.has);
        Self {
            has: pairs.map(|(a, b)| a | b).collect(),
        }
    }

    pub(crate) fn not(&self) -> Self {
        Self {
            has: self.has.iter().map(|has| !has).collect(),
        }
    }
}

/// A window of registers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Space {
    /// Name in the spec: `mmio`.
    pub name: String,
    /// PCI base address register; `None` is the first one for memory.
    pub bar: Option<u8>,
    /// Bytes.
    pub size: u64,
}

/// A named number.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Constant {
    /// Name in the spec: `eeprom_load`.
    pub name: String,
    /// What it is.
    pub doc: String,
    /// Section of the datasheet, where the number is the datasheet's.
    pub section: Option<String>,
    /// Value for each variant, by position of the variant.
    pub values: Vec<u32>,
}

impl Constant {
    /// Whether variants differ in it.
    pub fn varies(&self) -> bool {
        self.values.windows(2).any(|pair| pair[0] != pair[1])
    }

    /// Value for the default variant.
    pub fn value(&self) -> u32 {
        self.values.first().copied().unwrap_or(0)
    }

    /// Smallest and largest value over all variants.
    pub fn range(&self) -> Range {
        let min = self.values.iter().min().copied().unwrap_or(0);
        let max = self.values.iter().max().copied().unwrap_or(0);
        Range { min, max }
    }
}

/// Something a user may choose. One with a maximum of 1 is a switch and a condition in expressions.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Choice {
    /// Name in the spec: `flow_control`.
    pub name: String,
    /// What it does.
    pub doc: String,
    /// Value unless chosen.
    pub default: u32,
    /// Largest value; the smallest is 0.
    pub max: u32,
    /// Section of the datasheet about what it changes.
    pub section: Option<String>,
}

impl Choice {
    /// Whether it is on or off.
    pub fn is_switch(&self) -> bool {
        self.max == 1
    }
}
