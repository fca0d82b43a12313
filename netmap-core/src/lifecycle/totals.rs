//! Totals of a NIC's counters over resets.

use core::sync::atomic::AtomicU64;

use crate::{Bus, Dma as _, DmaError, Driver, Reading, Source, Statistic};

/// One counter: its total, and the values to compute it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counter {
    /// The total since the port was opened.
    total: u64,
    /// The total when the device's counter was at `base`.
    carried: u64,
    base: u64,
    last: u64,
    /// The last value read; `None` if the variant does not have the counter.
    shown: Option<Reading>,
}

/// Totals since a port was opened: one [`Counter`] for each of [`crate::Nic::STATISTICS`], in the target's memory `C`.
pub(super) struct Totals<B: Bus, C> {
    /// The memory for the device's dump of counters, if it has one.
    block: Option<B::Dma>,
    counters: C,
    /// The device was started before.
    started: bool,
}

impl<B: Bus, C: AsRef<[Counter]> + AsMut<[Counter]>> Totals<B, C> {
    pub(super) fn new<D: Driver>(bus: &B, counters: C) -> Result<Totals<B, C>, DmaError> {
        const ALIGN: usize = 64;
        let block = match D::STATISTICS_BLOCK as usize {
            0 => None,
            bytes => Some(bus.dma_alloc(bytes, ALIGN, D::TX.address_bits)?),
        };
        Ok(Totals {
            block,
            counters,
            started: false,
        })
    }

    /// The total of counter number `at`; 0 if there is none.
    pub(super) fn total(&self, at: usize) -> u64 {
        let counter = self.counters.as_ref().get(at);
        counter.map_or(0, |counter| counter.total)
    }

    /// Called after a reset and start. Registers start from zero. Dumped counters may have survived the reset, and may
    /// have counted before the first start.
    pub(super) fn started<D: Driver>(&mut self, driver: &D, bus: &B) {
        let dumped = self.block.is_some() && self.read(driver, bus, is_dumped);
        let first = !core::mem::replace(&mut self.started, true);
        for (statistic, counter) in D::STATISTICS.iter().zip(self.counters.as_mut()) {
            let shown = counter.shown.filter(|_| dumped && is_dumped(statistic));
            counter.carried = counter.total;
            counter.base = match shown {
                Some(Reading { value, .. }) if first => value,
                Some(Reading { value, .. }) if value >= counter.last => counter.last,
                _ => 0,
            };
        }
    }

    /// Updates the totals.
    pub(super) fn update<D: Driver>(&mut self, driver: &D, bus: &B) {
        if !self.read(driver, bus, |_| true) {
            return;
        }
        let registers = D::STATISTICS.iter().zip(self.counters.as_ref());
        let mut registers = registers
            .filter(|(statistic, _)| !is_dumped(statistic))
            .filter_map(|(_, counter)| counter.shown)
            .peekable();
        // The device was removed: every register reads as all ones.
        if registers.peek().is_some() && registers.all(|shown| shown.all_ones) {
            return;
        }
        for (statistic, counter) in D::STATISTICS.iter().zip(self.counters.as_mut()) {
            let Some(Reading { value, .. }) = counter.shown else {
                continue;
            };
            counter.last = value;
            counter.total = if statistic.clears {
                counter.total.wrapping_add(value)
            } else {
                let since = value.wrapping_sub(counter.base);
                counter.carried.wrapping_add(since)
            };
        }
    }

    /// Reads the `wanted` counters of the variant; false if the dump fails.
    fn read<D: Driver>(
        &mut self,
        driver: &D,
        bus: &B,
        wanted: impl Fn(&Statistic) -> bool,
    ) -> bool {
        let words: &[AtomicU64] = match &self.block {
            None => &[],
            Some(block) => {
                if driver.statistics_dump(bus, block.address()).is_err() {
                    return false;
                }
                bus.of_memory(block).observe();
                block.words()
            }
        };
        for (statistic, counter) in D::STATISTICS.iter().zip(self.counters.as_mut()) {
            let has_it = wanted(statistic) && statistic.exists_on(driver.variant());
            counter.shown = has_it.then(|| statistic.read(bus, words));
        }
        true
    }
}

fn is_dumped(statistic: &Statistic) -> bool {
    matches!(statistic.source, Source::Block { .. })
}
