//! From compiled specs to the files of the crate `netmap-nics`.
//!
//! Templates only print. The contents are computed in `nicspecs` or in the views of this module, one per file.

mod bits;
mod block;
mod boundary;
mod crate_root;
mod desc;
mod device;
mod driver;
mod expr;
mod facts;
mod freebsd;
mod functions;
#[cfg(test)]
mod golden;
mod imports;
mod inherited;
mod messages;
mod model;
mod module;
mod register;
mod regs;
mod state;
mod statistics;
mod steps;
mod tables;
mod text;
mod used;
mod variant;

use std::path::{Path, PathBuf};

use askama::Template;
use miette::IntoDiagnostic;
use nicspecs::ir::Nic;

use self::facts::Facts;
use crate::outputs::Outputs;
use crate::rustfmt;

/// Every file, for all NICs.
pub fn all(nics: &[Nic]) -> miette::Result<Outputs> {
    let mut outputs = unformatted(nics)?;
    rustfmt::format(&mut outputs)?;
    Ok(outputs)
}

/// Every file as the templates print it.
pub fn unformatted(nics: &[Nic]) -> miette::Result<Outputs> {
    let mut outputs = Outputs::from([
        ("src/lib.rs".into(), print(&crate_root::CrateRoot { nics })?),
        ("src/pieces.rs".into(), print(&crate_root::Pieces)?),
        ("src/steps.rs".into(), print(&crate_root::Steps)?),
        ("src/tables.rs".into(), print(&crate_root::Tables)?),
    ]);
    for nic in nics {
        module_of(nic, &mut outputs)?;
    }
    Ok(outputs)
}

/// The files of one NIC.
pub fn one(nic: &Nic) -> miette::Result<Outputs> {
    let mut outputs = Outputs::new();
    module_of(nic, &mut outputs)?;
    rustfmt::format(&mut outputs)?;
    Ok(outputs)
}

/// The tables for the C half of the kernel module: with the lists of `all` NICs, or only the files of these NICs.
pub fn freebsd(nics: &[Nic], all: bool) -> miette::Result<Outputs> {
    let folder = PathBuf::from("freebsd");
    let mut outputs = Outputs::new();
    for nic in nics {
        if let Some(view) = freebsd::FreebsdNic::new(nic) {
            let name = format!("{}.c", freebsd::symbol(nic));
            outputs.insert(folder.join(name), print(&view)? + "\n");
        }
    }
    if all {
        let symbols: Vec<_> = nics.iter().map(freebsd::symbol).collect();
        let symbols = &symbols;
        let list = print(&freebsd::FreebsdNics { symbols })? + "\n";
        outputs.insert(folder.join("nmd_nics.c"), list);
        let make = print(&freebsd::FreebsdMake { symbols })? + "\n";
        outputs.insert(folder.join("nmd_nics.mk"), make);
    }
    Ok(outputs)
}

/// The C header of the kernel module's boundary, from the sources in `root`; empty if there are none.
pub fn freebsd_boundary(root: &Path) -> miette::Result<Outputs> {
    let header = boundary::header(root)?;
    let path = Path::new("freebsd").join("nmd_boundary.h");
    Ok(header.map(|header| (path, header)).into_iter().collect())
}

fn module_of(nic: &Nic, outputs: &mut Outputs) -> miette::Result<()> {
    let facts = Facts::new(nic);
    let folder = PathBuf::from("src").join(nic.module());
    let mut file = |name: &str, text: String| outputs.insert(folder.join(name), text);
    file("mod.rs", print(&module::Module::new(&facts))?);
    file("regs.rs", print(&regs::Regs::new(&facts))?);
    file("desc.rs", print(&desc::Desc::new(&facts))?);
    file("driver.rs", driver::file(&facts)?);
    if let Some(messages) = &nic.interrupts().messages {
        file("messages.rs", messages::file(&facts, messages)?);
    }
    file("statistics.rs", statistics::file(&facts));
    file("model.rs", model::file(&facts)?);
    file("variant.rs", variant::file(&facts)?);
    Ok(())
}

fn print(template: &impl Template) -> miette::Result<String> {
    template.render().into_diagnostic()
}
