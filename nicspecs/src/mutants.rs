//! Specs with one fact changed.
//!
//! A mutant is an edit of a spec's text. If a test passes on a driver with a wrong fact, it does not check that fact.
//! `cargo xtask mutate` counts how many mutants a rule or the conformance suite catches.

mod descriptors;
mod edit;
mod facts;
mod maker;
mod order;
mod rings;
mod scalars;
mod steps;
mod touched;

use crate::diagnostic::{File, Findings, Lines, Report};
use crate::load::SpecFile;
use crate::tree;
use maker::Maker;
pub use maker::{Kind, Mutant};
use touched::Touched;

/// Every mutant of a spec, in the order of its text. Facts that only the model reads, or that no sequence, ring or
/// interrupt uses, have none. Inherited facts belong to the base spec.
///
/// # Errors
/// The spec itself has errors.
pub fn mutants(file: &SpecFile) -> Result<Vec<Mutant>, Report> {
    let nic = file.compile()?;
    let text = file.text.as_str();
    let mut findings = Findings::default();
    let Some(tree) = tree::scan(text, File::Own, &mut findings) else {
        return Err(file.report(None, findings));
    };
    let mut maker = Maker {
        tree: &tree,
        text,
        lines: Lines::new(text),
        touched: Touched::by_driver(&nic),
        nic: &nic,
        made: Vec::new(),
    };
    facts::registers(&mut maker);
    rings::all(&mut maker);
    descriptors::all(&mut maker);
    facts::state(&mut maker);
    steps::all(&mut maker);
    let mut made = maker.made;
    made.sort_by_key(|mutant| mutant.line);
    let mut names = std::collections::BTreeSet::new();
    made.retain(|mutant| mutant.text(text) != text && names.insert(mutant.name()));
    Ok(made)
}
