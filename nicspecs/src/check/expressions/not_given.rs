//! A sequence uses only what the port gives it, itself and in what it runs.

use crate::diagnostic::{FindingDraft, Findings};
use crate::draft::Draft;
use crate::errors::not_given::{HELP, RULE};
use crate::flow;
use crate::ir::Needs;
use crate::lifecycle;

/// A sub-sequence uses values that one of its callers is not given.
pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
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
