use crate::diagnostic::{Findings, NodeId, RuleInfo};
use crate::draft::Draft;
use crate::ir::{DescriptorField, Owner, Scheme};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0404",
    "completion field not written by the NIC",
    "The NIC writes every field that reports a completion: the done bit, the length, and the bits for a frame's ends and errors.",
    &[(
        "- { scheme: done_bit, format: tx, field: DONE }",
        "- { scheme: done_bit, format: tx, field: REPORT }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let at = |field: &DescriptorField, node: NodeId, findings: &mut Findings| {
        if field.by == Owner::Nic {
            return;
        }
        let message = format!(
            "field `{}` is written by the host and reports nothing",
            field.name
        );
        let finding = RULE.at(draft.tree.span(node), message);
        findings
            .add(finding.help("use a field with `by: nic`, for example of the write-back format"));
    };
    let mut one = |field: &DescriptorField, path: &[&str], index: Option<usize>| {
        let node = draft.node(path);
        let item = index
            .and_then(|index| draft.tree.list(node)?.get(index).copied())
            .unwrap_or(node);
        at(field, item, findings);
    };
    if let Some(rx) = &draft.rx {
        one(&rx.length, &["rx", "length"], None);
        for (path, fields) in [
            (&["rx", "first"] as &[&str], &rx.first),
            (&["rx", "last"], &rx.last),
            (&["rx", "good", "set"], &rx.good.set),
            (&["rx", "good", "clear"], &rx.good.clear),
        ] {
            for (index, field) in fields.iter().enumerate() {
                one(field, path, Some(index));
            }
        }
    }
    for (completion, node) in draft.completion_bits() {
        if completion.scheme == Scheme::DoneBit {
            at(&completion.field, draft.tree.at(node, "field"), findings);
        }
    }
}
