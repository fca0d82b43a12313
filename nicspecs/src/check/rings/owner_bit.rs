use crate::diagnostic::{Findings, NodeId, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Completion, Descriptor, Owner, Scheme};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0409",
    "wrong owner bit",
    "An owner bit is one bit that both sides write, at the same position in the driver's format and in the write-back format.",
    &[("OWN: { bits: 96, by: both }", "OWN: { bits: 96, by: nic }")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let is_owner = |bit: &&(&Completion, NodeId)| bit.0.scheme == Scheme::OwnerBit;
    let rings: Vec<_> = draft.rings().collect();
    for ring in &rings {
        let written = &ring.pattern.format;
        for (Completion { field, .. }, node) in ring.bits.iter().filter(is_owner) {
            let (message, help) = if field.by != Owner::Both || !field.is_bit() {
                (
                    format!("field `{}` is not a bit that both sides write", field.name),
                    "declare it as one bit with `by: both`, or use another scheme",
                )
            } else if !has(written, field.low) {
                (
                    format!("`{}` has no owner bit at bit {}", written.name, field.low),
                    "declare it there too, with `by: both`: the driver sets the same bit",
                )
            } else {
                continue;
            };
            let span = draft.tree.span_at(*node, "field");
            findings.add(RULE.at(span, message).help(help));
        }
    }
    if rings.len() < 2 {
        return;
    }
    let bits = || rings.iter().flat_map(|ring| &ring.bits);
    let formats = bits().map(|(completion, _)| &completion.format.name);
    let written = rings.iter().map(|ring| &ring.pattern.format.name);
    let ours: Vec<_> = formats.chain(written).collect();
    // No other scheme can use a bit that both sides write.
    let used = bits()
        .filter(is_owner)
        .map(|(completion, _)| completion.field.low);
    let used: Vec<_> = used.collect();
    for descriptor in draft
        .descriptors
        .iter()
        .filter(|each| ours.contains(&&each.name))
    {
        let fields = draft.tree.at(descriptor.node, "fields");
        let both = descriptor
            .fields
            .iter()
            .filter(|each| each.by == Owner::Both);
        for field in both.filter(|each| !used.contains(&each.low)) {
            let span = draft.tree.key_span(draft.tree.at(fields, &field.name));
            let message = format!("no `completion` uses the owner bit `{}`", field.name);
            let finding = RULE.at(span, message);
            findings.add(finding.help("use it there, or change `by` to `host` or `nic`"));
        }
    }
}

fn has(format: &Descriptor, low: u32) -> bool {
    let mut fields = format.fields.iter();
    fields.any(|field| field.low == low && field.is_bit() && field.by == Owner::Both)
}
