use crate::check::places::Marks;
use crate::diagnostic::{Findings, RuleInfo, Span};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0413",
    "descriptor field with two meanings",
    "A descriptor field has one meaning: a field that marks some descriptors is not set on all of them.",
    &[(
        "set: { ADDRESS: slot.address, LENGTH: slot.length,",
        "set: { ADDRESS: slot.address, LENGTH: slot.length, LAST: 1,",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for ring in draft.rings() {
        let set = draft.tree.at(ring.written, "set");
        let always = ring.pattern.set.iter().map(|setting| {
            let name = setting.field.name.as_str();
            (name, draft.tree.key_span(draft.tree.at(set, name)))
        });
        once(draft, always.collect(), &ring.marks, findings);
    }
    once(draft, Vec::new(), &draft.received(), findings);
}

/// `known` are the fields that have a meaning already.
fn once<'d>(
    draft: &Draft<'_>,
    mut known: Vec<(&'d str, Span)>,
    marks: &Marks<'d>,
    findings: &mut Findings,
) {
    for (field, node) in marks {
        let span = draft.tree.span(*node);
        match known.iter().find(|(name, _)| *name == field.name) {
            Some((name, before)) => {
                let message = format!("field `{name}` already has a meaning");
                findings.add(
                    RULE.at(span, message)
                        .label(*before, "first used here")
                        .help("use it in one place only: on every descriptor, or on some"),
                );
            }
            None => known.push((&field.name, span)),
        }
    }
}
