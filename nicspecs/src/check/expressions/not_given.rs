//! A sequence uses only what the port gives it, itself and in what it runs.

use crate::diagnostic::{FindingDraft, Findings};
use crate::draft::Draft;
use crate::errors::not_given::{HELP, RULE};
use crate::flow;
use crate::ir::Need;
use crate::lifecycle;

/// A sub-sequence uses values that one of its callers is not given.
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
                    "`{}` uses `{name}`, which is not known in `{}`",
                    callee.name, signature.name
                );
                findings.add(FindingDraft::new(&RULE, span, message).help(HELP));
            }
        }
    }
}
