//! How a table states counters: a line each.

use crate::register::Piece;
use crate::{Source, Statistic};

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
            clears: false,
            only_on: &[],
        }
    }

    /// The same counter, which reading clears.
    pub const fn cleared_by_reading(self) -> Statistic {
        Statistic {
            clears: true,
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
