use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

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
    for ring in draft.rings() {
        let completion = ring.bits.first();
        let completion = completion.map(|(bit, node)| (&*bit.field, draft.tree.at(*node, "field")));
        let mut fields: Vec<_> = completion.into_iter().collect();
        if let Some(rx) = draft.rx.as_ref().filter(|_| ring.key == "rx") {
            fields.push((&rx.length, draft.node(&["rx", "length"])));
            fields.extend(draft.received());
        }
        fields.extend(ring.marks);
        let Some(((first, at), others)) = fields.split_first() else {
            continue;
        };
        let astray = others
            .iter()
            .filter(|(field, _)| field.word() != first.word());
        for (field, node) in astray {
            let (name, first) = (&field.name, &first.name);
            let message = format!("`{name}` is not in the quadword of `{first}`");
            findings.add(
                RULE.at(draft.tree.span(*node), message)
                    .label(draft.tree.span(*at), "this field determines the quadword")
                    .help("the core supports only one control word; two need a change of the core"),
            );
        }
    }
}
