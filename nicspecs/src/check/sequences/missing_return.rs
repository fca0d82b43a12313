//! A sequence with `returns` ends with `return`, and no other sequence has one.

use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::missing_return::RULE;
use crate::ir::Action;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for sequence in draft.sequences.iter().filter(|sequence| sequence.complete) {
        let last = sequence.body.steps.last().map(|step| &step.action);
        let ends = matches!(
            last,
            Some(Action::Return(_) | Action::ReturnMac(_) | Action::Fail(_))
        );
        let name = &sequence.body.signature.name;
        if sequence.body.signature.returns.is_some() && !ends {
            let returns = draft.tree.span_at(sequence.node, "returns");
            let message = format!("`{name}` ends without `return`");
            findings.add(
                RULE.at(draft.tree.key_span(sequence.node), message)
                    .label(returns, "declares a result")
                    .help("add `- return:` as its last step"),
            );
        }
    }
}
