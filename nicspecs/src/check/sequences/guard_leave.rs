use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow;
use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Step};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0614",
    "guard does not undo its writes",
    "The `leave` of a guard writes every register that its `enter` writes.",
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
            let mut reported: Vec<&str> = Vec::new();
            for write in flow::writes(&self.draft.sequences, enter) {
                let name = write.register.name.as_str();
                if reported.contains(&name)
                    || undone.iter().any(|other| other.register.name == name)
                {
                    continue;
                }
                reported.push(name);
                let tree = self.draft.tree;
                let guard = tree.at(step.node, "guard");
                let finding = RULE.at(
                    tree.span_at(guard, "leave"),
                    format!("`leave` does not write `{name}`"),
                );
                let enter = tree.span_at(guard, "enter");
                let help = "`leave` also runs after errors and must undo `enter`";
                self.findings
                    .add(finding.label(enter, format!("writes `{name}`")).help(help));
            }
        }
        visit::step(self, step);
    }
}
