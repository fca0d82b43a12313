//! A poll pauses for at least 1 us, and its limit is at least one pause.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Step};

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
    for sequence in &draft.sequences {
        let mut polls = Polls {
            draft,
            findings: &mut *findings,
        };
        polls.steps(&sequence.body.steps);
    }
}

struct Polls<'p, 'd> {
    draft: &'p Draft<'d>,
    findings: &'p mut Findings,
}

impl Visitor for Polls<'_, '_> {
    fn step(&mut self, step: &Step) {
        if let Action::Poll { every, within, .. } = &step.action {
            let tree = self.draft.tree;
            let poll = tree.at(step.node, "poll");
            if every.min_us() == 0 {
                let finding = FindingDraft::new(
                    &RULE,
                    tree.span_at(poll, "every"),
                    "this poll does not pause",
                );
                self.findings
                    .add(finding.help("pause for at least `1us`, or the reads block the bus"));
            }
            if within.min_us() < every.max_us() {
                let message = "this poll times out before its second read";
                let finding = FindingDraft::new(&RULE, tree.span_at(poll, "within"), message);
                let pause = tree.span_at(poll, "every");
                self.findings.add(
                    finding
                        .label(pause, "longer than `within`")
                        .help("make `within` a multiple of `every`"),
                );
            }
        }
        visit::step(self, step);
    }
}
