use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Action;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0606",
    "poll limit too short",
    "A poll pauses for at least 1 us, and its limit is at least one pause.",
    &[(
        "until: \"MDIC.DONE\", every: 10us, within: 1ms",
        "until: \"MDIC.DONE\", every: 10ms, within: 1ms",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let tree = draft.tree;
    for step in draft.steps() {
        let Action::Poll { every, within, .. } = &step.action else {
            continue;
        };
        let poll = tree.at(step.node, "poll");
        let pause = tree.span_at(poll, "every");
        if every.min_us() == 0 {
            let finding = RULE.at(pause, "this poll does not pause");
            findings.add(finding.help("pause for at least `1us`, or the reads block the bus"));
        }
        if within.min_us() < every.max_us() {
            let message = "this poll times out before its second read";
            findings.add(
                RULE.at(tree.span_at(poll, "within"), message)
                    .label(pause, "longer than `within`")
                    .help("make `within` a multiple of `every`"),
            );
        }
    }
}
