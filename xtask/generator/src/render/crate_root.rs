//! The files above the NICs: `lib.rs` with their list, and the code that all drivers share.

use askama::Template;
use nicspecs::ir::Nic;

use super::facts::driver;

#[derive(Template)]
#[template(path = "lib.rs.jinja", escape = "none")]
pub struct CrateRoot<'a> {
    pub nics: &'a [Nic],
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
