//! What is known of a port by its name, before anything is opened.

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

    /// Refuses frames of `len` bytes that a port of this name cannot send from a ring of `slots` slots, as
    /// [`check`](Self::check).
    ///
    /// # Errors
    /// As [`limits`](Self::limits) and [`Limits::check_sent`].
    pub fn check_sent(&self, len: u32, slots: u32) -> Result<()> {
        self.check_limits(|limits| limits.check_sent(len, slots))
    }

    /// Refuses what the port's NIC refuses, or all NICs if it is not known.
    fn check_limits(&self, check: impl Fn(&Limits) -> Result<()>) -> Result<()> {
        if let Some(limits) = self.limits()? {
            return check(&limits);
        }
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
        let limits = variants.map(|each| (Limits::of::<D>(each.name, each.frames), each.qemu));
        limits.collect()
    }
}
