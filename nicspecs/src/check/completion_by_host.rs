//! What tells of a completion is written by the NIC: the done bit, the length, and the bits of a good frame.

use super::RuleInfo;
use crate::ir::{DescriptorField, Owner};
use crate::lower::Draft;
use crate::report::FindingDraft;
use crate::report::Findings;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0404",
    "completion that the NIC does not write",
    "What tells of a completion is written by the NIC: the done bit, the length, and the bits of a good frame.",
    &[
    ("completion: { scheme: done_bit, format: tx, field: DONE }", "completion: { scheme: done_bit, format: tx, field: REPORT }"),
    ],
).checked_by(check);

fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut one =
        |field: &DescriptorField, path: &[&str], index: Option<usize>| {
            if field.by == Owner::Nic {
                return;
            }
            let node = draft.node(path);
            let item = index
                .and_then(|index| draft.tree.list(node)?.get(index).copied())
                .unwrap_or(node);
            let message = format!(
                "field `{}` is written by the host and tells nothing",
                field.name
            );
            let finding = FindingDraft::new(&RULE, draft.tree.span(item), message);
            findings.add(finding.help(
                "name a field with `by: nic`, perhaps of the format that the NIC writes back",
            ));
        };
    if let Some(tx) = &draft.tx {
        one(&tx.completion.field, &["tx", "completion", "field"], None);
    }
    if let Some(rx) = &draft.rx {
        one(&rx.completion.field, &["rx", "completion", "field"], None);
        one(&rx.length, &["rx", "length"], None);
        for (key, fields) in [("set", &rx.good.set), ("clear", &rx.good.clear)] {
            for (index, field) in fields.iter().enumerate() {
                one(field, &["rx", "good", key], Some(index));
            }
        }
    }
}
