//! A sequence that returns something ends with `return`, and no other has one.

use super::RuleInfo;
use crate::ir::Action;
use crate::lower::Draft;
use crate::report::FindingDraft;
use crate::report::Findings;
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0612",
    "return that does not match",
    "A sequence that returns something ends with `return`, and no other has one.",
    &[("      - return: \"MDIC.DATA\"\n", "")],
)
.checked_by(check);

fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for sequence in draft.sequences.iter().filter(|sequence| sequence.complete) {
        let last = sequence.body.steps.last().map(|step| &step.action);
        let ends = matches!(
            last,
            Some(Action::Return(_) | Action::ReturnMac(_) | Action::Fail(_))
        );
        let name = &sequence.body.signature.name;
        if sequence.body.signature.returns.is_some() && !ends {
            let span = draft.tree.key_span(sequence.node);
            let finding = FindingDraft::new(&RULE, span, format!("`{name}` ends without `return`"));
            let returns = draft.tree.span_at(sequence.node, "returns");
            findings.add(
                finding
                    .label(returns, "says that it returns something")
                    .help("add `- return:` as its last step"),
            );
        }
    }
}

pub(crate) fn not_last(span: Span, sequence: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{sequence}` returns before its end"))
        .help("`return` is the last step of a sequence and stands in no other step")
}

pub(crate) fn not_declared(span: Span, sequence: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{sequence}` has no `returns`"))
        .help("add `returns: u16` beside `steps`, or remove this step")
}
