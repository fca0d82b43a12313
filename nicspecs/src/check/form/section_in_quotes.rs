use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::tree::Kind;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0105",
    "unquoted section",
    "A section is a quoted string, because YAML reads `8.20` as the number 8.2.",
    &[("    section: \"4.2\"\n", "    section: 4.20\n")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for entry in draft.tree.maps().filter(|entry| entry.key == "section") {
        if let Kind::Scalar {
            text, plain: true, ..
        } = draft.tree.kind(entry.value)
        {
            let finding = RULE.at(draft.tree.span(entry.value), "a section must be quoted");
            let why = match text.parse::<f64>() {
                Ok(_) => "; YAML reads `8.20` as the number 8.2",
                Err(_) => "",
            };
            findings.add(finding.help(format!("write `section: \"{text}\"`{why}")));
        }
    }
}
