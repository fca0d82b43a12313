//! An owner bit is one bit that both sides write, at the same place in what the driver writes and in what the NIC leaves.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Descriptor, Owner, Scheme};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0409",
    "owner bit that is not handed over and back",
    "An owner bit is one bit that both sides write, at the same place in what the driver writes and in what the NIC leaves.",
    &[("OWN: { bits: 96, by: both }", "OWN: { bits: 96, by: nic }")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(tx_completion) = draft.tree.list(draft.node(&["tx", "completion"])) else {
        return;
    };
    for (told, node) in draft.told() {
        let is_tx = tx_completion.contains(&node);
        let written = match is_tx {
            true => draft.tx.as_ref().map(|tx| &tx.encode.format),
            false => draft.rx.as_ref().map(|rx| &rx.arm.format),
        };
        let Some(written) = written.filter(|_| told.scheme == Scheme::OwnerBit) else {
            continue;
        };
        let span = draft.tree.span_at(node, "field");
        let field = &told.field;
        let mut add = |message: String, help: &str| {
            findings.add(FindingDraft::new(&RULE, span, message).help(help));
        };
        if field.by != Owner::Both || !field.is_bit() {
            add(
                format!("field `{}` is not a bit that both sides write", field.name),
                "declare it as one bit with `by: both`, or name another scheme",
            );
        } else if !has(written, field.low) {
            add(
                format!("`{}` has no owner bit at bit {}", written.name, field.low),
                "declare it there, too, with `by: both`: the driver hands a descriptor over with the same bit",
            );
        }
    }
    let (Some(tx), Some(rx)) = (&draft.tx, &draft.rx) else {
        return;
    };
    let told = draft.told().map(|(told, _)| &told.format.name);
    let ours: Vec<_> = told
        .chain([&tx.encode.format.name, &rx.arm.format.name])
        .collect();
    // A bit that changes hands is of no use to any other scheme.
    let used: Vec<_> = draft
        .told()
        .filter(|(told, _)| told.scheme == Scheme::OwnerBit)
        .map(|(told, _)| told.field.low)
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
                let message = format!("no `completion` goes by the owner bit `{}`", field.name);
                let finding = FindingDraft::new(&RULE, span, message);
                findings.add(finding.help("name it there, or say which side writes the field"));
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
