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
        .map(|each| (each.node, &each.name, "constant"));
    let options = draft
        .options
        .iter()
        .map(|each| (each.node, &each.name, "option"));
    let all = constants.chain(options);
    for (node, name, kind) in all.filter(|(_, name, _)| !draft.used_names.contains(*name)) {
        let message = format!("{kind} `{name}` is not used");
        let finding = RULE.at(draft.tree.key_span(node), message);
        findings.add(finding.help("use it in a sequence, or remove it"));
    }
}
