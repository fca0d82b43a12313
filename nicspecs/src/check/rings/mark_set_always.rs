use std::sync::Arc;

use crate::diagnostic::{Findings, NodeId, RuleInfo};
use crate::draft::Draft;
use crate::ir::DescriptorField;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0413",
    "descriptor field with two meanings",
    "A descriptor field has one meaning: a field that marks some descriptors is not set on all of them.",
    &[(
        "set: { ADDRESS: slot.address, LENGTH: slot.length,",
        "set: { ADDRESS: slot.address, LENGTH: slot.length, LAST: 1,",
    )],
);

/// Fields and the list that names them.
type Marks<'d> = (&'d [Arc<DescriptorField>], NodeId);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if let Some(tx) = &draft.tx {
        let at = |key| draft.node(&["tx", "encode", key]);
        let set: Vec<_> = tx
            .encode
            .set
            .iter()
            .map(|each| Arc::clone(&each.field))
            .collect();
        let marks: [Marks<'_>; 4] = [
            (&tx.first, at("first")),
            (&tx.last, at("last")),
            (&tx.end_of_ring, at("end_of_ring")),
            (&tx.report, at("report")),
        ];
        once(draft, &set, at("set"), &marks, findings);
    }
    if let Some(rx) = &draft.rx {
        let at = |key| draft.node(&["rx", "arm", key]);
        let set: Vec<_> = rx
            .arm
            .set
            .iter()
            .map(|each| Arc::clone(&each.field))
            .collect();
        once(
            draft,
            &set,
            at("set"),
            &[(&rx.end_of_ring, at("end_of_ring"))],
            findings,
        );
        let marks: [Marks<'_>; 4] = [
            (&rx.first, draft.node(&["rx", "first"])),
            (&rx.last, draft.node(&["rx", "last"])),
            (&rx.good.set, draft.node(&["rx", "good", "set"])),
            (&rx.good.clear, draft.node(&["rx", "good", "clear"])),
        ];
        once(draft, &[], draft.node(&["rx", "good"]), &marks, findings);
    }
}

fn once(
    draft: &Draft<'_>,
    set: &[Arc<DescriptorField>],
    at: NodeId,
    marks: &[Marks<'_>],
    findings: &mut Findings,
) {
    let mut known: Vec<(&str, crate::diagnostic::Span)> = set
        .iter()
        .map(|field| {
            let span = draft.tree.key_span(draft.tree.at(at, &field.name));
            (field.name.as_str(), span)
        })
        .collect();
    for (fields, list) in marks {
        let nodes = draft.tree.list(*list).unwrap_or_default();
        for (field, node) in fields.iter().zip(nodes) {
            let span = draft.tree.span(*node);
            match known.iter().find(|(name, _)| *name == field.name) {
                Some((name, before)) => {
                    let message = format!("field `{name}` already has a meaning");
                    let finding = RULE.at(span, message);
                    findings.add(
                        finding
                            .label(*before, "first used here")
                            .help("use it in one place only: on every descriptor, or on some"),
                    );
                }
                None => known.push((&field.name, span)),
            }
        }
    }
}
