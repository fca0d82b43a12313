//! Control that is the same for all NICs and buses.

use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::model::Model;
use netmap_core::register::RegOffset;
use netmap_core::{Link, Statistic};
use netmap_nics::Modelled;

use super::config::choose;
use super::{Limits, Port};
use crate::bus::UserBus;
use crate::{Control, Error, Identity, Result, RxRing, TxRing};

/// The polling interval while waiting for the link.
const LINK_EVERY: Duration = Duration::from_millis(20);

impl<D: Modelled, B: UserBus> Control for Port<D, B> {
    fn identity(&self) -> Identity {
        Identity {
            nic: D::NAME,
            title: D::TITLE,
            variant: self.driver.variant(),
            pci: self.bus.pci_id(),
            mac: self.mac,
        }
    }

    fn tx(&mut self, index: usize) -> Result<TxRing> {
        let ring = self.tx_rings.get_mut(index).and_then(Option::take);
        ring.ok_or(Error::NoRing {
            direction: "tx",
            index,
        })
    }

    fn rx(&mut self, index: usize) -> Result<RxRing> {
        let ring = self.rx_rings.get_mut(index).and_then(Option::take);
        ring.ok_or(Error::NoRing {
            direction: "rx",
            index,
        })
    }

    fn wait_for_link(&mut self, timeout: Duration) -> Result<Link> {
        let since = Instant::now();
        loop {
            let link = self.look_at_link()?;
            if link != Link::Down {
                self.interrupts.forget_link();
                self.changed = false;
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
        let now = self.look_at_link()?;
        // A link that went down and up between two ticks has changed, too.
        Ok(mem::take(&mut self.changed).then_some(now))
    }

    fn limits(&self) -> Limits {
        Limits::of::<D>(self.driver.frame_limits())
    }

    fn choose(&mut self, name: &str, value: u32) -> Result<()> {
        self.chosen = choose(self.chosen, name, value)?;
        Ok(())
    }

    fn chosen(&self, name: &str) -> Option<u32> {
        let at = D::CHOICES.iter().position(|option| option.name == name)?;
        Some(self.chosen.chosen(at))
    }

    fn model(&self) -> &'static Model {
        D::MODEL
    }

    fn read_register(&self, at: RegOffset, width: u8) -> u64 {
        match width {
            8 => self.bus.read8(at).into(),
            16 => self.bus.read16(at).into(),
            32 => self.bus.read32(at).into(),
            _ => self.bus.read64(at),
        }
    }

    fn statistic_names(&self) -> &'static [Statistic] {
        D::STATISTICS
    }
}
