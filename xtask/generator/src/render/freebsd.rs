//! `freebsd/`: the NICs' tables for the C half of the kernel module.

use askama::Template;
use nicspecs::ir::{Nic, PciId};

use super::steps::literal;

/// The file of one NIC.
#[derive(Template)]
#[template(path = "freebsd_nic.c.jinja", escape = "none")]
pub struct FreebsdNic<'a> {
    nic: &'a Nic,
    symbol: String,
    title: String,
    ids: Vec<Id>,
    /// -1 means the first memory BAR.
    bar: i16,
    bar_bytes: u64,
    /// MSI-X messages.
    vectors: u32,
}

/// A PCI id and the title of such a device.
struct Id {
    vendor: String,
    device: String,
    title: String,
}

impl<'a> FreebsdNic<'a> {
    /// The view of a NIC; `None` if its spec has no space for registers.
    pub fn new(nic: &'a Nic) -> Option<Self> {
        let space = nic.spaces().first()?;
        let mut known: Vec<PciId> = Vec::new();
        let mut ids = Vec::new();
        for variant in nic.variants() {
            for id in &variant.pci {
                // Variants with the same id differ in registers, which are not read before a driver attaches.
                let shared = nic.variants().iter().filter(|other| other.pci.contains(id));
                let title = if shared.count() > 1 {
                    nic.title()
                } else {
                    &variant.title
                };
                if !known.contains(id) {
                    known.push(*id);
                    ids.push(Id {
                        vendor: format!("{:#06x}", id.vendor),
                        device: format!("{:#06x}", id.device),
                        title: literal(title),
                    });
                }
            }
        }
        Some(Self {
            nic,
            symbol: symbol(nic),
            title: literal(nic.title()),
            ids,
            bar: space.bar.map_or(-1, i16::from),
            bar_bytes: space.size,
            vectors: nic
                .interrupts()
                .messages
                .as_ref()
                .map_or(0, |messages| messages.count),
        })
    }
}

/// The list of all NICs.
#[derive(Template)]
#[template(path = "freebsd_nics.c.jinja", escape = "none")]
pub struct FreebsdNics {
    symbols: Vec<String>,
}

impl FreebsdNics {
    /// The view of all NICs.
    pub fn new(nics: &[Nic]) -> Self {
        Self {
            symbols: nics.iter().map(symbol).collect(),
        }
    }
}

/// The list of files for make.
#[derive(Template)]
#[template(path = "freebsd_nics.mk.jinja", escape = "none")]
pub struct FreebsdMake {
    symbols: Vec<String>,
}

impl FreebsdMake {
    /// The view of all NICs.
    pub fn new(nics: &[Nic]) -> Self {
        Self {
            symbols: nics.iter().map(symbol).collect(),
        }
    }
}

/// Name of the NIC's table and file.
pub fn symbol(nic: &Nic) -> String {
    format!("nmd_{}", nic.module())
}
