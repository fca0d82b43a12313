//! Totals of a NIC's counters over resets.

use netmap_core::{Bus, Dma as _, Driver, Source, Statistic};

use crate::Result;

/// Totals since a port was opened.
pub(super) struct Totals<B: Bus> {
    /// The memory for counters that the device dumps, if it has any.
    block: Option<B::Dma>,
    counters: Vec<Counter>,
    totals: Vec<u64>,
    /// Whether the device was started before.
    started: bool,
}

/// The state of a counter.
#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    /// The total when the counter was `base`.
    carried: u64,
    base: u64,
    last: u64,
}

impl<B: Bus> Totals<B> {
    pub(super) fn new<D: Driver>(bus: &B) -> Result<Totals<B>> {
        const ALIGN: usize = 64;
        let bytes = D::STATISTICS_BLOCK as usize;
        let block = match bytes {
            0 => None,
            _ => Some(bus.dma_alloc(bytes, ALIGN, D::TX.address_bits)?),
        };
        Ok(Totals {
            block,
            counters: vec![Counter::default(); D::STATISTICS.len()],
            totals: vec![0; D::STATISTICS.len()],
            started: false,
        })
    }

    pub(super) fn totals(&self) -> &[u64] {
        &self.totals
    }

    /// Called after a reset, when the device runs. Registers start from zero; dumped counters may have survived the
    /// reset or counted before the first dump.
    pub(super) fn started<D: Driver>(&mut self, driver: &D, bus: &B) {
        let dumped = match &self.block {
            Some(_) => self.values(driver, bus, in_block),
            None => None,
        };
        for (at, counter) in self.counters.iter_mut().enumerate() {
            let now = dumped.as_ref().and_then(|values| values[at]);
            counter.carried = self.totals[at];
            counter.base = match now {
                Some(now) if !self.started => now,
                Some(now) if now >= counter.last => counter.last,
                _ => 0,
            };
        }
        self.started = true;
    }

    /// Updates the totals.
    pub(super) fn update<D: Driver>(&mut self, driver: &D, bus: &B) {
        let Some(values) = self.values(driver, bus, |_| true) else {
            return;
        };
        let in_registers = D::STATISTICS.iter().zip(&values);
        let mut in_registers = in_registers
            .filter(|(statistic, _)| !in_block(statistic))
            .filter_map(|(_, value)| *value)
            .peekable();
        if in_registers.peek().is_some() && in_registers.all(|value| value >= u64::from(u32::MAX)) {
            // All ones: the device is gone.
            return;
        }
        for (at, (statistic, value)) in D::STATISTICS.iter().zip(values).enumerate() {
            let Some(value) = value else { continue };
            let (counter, total) = (&mut self.counters[at], &mut self.totals[at]);
            counter.last = value;
            *total = if statistic.clears {
                total.wrapping_add(value)
            } else {
                counter
                    .carried
                    .wrapping_add(value.wrapping_sub(counter.base))
            };
        }
    }

    /// The values of the wanted counters that the variant has; `None` if the device does not dump them.
    fn values<D: Driver>(
        &self,
        driver: &D,
        bus: &B,
        wanted: impl Fn(&Statistic) -> bool,
    ) -> Option<Vec<Option<u64>>> {
        let words = match &self.block {
            Some(block) => {
                driver.statistics_dump(bus, block.address()).ok()?;
                bus.observe();
                block.words()
            }
            None => &[],
        };
        let read = |statistic: &Statistic| {
            let is_wanted = wanted(statistic) && statistic.is_on(driver.variant());
            is_wanted.then(|| statistic.read(bus, words))
        };
        Some(D::STATISTICS.iter().map(read).collect())
    }
}

fn in_block(statistic: &Statistic) -> bool {
    matches!(statistic.source, Source::Block { .. })
}
