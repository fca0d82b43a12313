//! What an order rule names first is written first, and not again afterwards in the same sequence.

use super::RuleInfo;
use crate::flow::{self, Effect, Write};
use crate::ir::OrderRule;
use crate::lifecycle;
use crate::lower::Draft;
use crate::lower::Sited;
use crate::report::FindingDraft;
use crate::report::Findings;
use crate::tree::{NodeId, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0701",
    "broken order",
    "What an order rule names first is written first, and not again afterwards in the same sequence.",
    &[
    ("      - write: { \"TDT[queue]\": 0 }\n      - write: { \"TXCTL[queue]\": { THRESHOLD: 0, ENABLE: 1 } }\n", "      - write: { \"TXCTL[queue]\": { THRESHOLD: 0, ENABLE: 1 } }\n      - write: { \"TDT[queue]\": 0 }\n"),
    ],
).checked_by(check);

fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if !draft.sequences_are_complete() {
        return;
    }
    for rule in &draft.order {
        let mut earlier: Vec<&str> = Vec::new();
        for port in &lifecycle::PORT {
            let Some(sequence) = draft.sequence(port.name) else {
                continue;
            };
            let writes = flow::writes(&draft.sequences, &sequence.body.steps);
            if let Some(finding) = one(draft, rule, &writes, &earlier) {
                findings.add(finding);
            }
            earlier.extend(writes.iter().map(|write| write.register.name.as_str()));
        }
    }
}

/// The first breach of a rule by the writes of one sequence.
fn one(
    draft: &Draft<'_>,
    rule: &Sited<OrderRule>,
    writes: &[Write<'_>],
    earlier: &[&str],
) -> Option<FindingDraft> {
    let then = &rule.then;
    let sets = |write: &Write<'_>| {
        write.register.name == then.place.register.name
            && write.effect(&then.field).is_some_and(Effect::may_set)
    };
    let first_set = writes.iter().position(sets)?;
    let last_set = writes.iter().rposition(sets)?;
    let called = format!("{}.{}", then.place.register.name, then.field.name);
    let stated = (
        draft.tree.span_at(rule.node, "then"),
        format!("section {} says so", rule.section),
    );
    let breach = |node: NodeId, message: String| {
        let span = verb(draft, node);
        FindingDraft::new(&RULE, span, message).label(stated.0, stated.1.clone())
    };
    for register in &rule.first {
        let name = register.name.as_str();
        let ours = |write: &Write<'_>| write.register.name == name;
        if let Some(late) = writes[last_set + 1..].iter().find(|write| ours(write)) {
            let message = format!("`{name}` is written after `{called}` is set");
            let finding = breach(late.node, message).label(
                verb(draft, writes[last_set].node),
                format!("sets `{called}`"),
            );
            return Some(finding.help(format!(
                "write `{name}` before the step that sets `{called}`"
            )));
        }
        if !earlier.contains(&name) && !writes[..first_set].iter().any(ours) {
            let message = format!("`{called}` is set before `{name}` is written");
            let finding = breach(writes[first_set].node, message);
            return Some(finding.help(format!(
                "write `{name}` first, here or in a sequence that runs earlier"
            )));
        }
    }
    None
}

/// The verb of a step: its first key.
fn verb(draft: &Draft<'_>, step: NodeId) -> Span {
    let first = draft.tree.map(step).and_then(|entries| entries.first());
    first.map_or(draft.tree.span(step), |entry| entry.key_span)
}
