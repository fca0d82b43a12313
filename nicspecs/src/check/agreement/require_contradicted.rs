//! No sequence that brings a port up writes a value that contradicts `require`.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow::{self, Effect};
use crate::ir;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0705",
    "write contradicts `require`",
    "No sequence that brings a port up writes a value that contradicts `require`.",
    &[("{ THRESHOLD: 0, ENABLE: 1 }", "{ THRESHOLD: 8, ENABLE: 1 }")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(model) = &draft.model else { return };
    let items = draft
        .tree
        .list(draft.node(&["model", "require"]))
        .unwrap_or_default();
    for (require, node) in model.require.iter().zip(items) {
        if require.at != ir::Moment::Ring {
            continue;
        }
        let ir::Shown { field: at, is } = &require.value;
        let (register, field) = (&at.place.register, &at.field);
        for name in SETUP {
            let Some(sequence) = draft.sequence(name) else {
                continue;
            };
            for write in flow::writes(&draft.sequences, &sequence.body.steps) {
                if write.register.name != register.name {
                    continue;
                }
                let Some(Effect::Is(value)) = write
                    .effect(field)
                    .filter(|&effect| effect != Effect::Is(*is))
                else {
                    continue;
                };
                let message = format!(
                    "`{}.{}` becomes {value}, but must be {is}",
                    register.name, field.name
                );
                let verb = draft
                    .tree
                    .map(write.node)
                    .and_then(|entries| entries.first());
                let span = verb.map_or(draft.tree.span(write.node), |entry| entry.key_span);
                let finding = FindingDraft::new(&RULE, span, message);
                let stated = draft.tree.span_at(*node, "field");
                findings.add(
                    finding
                        .label(stated, "required here, as `at: ring`")
                        .help(format!("see section {}", require.section)),
                );
            }
        }
    }
}

/// The sequences after which rings are expected to run.
const SETUP: [&str; 4] = ["init", "tx.enable", "rx.enable", "start"];
