use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0420",
    "unused descriptor format",
    "Every descriptor format is used by a ring.",
    &[(
        "descriptors:\n",
        "descriptors:\n  old:\n    title: Old descriptor\n    section: \"5.0\"\n    size: 16\n    fields: { LOW: { bits: \"63:0\", by: host }, HIGH: { bits: \"127:64\", by: host } }\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for format in draft.descriptors.iter().filter(|format| !format.used) {
        let span = draft.tree.key_span(format.node);
        let message = format!("no ring uses descriptor `{}`", format.name);
        findings.add(
            RULE.at(span, message)
                .help("use it as a `format` in `tx` or `rx`, or remove it"),
        );
    }
}
