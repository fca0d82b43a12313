use crate::diagnostic::{FindingDraft, Findings, NodeId, RuleInfo};
use crate::draft::{Draft, Sited};
use crate::flow::{self, Effect, Write};
use crate::ir::{OrderEvent, OrderRule};
use crate::lifecycle;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0701",
    "order rule violated",
    "Everything in `first` of an order rule happens before `then`, and no register of `first` is written later in the same sequence.",
    &[
        ("      - write: { \"TDT[queue]\": 0 }\n", ""),
        (
            "      - write: { \"TXCTL[queue]\": { THRESHOLD: 0, ENABLE: 1 } }\n",
            "      - write: { \"TXCTL[queue]\": { THRESHOLD: 0, ENABLE: 1 } }\n      - write: { \"TDT[queue]\": 0 }\n",
        ),
    ],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if !draft.sequences_are_complete() {
        return;
    }
    let filters = draft.filters.as_ref();
    let life = lifecycle::life(filters.is_some_and(|filters| filters.after_start));
    for rule in &draft.order {
        let mut earlier: Vec<Write<'_>> = Vec::new();
        for port in &life {
            let Some(sequence) = draft.sequence(port.name) else {
                continue;
            };
            let writes = flow::writes(&draft.sequences, &sequence.body.steps);
            if let Some(finding) = one(draft, rule, port.name, &writes, &earlier) {
                findings.add(finding);
            }
            earlier.extend(writes);
        }
    }
}

/// The first violation of a rule by the writes of `sequence`.
fn one(
    draft: &Draft<'_>,
    rule: &Sited<OrderRule>,
    sequence: &str,
    writes: &[Write<'_>],
    earlier: &[Write<'_>],
) -> Option<FindingDraft> {
    let then = |write: &Write<'_>| happens(&rule.then, write);
    let first_then = writes.iter().position(then)?;
    let last_then = writes.iter().rposition(then)?;
    let called = rule.then.name();
    let [_, does, done] = verbs(&rule.then);
    let stated = (
        draft.tree.span_at(rule.node, "then"),
        format!("section {} requires this order", rule.section),
    );
    let breach = |node: NodeId, message: String| {
        let span = draft.tree.verb(node);
        RULE.at(span, message).label(stated.0, stated.1.clone())
    };
    for first in &rule.first {
        let before = earlier.iter().chain(&writes[..first_then]);
        let late = match first {
            OrderEvent::Written(_) => writes[last_then + 1..]
                .iter()
                .find(|write| happens(first, write)),
            // A field may change again later: it was one when it had to be.
            OrderEvent::Set(_) => None,
        };
        let happened = has_happened(first, before);
        let (first, [do_it, _, by_done]) = (first.name(), verbs(first));
        if let Some(late) = late {
            let message = format!("`{first}` is written after `{called}` is {done}");
            let finding = breach(late.node, message).label(
                draft.tree.verb(writes[last_then].node),
                format!("{does} `{called}`"),
            );
            return Some(finding.help(format!(
                "write `{first}` before the step that {does} `{called}`"
            )));
        }
        if !happened {
            let message = format!("`{called}` is {done} before `{first}` is {by_done}");
            let finding = breach(writes[first_then].node, message);
            let movable = match sequence {
                "filter.write" => "; `filters.after` defines when this one runs",
                _ => "",
            };
            return Some(finding.help(format!(
                "{do_it} `{first}` first, here or in a sequence that runs earlier{movable}"
            )));
        }
    }
    None
}

/// Whether a write is the event.
fn happens(event: &OrderEvent, write: &Write<'_>) -> bool {
    write.register.name == event.register().name
        && event
            .field()
            .is_none_or(|field| write.effect(field).is_some_and(Effect::may_set))
}

/// Whether an event has happened and is still in effect: a field must not have been cleared since.
fn has_happened<'w>(event: &OrderEvent, writes: impl Iterator<Item = &'w Write<'w>>) -> bool {
    let mut ours = writes.filter(|write| write.register.name == event.register().name);
    match event.field() {
        None => ours.next().is_some(),
        Some(field) => ours
            .filter_map(|write| write.effect(field))
            .last()
            .is_some_and(Effect::may_set),
    }
}

/// What is done to a register or a field: "write", "writes" and "written".
fn verbs(event: &OrderEvent) -> [&'static str; 3] {
    match event {
        OrderEvent::Written(_) => ["write", "writes", "written"],
        OrderEvent::Set(_) => ["set", "sets", "set"],
    }
}
