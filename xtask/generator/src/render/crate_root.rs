//! The files above the NICs: `lib.rs` with their list, and the code that all drivers share.

use askama::Template;
use nicspecs::ir::Nic;

use super::facts::Facts;

/// The file.
#[derive(Template)]
#[template(path = "lib.rs.jinja", escape = "none")]
pub struct CrateRoot {
    nics: Vec<Entry>,
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
        }
    }
}

/// `pieces.rs`, the same for any list of NICs.
#[derive(Template)]
#[template(path = "pieces.rs.jinja", escape = "none")]
pub struct Pieces;

/// `steps.rs`, the same for any list of NICs.
#[derive(Template)]
#[template(path = "steps.rs.jinja", escape = "none")]
pub struct Steps;

/// `tables.rs`, the same for any list of NICs.
#[derive(Template)]
#[template(path = "tables.rs.jinja", escape = "none")]
pub struct Tables;
