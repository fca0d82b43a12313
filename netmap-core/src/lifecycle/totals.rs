//! Totals of a NIC's counters over resets.

use crate::atomic::AtomicU64;
use crate::{Bus, Clearing, Dma as _, DmaError, Driver, Fault, Source, Statistic};

/// One counter: its total, and the values to compute it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counter {
    /// The total since the port was opened.
    total: u64,
    /// The total when the device's counter was at `base`.
    carried: u64,
    base: u64,
    last: u64,
    /// The value just read; `None` if it was not read, or the variant does not have the counter.
    shown: Option<u64>,
}

/// Totals since a port was opened: one [`Counter`] for each of [`crate::Nic::STATISTICS`], in the target's memory `C`.
///
/// A start calls [`begin`](Self::begin) and [`started`](Self::started), a stop [`update`](Self::update) and
/// [`stopped`](Self::stopped). So a total has neither what a counter counted before the port was opened nor what it shows
/// after a reset, and misses nothing that the device counted before it stood still.
pub(super) struct Totals<B: Bus, C> {
    /// The memory for the device's dump of counters, if it has one.
    block: Option<B::Dma>,
    counters: C,
    /// The device was started before.
    started: bool,
}

impl<B: Bus, C: AsRef<[Counter]> + AsMut<[Counter]>> Totals<B, C> {
    pub(super) fn new<D: Driver>(
        driver: &D,
        bus: &B,
        counters: C,
    ) -> Result<Totals<B, C>, DmaError> {
        const ALIGN: usize = 64;
        let block = match D::STATISTICS_BLOCK as usize {
            0 => None,
            bytes => Some(bus.dma_alloc(bytes, ALIGN, driver.limits().tx.address_bits)?),
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

    /// Called after a reset, before any queue runs: what registers show now was not counted by this port. Their values
    /// after a reset are unknown.
    pub(super) fn begin<D: Driver>(&mut self, driver: &D, bus: &B) {
        // A device that is gone does not start.
        let _ = self.read(driver, bus, |statistic| !is_dumped(statistic));
        for counter in self.counters.as_mut() {
            counter.carried = counter.total;
            if let Some(value) = counter.shown {
                (counter.base, counter.last) = (value, value);
            }
        }
    }

    /// Called after a start. Some devices dump counters only while they run. Dumped counters may have survived the reset,
    /// and may have counted before the first start.
    pub(super) fn started<D: Driver>(&mut self, driver: &D, bus: &B) {
        let dumped = self.block.is_some() && self.read(driver, bus, is_dumped);
        let first = !core::mem::replace(&mut self.started, true);
        for (statistic, counter) in D::STATISTICS.iter().zip(self.counters.as_mut()) {
            if !is_dumped(statistic) {
                continue;
            }
            counter.base = match counter.shown.filter(|_| dumped) {
                Some(value) if first => value,
                Some(value) if value >= counter.last => counter.last,
                _ => 0,
            };
        }
    }

    /// Updates the totals of a running device.
    pub(super) fn update<D: Driver>(&mut self, driver: &D, bus: &B) {
        if self.read(driver, bus, |_| true) {
            self.add::<D>();
        }
    }

    /// Updates the totals of registers after the device has stopped: it may have counted since the last update, and its
    /// next reset clears them.
    pub(super) fn stopped<D: Driver>(&mut self, driver: &D, bus: &B) {
        if self.read(driver, bus, |statistic| !is_dumped(statistic)) {
            self.add::<D>();
        }
    }

    /// Adds what was read to the totals.
    fn add<D: Driver>(&mut self) {
        for (statistic, counter) in D::STATISTICS.iter().zip(self.counters.as_mut()) {
            let Some(value) = counter.shown else {
                continue;
            };
            counter.last = value;
            counter.total = match statistic.clearing {
                Clearing::Read | Clearing::Write => counter.total.wrapping_add(value),
                Clearing::Reset => {
                    let since = value.wrapping_sub(counter.base);
                    counter.carried.wrapping_add(since)
                }
            };
        }
    }

    /// Reads the `wanted` counters of the variant; false if the dump fails or the device is gone, whose registers read all
    /// ones.
    fn read<D: Driver>(
        &mut self,
        driver: &D,
        bus: &B,
        wanted: impl Fn(&Statistic) -> bool,
    ) -> bool {
        let mut statistics = D::STATISTICS.iter();
        let needs_dump = statistics.any(|statistic| is_dumped(statistic) && wanted(statistic));
        let words: &[AtomicU64] = match self.block.as_ref().filter(|_| needs_dump) {
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
        driver.link_poll(bus) != Err(Fault::Gone)
    }
}

fn is_dumped(statistic: &Statistic) -> bool {
    matches!(statistic.source, Source::Block { .. })
}
