use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0204",
    "unused constant or option",
    "Every constant and option is used in an expression.",
    &[(
        "  settle: { value: 10,",
        "  unused: { value: 1, doc: \"nothing\" }\n  settle: { value: 10,",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if !draft.sequences_are_complete() {
        return;
    }
    let constants = draft
        .constants
        .iter()
        .map(|constant| (constant.node, &constant.name, "constant"));
    let options = draft
        .options
        .iter()
        .map(|option| (option.node, &option.name, "option"));
    for (node, name, kind) in constants
        .chain(options)
        .filter(|(_, name, _)| !draft.used_names.contains(*name))
    {
        let finding = RULE.at(
            draft.tree.key_span(node),
            format!("{kind} `{name}` is not used"),
        );
        findings.add(finding.help("use it in a sequence, or remove it"));
    }
}
