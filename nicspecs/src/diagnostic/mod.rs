//! Places, rules, findings and reports. This module uses no other module, and all of them use it.

mod finding;
mod joined;
mod report;
mod rule;
mod source;
mod span;

pub(crate) use finding::{FindingDraft, Findings};
pub use report::{Finding, Report};
pub use rule::{RuleInfo, TOY};
pub use source::FilePlace;
pub(crate) use source::{Note, Source};
pub use span::Line;
pub(crate) use span::{File, Lines, NodeId, Span};
