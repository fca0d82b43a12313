use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow;
use crate::ir::Action;

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
    let tree = draft.tree;
    for step in draft.steps() {
        let Action::Guard { enter, leave, .. } = &step.action else {
            continue;
        };
        let mut done = flow::writes(&draft.sequences, leave);
        for write in flow::writes(&draft.sequences, enter) {
            let name = &write.register.name;
            if done.iter().any(|other| other.register.name == *name) {
                continue;
            }
            done.push(write);
            let guard = tree.at(step.node, "guard");
            let message = format!("`leave` does not write `{name}`");
            findings.add(
                RULE.at(tree.span_at(guard, "leave"), message)
                    .label(tree.span_at(guard, "enter"), format!("writes `{name}`"))
                    .help("`leave` also runs after errors and must undo `enter`"),
            );
        }
    }
}
