use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0610",
    "recursive sequence",
    "No sequence runs itself, directly or through others.",
    &[(
        "      - write: { MDIC: { REG: register, OP: read } }\n",
        "      - write: { MDIC: { REG: register, OP: read } }\n      - run: phy.read\n        with: { register: register }\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for sequence in &draft.sequences {
        let name = &sequence.body.signature.name;
        for (node, callee) in flow::runs(&sequence.body.steps) {
            if draft.reached(vec![&callee.name]).contains(&name.as_str()) {
                let span = draft.tree.span_at(node, "run");
                let message = match callee.name == *name {
                    true => format!("`{name}` runs itself"),
                    false => format!("`{name}` runs `{}`, which runs `{name}` again", callee.name),
                };
                findings.add(
                    RULE.at(span, message)
                        .help("sequences cannot recurse; use `for` or `poll` to repeat"),
                );
            }
        }
    }
}
