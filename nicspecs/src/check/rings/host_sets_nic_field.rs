use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Owner;

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
    for ring in draft.rings() {
        let fields = ring.pattern.set.iter().map(|setting| &setting.field);
        for field in fields.filter(|field| field.by != Owner::Host) {
            let name = &field.name;
            let (message, help) = match field.by {
                Owner::Both => (
                    format!("field `{name}` is the owner bit"),
                    "remove it: the ring sets the owner bit itself",
                ),
                _ => (
                    format!("field `{name}` is written by the NIC, not by the driver"),
                    "remove it: fields that `set` does not name are written as zero",
                ),
            };
            let at = draft.tree.at(draft.tree.at(ring.written, "set"), name);
            findings.add(RULE.at(draft.tree.key_span(at), message).help(help));
        }
        let marks = ring.marks.into_iter();
        for (field, node) in marks.filter(|(field, _)| field.by != Owner::Host) {
            let message = format!("field `{}` is not written by the driver alone", field.name);
            let finding = RULE.at(draft.tree.span(node), message);
            findings.add(finding.help("use a field with `by: host`"));
        }
    }
}
