use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::lifecycle;
use crate::suggest;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0611",
    "unused sequence",
    "Every sub-sequence is run by a sequence that the port calls, directly or through others.",
    &[(
        "  phy.read:\n",
        "  phy.write:\n    section: \"2.3\"\n    steps:\n      - write: { MDIC: 0 }\n  phy.read:\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if !draft.sequences_are_complete() {
        return;
    }
    let ports: Vec<&str> = lifecycle::PORT.iter().map(|port| port.name).collect();
    let reached = draft.reached(ports.clone());
    let without = draft.interrupts.as_ref();
    let without = without.is_some_and(|interrupts| interrupts.messages.is_none());
    for sequence in &draft.sequences {
        let name = sequence.body.signature.name.as_str();
        let help = if name == lifecycle::DUMP && !draft.has_block() {
            "remove it: the port calls it only for counters with `block`, and the spec has none"
                .to_owned()
        } else if without && lifecycle::MESSAGES.contains(&name) {
            "remove it: the port calls it only if the spec has `interrupts.messages`".to_owned()
        } else if reached.contains(&name) {
            continue;
        } else {
            match suggest::nearest(name, ports.iter().copied()).as_slice() {
                [] => "run it from a sequence that the port calls, or remove it".to_owned(),
                near => format!(
                    "did you mean {}, which the port calls? otherwise remove it",
                    suggest::alternatives(near)
                ),
            }
        };
        let finding = RULE.at(
            draft.tree.key_span(sequence.node),
            format!("nothing runs `{name}`"),
        );
        findings.add(finding.help(help));
    }
}
