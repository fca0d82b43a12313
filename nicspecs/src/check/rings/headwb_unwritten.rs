use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow::{self, Effect};
use crate::ir::TxCompletion;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0416",
    "head write-back is not set up",
    "`tx.enable` writes the address of a head write-back scheme and sets its enable bit.",
    &[(
        "          - write: { \"TDWBAH[queue]\": headwb.address.high }\n",
        "",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(sequence) = draft.sequence("tx.enable").filter(|each| each.complete) else {
        return;
    };
    let writes = flow::writes(&draft.sequences, &sequence.body.steps);
    for (completion, node) in draft.completions() {
        let TxCompletion::HeadWriteback { low, high, enable } = completion else {
            continue;
        };
        let mut add =
            |key: &str, message: String| {
                let sequence = draft.tree.key_span(sequence.node);
                let finding = RULE.at(draft.tree.span_at(node, key), message);
                findings.add(finding.label(sequence, "in this sequence").help(
                    "write `headwb.address` to the registers if `completion == head_writeback`",
                ));
            };
        for (key, register) in [("low", low), ("high", high)] {
            if writes
                .iter()
                .all(|write| write.register.name != register.name)
            {
                add(key, format!("no step writes `{}`", register.name));
            }
        }
        let ours = writes
            .iter()
            .filter(|write| write.register.name == low.name);
        let effects: Vec<_> = ours.filter_map(|write| write.effect(enable)).collect();
        if !effects.is_empty() && !effects.into_iter().any(Effect::may_set) {
            let message = format!("`{}.{}` is never set", low.name, enable.name);
            add("enable", message);
        }
    }
}
