//! The spec language: reads `nicspecs/*.yaml`, checks it, and lowers it to a model that templates consume.
//!
//! A spec goes through four steps, each of which knows nothing of the next:
//!
//! 1. `tree`: the text as nodes with positions, filled up with those of the spec it is `like`.
//! 2. `raw`: what each item says, typed.
//! 3. `lower`: names resolved, expressions typed; a draft.
//! 4. `check`: one rule a file, on the draft.
//!
//! What comes out is a [`ir::Nic`], which proves that every rule passed, or a [`Report`] of everything that is wrong.
//!
//! ```
//! let nic = nicspecs::compile("toy.yaml", nicspecs::TOY)?;
//! assert_eq!(nic.title(), "Toy NIC");
//! assert!(nic.sequence("reset").is_some());
//!
//! let typo = nicspecs::TOY.replace("flush: STATUS", "flush: STATSU");
//! let report = nicspecs::compile("toy.yaml", &typo).unwrap_err();
//! assert!(report.short().ends_with("NS0501: there is no register `STATSU`\n"));
//! # Ok::<(), nicspecs::Report>(())
//! ```
#![forbid(unsafe_code)]

mod check;
mod decider;
pub mod difference;
mod expr;
mod flow;
mod gaps;
pub mod ir;
pub mod lifecycle;
mod like;
mod load;
mod lower;
pub mod mutants;
mod place;
mod raw;
pub mod removal;
mod report;
mod suggest;
mod tree;

pub use check::{RuleInfo, TOY, rules};
pub use load::{Error, SpecFile, load, load_dir};
pub use report::{Finding, Report};

use report::Findings;

/// Compiles a spec that stands alone. `name` is its file's name or path; its stem is the name that the spec has to give
/// itself. One that is `like` another is a [`SpecFile`], which knows the other.
pub fn compile(name: &str, text: &str) -> Result<ir::Nic, Report> {
    SpecFile::new(name, text).compile()
}

/// Compiles a spec with the one it is like, if that is known.
fn compile_file(file: &SpecFile) -> Result<ir::Nic, Report> {
    match read(file) {
        (Some(nic), None) => Ok(nic),
        (_, Some(report)) => Err(report),
        (None, None) => unreachable!("a spec is refused with a reason"),
    }
}

/// Reads a spec with the one it is like: what it means, if every part of it has a meaning, and what is wrong with it. A
/// model that comes with a report breaks rules.
fn read(file: &SpecFile) -> (Option<ir::Nic>, Option<Report>) {
    let mut findings = Findings::default();
    let name = file.path.to_string_lossy();
    let like = like::read(file, &mut findings);
    let mut nic = None;
    if let Some(tree) = &like.tree {
        let draft = lower::lower(tree, stem(&name), &mut findings);
        let whole = findings.is_empty();
        check::run(&draft, &mut findings);
        nic = lower::finish(draft).filter(|_| whole);
        let gaps = gaps::Gaps::of(tree);
        if !gaps.is_empty() {
            gaps.report(&mut findings);
            nic = None;
        }
    }
    if nic.is_none() && findings.is_empty() {
        // Nothing is refused without a reason, even if the reason is only that nobody thought of it.
        findings.add(check::wrong_type::finding(
            tree::Span::top(),
            "a spec",
            "what the language reference says",
            None,
        ));
    }
    if let Some(parent) = &like.parent {
        findings.trace(parent);
    }
    let report = (!findings.is_empty()).then(|| Report::new(file, like.place, findings));
    (nic, report)
}

/// A file's name without folders and without its ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.strip_suffix(".yaml").unwrap_or(file)
}
