use crate::diagnostic::{Findings, NodeId, RuleInfo};
use crate::draft::Draft;
use crate::ir::DescriptorField;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0415",
    "descriptor with two control words",
    "The completion bit, the marks and the received length of a descriptor are in one quadword, which is written last and read first.",
    &[
        (
            "ADDRESS: { bits: \"63:0\", by: host }\n      LENGTH: { bits: \"79:64\", by: nic }",
            "ADDRESS: { bits: \"61:0\", by: host }\n      FLAW: { bits: \"63:62\", by: nic }\n      LENGTH: { bits: \"79:64\", by: nic }",
        ),
        ("clear: [ERROR] }", "clear: [ERROR, FLAW] }"),
        (
            "multiple: 8, align: 256, address_bits: 64 }",
            "multiple: 8, align: 256, address_bits: 62 }",
        ),
    ],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let list = |path: &[&str]| draft.tree.list(draft.node(path)).unwrap_or_default();
    let completion = |key: &str| {
        let under = draft.node(&[key, "completion"]);
        let items = draft.tree.list(under).unwrap_or_default();
        draft
            .completion_bits()
            .find(|(_, node)| *node == under || items.contains(node))
    };
    let mut one_word = |fields: Vec<(&DescriptorField, NodeId)>| {
        let Some(((first, at), others)) = fields.split_first() else {
            return;
        };
        for (field, node) in others
            .iter()
            .filter(|(field, _)| field.word() != first.word())
        {
            let message = format!(
                "`{}` is not in the quadword of `{}`",
                field.name, first.name
            );
            let finding = RULE.at(draft.tree.span(*node), message);
            findings.add(
                finding
                    .label(draft.tree.span(*at), "this field determines the quadword")
                    .help("the core supports only one control word; two need a change of the core"),
            );
        }
    };
    let named = |fields: &'_ [std::sync::Arc<DescriptorField>], path: &[&str]| -> Vec<_> {
        fields
            .iter()
            .cloned()
            .zip(list(path).iter().copied())
            .collect()
    };
    if let Some(tx) = &draft.tx {
        let marks = [
            named(&tx.report, &["tx", "encode", "report"]),
            named(&tx.last, &["tx", "encode", "last"]),
            named(&tx.first, &["tx", "encode", "first"]),
            named(&tx.end_of_ring, &["tx", "encode", "end_of_ring"]),
        ]
        .concat();
        let completion = completion("tx")
            .map(|(completion, node)| (&*completion.field, draft.tree.at(node, "field")));
        one_word(completion.into_iter().chain(borrowed(&marks)).collect());
    }
    if let Some(rx) = &draft.rx {
        let marks = [
            named(&rx.end_of_ring, &["rx", "arm", "end_of_ring"]),
            named(&rx.first, &["rx", "first"]),
            named(&rx.last, &["rx", "last"]),
            named(&rx.good.set, &["rx", "good", "set"]),
            named(&rx.good.clear, &["rx", "good", "clear"]),
        ]
        .concat();
        let completion = completion("rx")
            .map(|(completion, node)| (&*completion.field, draft.tree.at(node, "field")));
        let length = (&*rx.length, draft.node(&["rx", "length"]));
        let fields = completion
            .into_iter()
            .chain([length])
            .chain(borrowed(&marks));
        one_word(fields.collect());
    }
}

fn borrowed(
    marks: &[(std::sync::Arc<DescriptorField>, NodeId)],
) -> impl Iterator<Item = (&DescriptorField, NodeId)> {
    marks.iter().map(|(field, node)| (&**field, *node))
}
