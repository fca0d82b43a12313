//! A head write-back scheme gets its address and its enable bit, in `tx.enable`.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow::{self, Effect};
use crate::ir::TxCompletion;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0416",
    "head write-back that is never set up",
    "A head write-back scheme gets its address and its enable bit, in `tx.enable`.",
    &[(
        "          - write: { \"TDWBAH[queue]\": headwb.address.high }\n",
        "",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(tx) = &draft.tx else { return };
    let Some(sequence) = draft.sequence("tx.enable").filter(|each| each.complete) else {
        return;
    };
    let writes = flow::writes(&draft.sequences, &sequence.body.steps);
    let items = draft
        .tree
        .list(draft.node(&["tx", "completion"]))
        .unwrap_or_default();
    for (completion, item) in tx.completions.iter().zip(items) {
        let TxCompletion::HeadWriteback { low, high, enable } = completion else {
            continue;
        };
        let mut add = |key: &str, message: String| {
            let span = draft.tree.span_at(*item, key);
            let sequence = draft.tree.key_span(sequence.node);
            findings.add(
                FindingDraft::new(&RULE, span, message)
                    .label(sequence, "in this sequence")
                    .help("give it the word's address, `headwb.address`, where `completion == head_writeback`"),
            );
        };
        for (key, register) in [("low", low), ("high", high)] {
            if writes
                .iter()
                .all(|write| write.register.name != register.name)
            {
                add(key, format!("nothing is written to `{}`", register.name));
            }
        }
        let ours = writes
            .iter()
            .filter(|write| write.register.name == low.name);
        let effects: Vec<_> = ours.filter_map(|write| write.effect(enable)).collect();
        if !effects.is_empty() && !effects.into_iter().any(Effect::may_set) {
            add(
                "enable",
                format!("`{}.{}` is never set", low.name, enable.name),
            );
        }
    }
}
