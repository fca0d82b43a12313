//! The spec language: reads `nicspecs/*.yaml`, checks it, and lowers it to a model that templates consume.
//!
//! Its modules form layers, one on each line. A module uses only modules of earlier lines; the test `layers` checks
//! this:
//!
//! 1. `bounds`, `diagnostic`, `number`, `suggest`, `words`: bounds of the language; places in a file, findings, rules,
//!    reports; the grammar of numbers; names that are near; values that are one of a few words.
//! 2. `identifiers`: identifiers of the generated code.
//! 3. `errors`: the rules that reading and lowering check.
//! 4. `tree`, `ir`: the text as nodes with positions; the model that templates consume.
//! 5. `load`, `schema`, `expr`, `printer`, `lifecycle`, `place`: specs on disk; the words of the language, and items read
//!    as they say; the text of expressions, read and printed; the sequences that a port calls; where registers lie.
//! 6. `like`, `renamed`, `claim`, `gaps`, `draft`: what a spec inherits; names that its base spec has changed; the PCI ids
//!    that it claims; what is not filled in yet; a model whose rules are not checked.
//! 7. `flow`: what sequences write.
//! 8. `decider`: what bits are once a port has come up.
//! 9. `lower`: from nodes to a draft: names resolved, expressions typed.
//! 10. `check`: a table of rules and the functions that look at a draft, one rule a file.
//! 11. `compile`: all of it, from a file to its model or to its report.
//! 12. `removal`, `mutants`, `difference`, `format`: facts removed or changed, states compared, texts formatted.
//!
//! The result is an [`ir::Nic`], which proves that every rule passed, or a [`Report`] of all errors.
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

mod bounds;
mod check;
mod claim;
mod compile;
mod decider;
mod diagnostic;
pub mod difference;
mod draft;
mod errors;
mod expr;
mod flow;
mod format;
mod gaps;
pub mod identifiers;
pub mod ir;
pub mod lifecycle;
mod like;
mod load;
mod lower;
pub mod mutants;
mod number;
mod place;
mod printer;
pub mod removal;
mod renamed;
pub mod schema;
mod suggest;
mod tree;
mod words;

pub use check::rules;
pub use claim::Claim;
pub use compile::compile;
pub use diagnostic::{FilePlace, Finding, Report, RuleInfo, TOY};
pub use format::NotFormatted;
pub use gaps::with_gaps;
pub use load::{Error, SpecFile, TOYS, load, load_dir, load_with_toys, together};
pub use printer::Printer;
