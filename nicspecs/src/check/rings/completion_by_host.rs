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
    let mut by_nic = |field: &DescriptorField, node: NodeId| {
        if field.by != Owner::Nic {
            let name = &field.name;
            let message = format!("field `{name}` is written by the host and reports nothing");
            let finding = RULE.at(draft.tree.span(node), message);
            findings.add(
                finding.help("use a field with `by: nic`, for example of the write-back format"),
            );
        }
    };
    if let Some(rx) = &draft.rx {
        by_nic(&rx.length, draft.node(&["rx", "length"]));
    }
    for (field, node) in draft.received() {
        by_nic(field, node);
    }
    for (completion, node) in draft.rings().flat_map(|ring| ring.bits) {
        if completion.scheme == Scheme::DoneBit {
            by_nic(&completion.field, draft.tree.at(node, "field"));
        }
    }
}
