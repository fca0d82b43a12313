use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Cond;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0704",
    "link may have no speed",
    "The last entry of `speeds` always matches, so that every link has a speed.",
    &[("    - { when: \"1\", mbps: 100 }\n", "")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(link) = &draft.link else { return };
    let node = draft.node(&["link", "speeds"]);
    let items = draft.tree.list(node);
    let complete = items.is_some_and(|items| items.len() == link.speeds.len());
    let last = link.speeds.last();
    if complete && last.is_none_or(|speed| speed.when != Cond::Literal(true)) {
        let message = "possibly no entry of `speeds` matches";
        let finding = RULE.at(draft.tree.key_span(node), message);
        findings.add(finding.help("make the last one always match: `{ when: \"1\", mbps: ... }`"));
    }
}
