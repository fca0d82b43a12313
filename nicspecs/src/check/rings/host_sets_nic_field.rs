use std::sync::Arc;

use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{DescriptorField, Owner, Pattern};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0405",
    "driver writes a field that belongs to the NIC",
    "The driver writes only fields that are `by: host`.",
    &[(
        "CRC: 1, BYTES: frame.length }",
        "CRC: 1, BYTES: frame.length, DONE: 1 }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut pattern = |pattern: &Pattern, path: &[&str]| {
        for setting in pattern
            .set
            .iter()
            .filter(|setting| setting.field.by != Owner::Host)
        {
            let at = draft.tree.at(draft.node(path), &setting.field.name);
            let name = &setting.field.name;
            let (message, help) = match setting.field.by {
                Owner::Both => (
                    format!("field `{name}` is the owner bit"),
                    "remove it: the ring sets the owner bit itself",
                ),
                _ => (
                    format!("field `{name}` is written by the NIC, not by the driver"),
                    "remove it: fields that `set` does not name are written as zero",
                ),
            };
            let finding = RULE.at(draft.tree.key_span(at), message);
            findings.add(finding.help(help));
        }
    };
    if let Some(tx) = &draft.tx {
        pattern(&tx.encode, &["tx", "encode", "set"]);
    }
    if let Some(rx) = &draft.rx {
        pattern(&rx.arm, &["rx", "arm", "set"]);
    }
    let mut marks = |fields: &[Arc<DescriptorField>], path: &[&str]| {
        let list = draft.tree.list(draft.node(path)).unwrap_or_default();
        for (field, node) in fields
            .iter()
            .zip(list)
            .filter(|(field, _)| field.by != Owner::Host)
        {
            let message = format!("field `{}` is not written by the driver alone", field.name);
            let finding = RULE.at(draft.tree.span(*node), message);
            findings.add(finding.help("use a field with `by: host`"));
        }
    };
    if let Some(tx) = &draft.tx {
        marks(&tx.first, &["tx", "encode", "first"]);
        marks(&tx.last, &["tx", "encode", "last"]);
        marks(&tx.end_of_ring, &["tx", "encode", "end_of_ring"]);
        marks(&tx.report, &["tx", "encode", "report"]);
    }
    if let Some(rx) = &draft.rx {
        marks(&rx.end_of_ring, &["rx", "arm", "end_of_ring"]);
    }
}
