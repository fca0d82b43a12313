//! Totals of a NIC's counters over resets.

use netmap_core::{Bus as _, Dma as _, Driver, Source, Statistic};

use crate::bus::{KernelBus, KernelDma};
use crate::failure::Failure;
use crate::owned::Owned;

/// Totals since a port was attached.
pub(crate) struct Totals {
    /// What the device dumps its counters to, if it has any that it dumps.
    block: Option<KernelDma>,
    /// In the order of the NIC's list.
    counters: Owned<Cell>,
    /// Whether the device was started before.
    started: bool,
}

/// What is known of a counter, behind a gate because `Owned` shares its values.
type Cell = netmap_core::Gate<Counter>;

#[derive(Default)]
struct Counter {
    total: u64,
    /// The total when the counter stood at `base`.
    carried: u64,
    base: u64,
    last: u64,
}

impl Totals {
    pub(crate) fn new<D: Driver>(bus: &KernelBus) -> Result<Totals, Failure> {
        const ALIGN: usize = 64;
        let block = match D::STATISTICS_BLOCK as usize {
            0 => None,
            bytes => Some(bus.dma_alloc(bytes, ALIGN, D::TX.address_bits)?),
        };
        let count = D::STATISTICS.len();
        Ok(Totals {
            block,
            counters: Owned::new(bus.device(), count, |_| Ok(Cell::new(Counter::default())))?,
            started: false,
        })
    }

    /// The total of counter number `at`; 0 if there is none.
    pub(crate) fn total(&self, at: usize) -> u64 {
        let counter = self.counters.get(at).and_then(Cell::enter);
        counter.map_or(0, |counter| counter.total)
    }

    /// The device was reset and runs. Registers start from zero; counters that are dumped may have survived, and may have
    /// counted before anybody looked.
    pub(crate) fn started<D: Driver>(&mut self, driver: &D, bus: &KernelBus) {
        let is_dumped = self.dump(driver, bus) && self.block.is_some();
        let first = !core::mem::replace(&mut self.started, true);
        for (statistic, cell) in D::STATISTICS.iter().zip(self.counters.iter()) {
            let Some(mut counter) = cell.enter() else {
                continue;
            };
            counter.carried = counter.total;
            let now = (is_dumped && in_block(statistic)).then(|| self.read(driver, bus, statistic));
            counter.base = match now {
                Some(now) if first => now,
                Some(now) if now >= counter.last => counter.last,
                _ => 0,
            };
        }
    }

    /// Brings the totals up to date.
    pub(crate) fn update<D: Driver>(&mut self, driver: &D, bus: &KernelBus) {
        if !self.dump(driver, bus) {
            return;
        }
        // A device that is gone answers every counter with ones; to read one that clears has an effect on one that is not.
        let mut is_gone = true;
        for (statistic, cell) in D::STATISTICS.iter().zip(self.counters.iter()) {
            if !statistic.is_on(driver.variant()) {
                continue;
            }
            let value = self.read(driver, bus, statistic);
            is_gone &= !in_block(statistic) && value >= u64::from(u32::MAX);
            if is_gone {
                return;
            }
            let Some(mut counter) = cell.enter() else {
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

    /// Has the device dump its counters if it does so; whether there is something to read.
    fn dump<D: Driver>(&self, driver: &D, bus: &KernelBus) -> bool {
        match &self.block {
            None => true,
            Some(block) => {
                let dumped = driver.statistics_dump(bus, block.address()).is_ok();
                bus.of_ring(block).observe();
                dumped
            }
        }
    }

    fn read<D: Driver>(&self, driver: &D, bus: &KernelBus, statistic: &Statistic) -> u64 {
        let words = self.block.as_ref().map_or(&[][..], |block| block.words());
        if statistic.is_on(driver.variant()) {
            statistic.read(bus, words)
        } else {
            0
        }
    }
}

fn in_block(statistic: &Statistic) -> bool {
    matches!(statistic.source, Source::Block { .. })
}
