use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Descriptor, Owner, Scheme};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0409",
    "wrong owner bit",
    "An owner bit is one bit that both sides write, at the same position in the driver's format and in the write-back format.",
    &[("OWN: { bits: 96, by: both }", "OWN: { bits: 96, by: nic }")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(tx_completion) = draft.tree.list(draft.node(&["tx", "completion"])) else {
        return;
    };
    for (completion, node) in draft.completion_bits() {
        let is_tx = tx_completion.contains(&node);
        let written = match is_tx {
            true => draft.tx.as_ref().map(|tx| &tx.encode.format),
            false => draft.rx.as_ref().map(|rx| &rx.arm.format),
        };
        let Some(written) = written.filter(|_| completion.scheme == Scheme::OwnerBit) else {
            continue;
        };
        let span = draft.tree.span_at(node, "field");
        let field = &completion.field;
        let mut add = |message: String, help: &str| {
            findings.add(RULE.at(span, message).help(help));
        };
        if field.by != Owner::Both || !field.is_bit() {
            add(
                format!("field `{}` is not a bit that both sides write", field.name),
                "declare it as one bit with `by: both`, or use another scheme",
            );
        } else if !has(written, field.low) {
            add(
                format!("`{}` has no owner bit at bit {}", written.name, field.low),
                "declare it there too, with `by: both`: the driver sets the same bit",
            );
        }
    }
    let (Some(tx), Some(rx)) = (&draft.tx, &draft.rx) else {
        return;
    };
    let completion = draft
        .completion_bits()
        .map(|(completion, _)| &completion.format.name);
    let ours: Vec<_> = completion
        .chain([&tx.encode.format.name, &rx.arm.format.name])
        .collect();
    // No other scheme can use a bit that both sides write.
    let used: Vec<_> = draft
        .completion_bits()
        .filter(|(completion, _)| completion.scheme == Scheme::OwnerBit)
        .map(|(completion, _)| completion.field.low)
        .collect();
    for descriptor in draft
        .descriptors
        .iter()
        .filter(|each| ours.contains(&&each.name))
    {
        for field in descriptor
            .fields
            .iter()
            .filter(|each| each.by == Owner::Both)
        {
            if !used.contains(&field.low) {
                let fields = draft.tree.at(descriptor.node, "fields");
                let span = draft.tree.key_span(draft.tree.at(fields, &field.name));
                let message = format!("no `completion` uses the owner bit `{}`", field.name);
                let finding = RULE.at(span, message);
                findings.add(finding.help("use it there, or change `by` to `host` or `nic`"));
            }
        }
    }
}

fn has(format: &Descriptor, low: u32) -> bool {
    format
        .fields
        .iter()
        .any(|field| field.low == low && field.is_bit() && field.by == Owner::Both)
}
