//! A sequence uses only what the port gives it, itself and in what it runs.

use super::RuleInfo;
use crate::flow;
use crate::ir::Needs;
use crate::lifecycle;
use crate::lower::Draft;
use crate::report::FindingDraft;
use crate::report::Findings;
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0507",
    "value that is not known yet",
    "A sequence uses only what the port gives it, itself and in what it runs.",
    &[(
        "      - write: { BURST: 16 }\n",
        "      - write: { BURST: 16 }\n      - write: { SAL: \"ring.bytes\" }\n",
    )],
)
.checked_by(check);

/// A sub-sequence uses values that one of its callers is not given.
fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for sequence in &draft.sequences {
        let signature = &sequence.body.signature;
        let Some(port) = lifecycle::port(&signature.name) else {
            continue;
        };
        for (node, callee) in flow::runs(&sequence.body.steps) {
            for name in lacking(callee.needs, port.given) {
                let span = draft.tree.span_at(node, "run");
                let message = format!(
                    "`{}` uses `{name}`, which is not known in `{}`",
                    callee.name, signature.name
                );
                findings.add(FindingDraft::new(&RULE, span, message).help(HELP));
            }
        }
    }
}

/// Names of what is needed and not given.
fn lacking(needs: Needs, given: Needs) -> Vec<&'static str> {
    [
        (needs.ring, given.ring, "ring"),
        (needs.headwb, given.headwb, "headwb"),
        (needs.queue, given.queue, "queue"),
        (needs.queues, given.queues, "queues"),
        (needs.messages, given.messages, "messages"),
        (needs.message, given.message, "message"),
        (needs.mac, given.mac, "mac"),
        (needs.promiscuous, given.promiscuous, "promiscuous"),
        (needs.multicast, given.multicast, "multicast"),
        (needs.frame_max, given.frame_max, "frame.max"),
        (needs.buffer_size, given.buffer_size, "buffer.size"),
        (needs.rss, given.rss, "rss"),
        (needs.stats, given.stats, "stats.address"),
        (needs.renegotiate, given.renegotiate, "renegotiate"),
    ]
    .into_iter()
    .filter_map(|(needs, given, name)| (needs && !given).then_some(name))
    .collect()
}

const HELP: &str = "the table of sequences in the language reference says what each one is given";

pub(crate) fn finding(span: Span, name: &str, place: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{name}` is not known {place}")).help(HELP)
}

/// A value of receive-side scaling in a spec that says nothing of it.
pub(crate) fn without_rss(span: Span, name: &str) -> FindingDraft {
    let message = format!("`{name}` is not known in a spec without `rss`");
    FindingDraft::new(&RULE, span, message).help("say in `rss` what the NIC has")
}

/// A value of MSI-X in a spec that says nothing of it.
pub(crate) fn without_messages(span: Span, name: &str) -> FindingDraft {
    let message = format!("`{name}` is not known in a spec without `interrupts.messages`");
    FindingDraft::new(&RULE, span, message).help("say in `interrupts.messages` what the NIC has")
}
