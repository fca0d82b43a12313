//! Places, rules, findings and reports. This module uses no other module, and all of them use it.

mod finding;
mod report;
mod rule;
mod span;

pub(crate) use finding::{FindingDraft, Findings};
pub(crate) use report::Source;
pub use report::{Finding, Report};
pub use rule::{RuleInfo, TOY};
pub use span::Line;
pub(crate) use span::{File, Lines, NodeId, Span};
