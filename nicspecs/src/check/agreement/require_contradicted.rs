use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow::{self, Effect};
use crate::ir::{Moment, Shown};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0705",
    "write contradicts `require`",
    "No sequence that brings a port up writes a value that contradicts `require`.",
    &[("{ THRESHOLD: 0, ENABLE: 1 }", "{ THRESHOLD: 8, ENABLE: 1 }")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(model) = &draft.model else { return };
    let items = draft.items(&["model", "require"]);
    let pairs = model.require.iter().zip(items);
    for (require, node) in pairs.filter(|(require, _)| require.at == Moment::Ring) {
        let Shown { field: at, is } = &require.value;
        for sequence in SETUP.iter().filter_map(|name| draft.sequence(name)) {
            for write in flow::writes(&draft.sequences, &sequence.body.steps) {
                let ours = write.register.name == at.place.register.name;
                let effect = write.effect(&at.field).filter(|_| ours);
                let Some(Effect::Is(value)) = effect.filter(|effect| *effect != Effect::Is(*is))
                else {
                    continue;
                };
                let message = format!("`{}` becomes {value}, but must be {is}", at.name());
                let finding = RULE.at(draft.tree.verb(write.node), message);
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
