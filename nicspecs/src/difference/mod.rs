//! What changed between two states of a spec, in terms of the hardware.
//!
//! Both sides become lists of items, one for each thing that has a name, with its facts as the spec writes them: the
//! schema says what the keys are. A test changes each scalar of a spec and asks whether the comparison reports it. [`between`] compares item by
//! item, and sequences step by step. What a change means for the hardware and which steps it reaches is found out
//! afterwards.
//!
//! ```
//! use nicspecs::difference::{Side, between};
//!
//! let old = Side::read("toy.yaml", nicspecs::TOY)?;
//! let new = Side::read("toy.yaml", &nicspecs::TOY.replace("READY: { bits: 2 }", "READY: { bits: 3 }"))?;
//! let changes = between(&old, &new);
//! assert_eq!(changes.len(), 1);
//! assert_eq!(changes[0].subject.to_string(), "STATUS.READY");
//! assert!(changes[0].meaning[0].contains("bit 3 (mask 0x00000008)"));
//! # Ok::<(), nicspecs::Report>(())
//! ```

mod change;
mod compare;
mod facts;
mod flat;
mod meaning;
mod mentions;
mod named;
mod renames;
mod side;
mod steps;
#[cfg(test)]
mod tests;

pub use change::{
    Change, Difference, Fact, Kind, Mention, Sort, StepChange, StepKind, Subject, Where,
};
pub use compare::between;
pub use side::Side;
