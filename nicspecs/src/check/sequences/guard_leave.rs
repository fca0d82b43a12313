//! Every register that `enter` of a guard writes is written by its `leave`.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow;
use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Step};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0614",
    "guard that does not undo",
    "Every register that `enter` of a guard writes is written by its `leave`.",
    &[(
        "          leave:\n            - clear: CTRL.LOOP\n",
        "          leave:\n            - flush: STATUS\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if !draft.sequences_are_complete() {
        return;
    }
    for sequence in &draft.sequences {
        let mut guards = Guards {
            draft,
            findings: &mut *findings,
        };
        guards.steps(&sequence.body.steps);
    }
}

struct Guards<'p, 'd> {
    draft: &'p Draft<'d>,
    findings: &'p mut Findings,
}

impl Visitor for Guards<'_, '_> {
    fn step(&mut self, step: &Step) {
        if let Action::Guard { enter, leave, .. } = &step.action {
            let undone = flow::writes(&self.draft.sequences, leave);
            let mut told: Vec<&str> = Vec::new();
            for write in flow::writes(&self.draft.sequences, enter) {
                let name = write.register.name.as_str();
                if told.contains(&name) || undone.iter().any(|other| other.register.name == name) {
                    continue;
                }
                told.push(name);
                let tree = self.draft.tree;
                let guard = tree.at(step.node, "guard");
                let finding = FindingDraft::new(
                    &RULE,
                    tree.span_at(guard, "leave"),
                    format!("`leave` does not write `{name}`"),
                );
                let enter = tree.span_at(guard, "enter");
                let help = "`leave` runs on errors, too; it has to undo what `enter` did";
                self.findings
                    .add(finding.label(enter, format!("writes `{name}`")).help(help));
            }
        }
        visit::step(self, step);
    }
}
