//! What ports of all NICs and buses offer alike.

use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::{Driver, Link, Port as _, Statistic};

use super::{Limits, Port};
use crate::bus::UserBus;
use crate::{Control, Error, Identity, Result, RxRing, TxRing};

/// How often a link that is waited for is asked for.
const LINK_EVERY: Duration = Duration::from_millis(20);

impl<D: Driver, B: UserBus> Control for Port<D, B> {
    fn identity(&self) -> Identity {
        Identity {
            nic: D::NAME,
            title: D::TITLE,
            variant: self.driver.variant(),
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
            let link = self.link()?;
            if link != Link::Down {
                self.interrupts.forget_link();
                self.changed = false;
                return Ok(link);
            }
            if since.elapsed() >= timeout {
                return Err(Error::NoLink { waited: timeout });
            }
            // Time on the wire: the time of a simulated bus passes faster.
            thread::sleep(LINK_EVERY.min(timeout));
        }
    }

    fn tick(&mut self) -> Result<Option<Link>> {
        let now = self.look_at_link()?;
        // A link that went and came back between two ticks has changed too.
        Ok(mem::take(&mut self.changed).then_some(now))
    }

    fn limits(&self) -> Limits {
        Limits::of::<D>()
    }

    fn statistic_names(&self) -> &'static [Statistic] {
        D::STATISTICS
    }
}
