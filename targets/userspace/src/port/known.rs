//! What is known of a port by its name, before anything is opened.

use netmap_core::Direction;
use netmap_nics::{Modelled, NAMES, Visitor, by_name};

use super::{Limits, PortConfig};
use crate::bus::qemu::Qemu;
use crate::{BusKind, Error, PortName, Result};

impl PortName {
    /// The limits of the port's NIC; `None` for a QEMU device that no spec names, whose NIC is only known once QEMU runs.
    ///
    /// # Errors
    /// There is no such NIC, or its bus does not work here.
    pub fn limits(&self) -> Result<Option<Limits>> {
        match self.bus {
            BusKind::Sim => self.simulated().map(Some),
            BusKind::Qemu => {
                Qemu::new(&self.device)?;
                Qemu::installed()?;
                let mut all = all().into_iter();
                let named = all.find(|(_, qemu)| *qemu == Some(&self.device));
                Ok(named.map(|(limits, _)| limits))
            }
        }
    }

    /// Refuses a configuration that a port of this name cannot have. This opens nothing and uses no memory, so a program
    /// calls it before it makes a [`Memory`](crate::Memory); [`open`](Self::open) calls it first.
    ///
    /// # Errors
    /// As [`limits`](Self::limits) and [`Limits::check`]. A QEMU device that no spec names is refused what all NICs
    /// refuse.
    pub fn check(&self, config: &PortConfig) -> Result<()> {
        self.check_limits(|limits| limits.check(config))
    }

    /// [Checks](Self::check) a configuration, and returns it with the ring sizes that it does not name, as far as the NIC
    /// is known: a [`Memory`](crate::Memory) made for it has enough buffers.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn fit(&self, config: PortConfig) -> Result<PortConfig> {
        let Some(limits) = self.limits()? else {
            self.check_any(|limits| limits.check(&config))?;
            return Ok(config);
        };
        limits.check(&config)?;
        let [tx_slots, rx_slots] = limits.rings(&config).map(|size| Some(size.slots));
        Ok(PortConfig {
            tx_slots,
            rx_slots,
            ..config
        })
    }

    /// Refuses frames of `len` bytes that a port of this name with that configuration cannot send, as
    /// [`check`](Self::check).
    ///
    /// # Errors
    /// As [`limits`](Self::limits) and [`Limits::check_sent`].
    pub fn check_sent(&self, len: u32, config: &PortConfig) -> Result<()> {
        self.check_limits(|limits| limits.check_sent(len, config))
    }

    /// Refuses more queues of one direction than the port has, as [`check`](Self::check).
    ///
    /// # Errors
    /// As [`limits`](Self::limits) and [`Limits::check_queues`].
    pub fn check_queues(&self, direction: Direction, wanted: u32) -> Result<()> {
        self.check_limits(|limits| limits.check_queues(direction, wanted))
    }

    /// Refuses what the port's NIC refuses, or all NICs if it is not known.
    fn check_limits(&self, check: impl Fn(&Limits) -> Result<()>) -> Result<()> {
        match self.limits()? {
            Some(limits) => check(&limits),
            None => self.check_any(check),
        }
    }

    /// Refuses what all NICs refuse.
    fn check_any(&self, check: impl Fn(&Limits) -> Result<()>) -> Result<()> {
        let mut first = None;
        for (limits, _) in all() {
            match check(&limits) {
                Ok(()) => return Ok(()),
                Err(error) => _ = first.get_or_insert(error),
            }
        }
        first.map_or(Ok(()), |error| {
            Err(self.invalid(format!("no NIC has such a port; {error}")))
        })
    }

    /// The error for a simulated NIC that does not exist.
    pub(crate) fn no_such_nic(&self) -> Error {
        self.invalid(format!("the NICs are {}", NAMES.join(", ")))
    }

    fn invalid(&self, why: String) -> Error {
        Error::Name {
            name: self.to_string(),
            why,
        }
    }

    /// The limits of a simulated NIC.
    fn simulated(&self) -> Result<Limits> {
        let variants = by_name(&self.device, Variants).ok_or_else(|| self.no_such_nic())?;
        let mut named = variants.iter().map(|(limits, _)| limits);
        let found = match &self.variant {
            None => named.next(),
            Some(variant) => named.find(|limits| limits.variant == variant),
        };
        found.copied().ok_or_else(|| {
            let names: Vec<_> = variants.iter().map(|(limits, _)| limits.variant).collect();
            self.invalid(format!("its variants are {}", names.join(", ")))
        })
    }
}

/// The limits of every variant of every NIC, each with its name as a QEMU device.
fn all() -> Vec<(Limits, Option<&'static str>)> {
    let each = NAMES.iter().filter_map(|name| by_name(name, Variants));
    each.flatten().collect()
}

struct Variants;

impl Visitor for Variants {
    type Output = Vec<(Limits, Option<&'static str>)>;

    fn visit<D: Modelled>(self) -> Self::Output {
        let variants = D::MODEL.variants.iter();
        let limits = variants.map(|each| (Limits::of::<D>(each.name, each.limits), each.qemu));
        limits.collect()
    }
}
