//! `lib.rs`: the list of NICs.

use askama::Template;
use nicspecs::ir::Nic;

use super::facts::Facts;

/// The file.
#[derive(Template)]
#[template(path = "lib.rs.jinja", escape = "none")]
pub struct CrateRoot {
    nics: Vec<Entry>,
    verifies: bool,
}

/// One NIC.
struct Entry {
    module: String,
    driver: String,
}

impl CrateRoot {
    /// The view of all NICs.
    pub fn new(nics: &[Nic]) -> Self {
        let entry = |nic: &Nic| Entry {
            module: nic.module(),
            driver: Facts::new(nic).driver(),
        };
        Self {
            nics: nics.iter().map(entry).collect(),
            verifies: nics.iter().any(|nic| Facts::new(nic).verifies()),
        }
    }
}
