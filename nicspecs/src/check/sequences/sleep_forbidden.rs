//! A sequence with `may_sleep: false` does not sleep, and neither do the sequences that it runs.

use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::sleep_forbidden::{HELP, RULE};
use crate::flow;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for sequence in draft
        .sequences
        .iter()
        .filter(|sequence| !sequence.body.signature.may_sleep)
    {
        let name = &sequence.body.signature.name;
        for (node, callee) in flow::runs(&sequence.body.steps) {
            if callee.sleeps {
                let message = format!("`{name}` may not sleep, but `{}` does", callee.name);
                findings.add(RULE.at(draft.tree.span_at(node, "run"), message).help(HELP));
            }
        }
    }
}
