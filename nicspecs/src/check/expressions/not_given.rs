//! A sequence uses only port values that the port passes to it, and so does every sequence that it runs.

use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::not_given::{HELP, RULE};
use crate::flow;
use crate::ir::Need;
use crate::lifecycle;

/// A sub-sequence uses values that one of its callers does not have.
pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for sequence in &draft.sequences {
        let signature = &sequence.body.signature;
        let Some(port) = lifecycle::port(&signature.name) else {
            continue;
        };
        for (node, callee) in flow::runs(&sequence.body.steps) {
            let lacking = |need: &&Need| callee.needs.has(**need) && !port.given.has(**need);
            for name in Need::ALL.iter().filter(lacking).map(|need| need.name()) {
                let span = draft.tree.span_at(node, "run");
                let message = format!(
                    "`{}` uses `{name}`, which is not available in `{}`",
                    callee.name, signature.name
                );
                findings.add(RULE.at(span, message).help(HELP));
            }
        }
    }
}
