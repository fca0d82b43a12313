//! Counters of a NIC.

use core::sync::atomic::Ordering::Relaxed;

use crate::Bus;
use crate::atomic::AtomicU64;
use crate::register::{Piece, RegOffset};

/// One counter of a NIC.
#[derive(Debug, Clone, Copy)]
pub struct Statistic {
    /// Its name in the spec.
    pub name: &'static str,
    /// What it counts.
    pub title: &'static str,
    /// Its place.
    pub source: Source,
    /// What clears it.
    pub clearing: Clearing,
    /// Whether it counts frames that the NIC has lost.
    pub loses: bool,
    /// Names of the variants that have it; empty if all do.
    pub only_on: &'static [&'static str],
}

/// What clears a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clearing {
    /// Only a reset: it counts on and wraps.
    Reset,
    /// A read.
    Read,
    /// A write of any value, after each read. What the NIC counts between the read and the write is lost.
    Write,
}

/// The place of a counter.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// In registers; elements are summed.
    Registers {
        /// The register, or the lower half.
        low: &'static [Piece],
        /// The upper half, read after the lower one; empty for a 32-bit counter.
        high: &'static [Piece],
    },
    /// In the block that [`Driver::statistics_dump`](crate::Driver::statistics_dump) fills, lowest byte first.
    Block {
        /// Bytes from the start of the block.
        offset: u32,
        /// Bytes of the counter, within one 64-bit word.
        bytes: u32,
    },
}

impl Statistic {
    /// Whether a variant has it. Do not read it on a variant that does not.
    pub fn exists_on(&self, variant: &str) -> bool {
        self.only_on.is_empty() || self.only_on.contains(&variant)
    }

    /// Reads the counter, and clears it unless only a reset does. `block` is the last dump, or empty.
    pub fn read<B: Bus>(&self, bus: &B, block: &[AtomicU64]) -> u64 {
        match self.source {
            Source::Registers { low, high } => {
                let sum = |pieces: &[Piece]| {
                    let mut sum = 0u64;
                    for piece in pieces {
                        for element in 0..piece.count {
                            let at = RegOffset(piece.offset.0 + element * piece.stride);
                            sum = sum.wrapping_add(bus.read32(at).into());
                            if self.clearing == Clearing::Write {
                                bus.write32(at, 0);
                            }
                        }
                    }
                    sum
                };
                let low = sum(low);
                low.wrapping_add(sum(high) << 32)
            }
            Source::Block { offset, bytes } => {
                let word = block
                    .get((offset / 8) as usize)
                    .map_or(0, |word| word.load(Relaxed));
                let value = word >> (offset % 8 * 8);
                match bytes {
                    0..8 => value & ((1 << (bytes * 8)) - 1),
                    _ => value,
                }
            }
        }
    }
}

/// Constructors for tables: one line per counter.
impl Statistic {
    /// A counter in a register of 32 bits, or in an array of them whose elements are summed.
    pub const fn register(
        name: &'static str,
        title: &'static str,
        at: &'static [Piece],
    ) -> Statistic {
        Statistic::pair(name, title, at, &[])
    }

    /// A counter in two registers of 32 bits, or in two arrays of them.
    pub const fn pair(
        name: &'static str,
        title: &'static str,
        low: &'static [Piece],
        high: &'static [Piece],
    ) -> Statistic {
        Statistic::new(name, title, Source::Registers { low, high })
    }

    /// A counter of `bytes` bytes at `offset` of the block that the device dumps.
    pub const fn in_block(
        name: &'static str,
        title: &'static str,
        offset: u32,
        bytes: u32,
    ) -> Statistic {
        Statistic::new(name, title, Source::Block { offset, bytes })
    }

    const fn new(name: &'static str, title: &'static str, source: Source) -> Statistic {
        Statistic {
            name,
            title,
            source,
            clearing: Clearing::Reset,
            loses: false,
            only_on: &[],
        }
    }

    /// The same counter, which reading clears.
    pub const fn cleared_by_reading(self) -> Statistic {
        Statistic {
            clearing: Clearing::Read,
            ..self
        }
    }

    /// The same counter, which a write of any value clears.
    pub const fn cleared_by_writing(self) -> Statistic {
        Statistic {
            clearing: Clearing::Write,
            ..self
        }
    }

    /// The same counter, of frames that the NIC has lost.
    pub const fn of_lost_frames(self) -> Statistic {
        Statistic {
            loses: true,
            ..self
        }
    }

    /// The same counter, which only these variants have.
    pub const fn only_on(self, variants: &'static [&'static str]) -> Statistic {
        Statistic {
            only_on: variants,
            ..self
        }
    }
}
