//! Control that is the same for all NICs and buses.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::lifecycle::State;
use netmap_core::model::Model;
use netmap_core::register::RegOffset;
use netmap_core::{Direction, Driver, Fault, Link, Reset, RxCounters, Statistic, TxCounters};
use netmap_nics::Modelled;
use netmap_sim::wire::Loss;

use super::{Life, Limits, Parts, Port, RingQueue as _};
use crate::bus::UserBus;
use crate::{Control, Error, Identity, QueueRing, Result, RxRing, TxRing};

/// The polling interval while waiting for the link.
const LINK_EVERY: Duration = Duration::from_millis(20);

/// One of the ways in which a life cycle reads the link.
type ReadLink<D, B> = fn(&mut Life<D, B>, &Parts<D, B>, bool) -> std::result::Result<Link, Fault>;

impl<D: Modelled, B: UserBus> Control for Port<D, B> {
    fn start(&mut self) -> Result<()> {
        let started = self.life.start(&self.parts);
        started.map_err(|fault| self.error(fault))
    }

    fn stop(&mut self) -> Result<()> {
        let stopped = self.life.stop(&self.parts);
        stopped.map_err(|fault| self.error(fault))
    }

    fn reset(&mut self, which: Reset) -> Result<()> {
        let ring = match which {
            Reset::Device | Reset::Link => None,
            Reset::Tx(queue) => Some((Direction::Tx, queue)),
            Reset::Rx(queue) => Some((Direction::Rx, queue)),
        };
        match ring {
            Some((direction, queue)) if queue >= self.config.queues => Err(Error::NoRing {
                direction: direction.name(),
                index: queue,
            }),
            _ => {
                let reset = self.life.reset(&self.parts, which);
                reset.map_err(|fault| self.error(fault))
            }
        }
    }

    fn link(&mut self) -> Result<Link> {
        self.follow_link(Life::read_link)
    }

    fn link_up(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.link_up)
    }

    fn statistics(&mut self) -> Vec<(&'static Statistic, u64)> {
        self.life.update_totals(&self.parts);
        let (life, variant) = (&self.life, self.driver().variant());
        let all = D::STATISTICS.iter().enumerate();
        all.filter(|(_, statistic)| statistic.exists_on(variant))
            .map(|(at, statistic)| (statistic, life.total(at)))
            .collect()
    }

    fn sent(&self) -> u64 {
        let queues = self.parts.tx.iter();
        queues.map(|queue| queue.counters().sent).sum()
    }

    fn losses(&mut self) -> Vec<Loss> {
        let counted = self.statistics().into_iter();
        let counted = counted.filter(|(statistic, _)| statistic.loses);
        let mut losses: Vec<Loss> = counted
            .map(|(statistic, total)| {
                Loss::new(total, format!("lost by the NIC: {}", statistic.name))
            })
            .collect();
        let tx: Vec<TxCounters> = self.parts.tx.iter().map(|queue| queue.counters()).collect();
        let rx: Vec<RxCounters> = self.parts.rx.iter().map(|queue| queue.counters()).collect();
        losses.extend([
            Loss::new(
                tx.iter().map(|tx| tx.dropped).sum(),
                "dropped from a transmit ring at a reset",
            ),
            Loss::new(
                tx.iter().map(|tx| tx.failed).sum(),
                "not sent, as the NIC reports",
            ),
            Loss::new(
                rx.iter().map(|rx| rx.errors).sum(),
                "received damaged or incomplete",
            ),
            Loss::new(
                rx.iter().map(|rx| rx.overlong).sum(),
                "received longer than a buffer",
            ),
        ]);
        losses
    }

    fn identity(&self) -> Identity {
        Identity {
            nic: D::NAME,
            title: D::TITLE,
            variant: self.driver().variant(),
            pci: self.parts.bus.pci().id,
            mac: self.life.mac(),
        }
    }

    fn tx(&mut self, index: u32) -> Result<TxRing> {
        take(&mut self.tx_rings, "tx", index)
    }

    fn rx(&mut self, index: u32) -> Result<RxRing> {
        take(&mut self.rx_rings, "rx", index)
    }

    fn wait_for_link(&mut self, timeout: Duration) -> Result<Link> {
        let since = Instant::now();
        loop {
            let link = self.link()?;
            if link != Link::Down {
                self.parts.interrupts.forget_link();
                self.link_reported = false;
                self.life.take_link_change();
                return Ok(link);
            }
            if since.elapsed() >= timeout {
                return Err(Error::NoLink { waited: timeout });
            }
            // Real time: simulated time passes faster.
            thread::sleep(LINK_EVERY.min(timeout));
        }
    }

    fn tick(&mut self) -> Result<Option<Link>> {
        let now = self.follow_link(Life::poll_link)?;
        // A link that went down and up between two ticks has changed, too.
        let changed = self.life.take_link_change() | mem::take(&mut self.link_reported);
        Ok(changed.then_some(now))
    }

    fn limits(&self) -> Limits {
        let driver = self.driver();
        Limits::of::<D>(driver.variant(), driver.limits())
    }

    fn choose(&mut self, name: &str, value: u32) -> Result<()> {
        let option = self.limits().option(name, value)?;
        self.life.choose(self.life.chosen().choose(option, value));
        Ok(())
    }

    fn chosen(&self, name: &str) -> Option<u32> {
        let at = D::CHOICES.iter().position(|option| option.name == name)?;
        Some(self.life.chosen().chosen(at))
    }

    fn model(&self) -> &'static Model {
        D::MODEL
    }

    fn read_register(&self, at: RegOffset, width: u8) -> u64 {
        match width {
            8 => self.parts.bus.read8(at).into(),
            16 => self.parts.bus.read16(at).into(),
            32 => self.parts.bus.read32(at).into(),
            _ => self.parts.bus.read64(at),
        }
    }
}

impl<D: Driver, B: UserBus> Port<D, B> {
    fn follow_link(&mut self, read: ReadLink<D, B>) -> Result<Link> {
        let runs = self.life.state() == State::Running;
        let reported = runs && self.parts.interrupts.link_changed();
        self.link_reported |= reported;
        let link = read(&mut self.life, &self.parts, reported);
        let is_up = runs && link.is_ok_and(|link| link != Link::Down);
        self.link_up.store(is_up, Relaxed);
        link.map_err(|fault| self.error(fault))
    }

    /// The error for a fault; if the device is gone, with the reason that the bus knows.
    fn error(&self, fault: Fault) -> Error {
        match fault {
            Fault::Gone => Error::Gone {
                source: self.parts.bus.failure().map(Box::new),
            },
            fault => fault.into(),
        }
    }
}

fn take<C>(
    rings: &mut [Option<QueueRing<C>>],
    direction: &'static str,
    index: u32,
) -> Result<QueueRing<C>> {
    let ring = rings.get_mut(index as usize).and_then(Option::take);
    ring.ok_or(Error::NoRing { direction, index })
}
