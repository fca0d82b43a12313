//! Every sub-sequence is run by a sequence that the port calls, directly or through others.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::{Draft, Sequence};
use crate::flow;
use crate::ir::Source;
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
    let mut reached: Vec<&str> = Vec::new();
    let mut open: Vec<&Sequence> = draft
        .sequences
        .iter()
        .filter(|sequence| sequence.body.signature.is_port)
        .collect();
    while let Some(sequence) = open.pop() {
        let name = sequence.body.signature.name.as_str();
        if !reached.contains(&name) {
            reached.push(name);
            let runs = flow::runs(&sequence.body.steps);
            open.extend(
                runs.into_iter()
                    .filter_map(|(_, callee)| draft.sequence(&callee.name)),
            );
        }
    }
    let dumps = draft
        .statistics
        .iter()
        .any(|counter| matches!(counter.source, Source::Block { .. }));
    if let Some(dump) = draft.sequence(lifecycle::DUMP).filter(|_| !dumps) {
        let span = draft.tree.key_span(dump.node);
        let message = format!("nothing runs `{}`", lifecycle::DUMP);
        let finding = FindingDraft::new(&RULE, span, message);
        findings.add(finding.help(
            "remove it: the port calls it only for counters with `block`, and the spec has none",
        ));
    }
    let without = draft.interrupts.as_ref();
    let without = without.is_some_and(|interrupts| interrupts.messages.is_none());
    for sequence in &draft.sequences {
        let name = sequence.body.signature.name.as_str();
        if without && lifecycle::MESSAGES.contains(&name) {
            let span = draft.tree.key_span(sequence.node);
            let finding = FindingDraft::new(&RULE, span, format!("nothing runs `{name}`"));
            findings.add(
                finding.help(
                    "remove it: the port calls it only if the spec has `interrupts.messages`",
                ),
            );
        }
    }
    let ports: Vec<&str> = lifecycle::PORT.iter().map(|port| port.name).collect();
    for sequence in &draft.sequences {
        let name = sequence.body.signature.name.as_str();
        if !reached.contains(&name) {
            let finding = FindingDraft::new(
                &RULE,
                draft.tree.key_span(sequence.node),
                format!("nothing runs `{name}`"),
            );
            findings.add(
                match suggest::nearest(name, ports.iter().copied()).as_slice() {
                    [] => finding.help("run it from a sequence that the port calls, or remove it"),
                    near => finding.help(format!(
                        "did you mean {}, which the port calls? otherwise remove it",
                        suggest::alternatives(near)
                    )),
                },
            );
        }
    }
}
