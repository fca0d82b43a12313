use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::lifecycle;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0601",
    "missing sequence",
    "The spec has every sequence that the port calls, with `statistics.dump` if a counter is in a block and `messages.*` if there is `interrupts.messages`.",
    &[(
        "  tx.disable:\n    section: \"2.12\"\n    steps:\n      - clear: \"TXCTL[queue].ENABLE\"\n",
        "",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(node) = draft.tree.get(draft.tree.root(), "sequences") else {
        return;
    };
    let interrupts = draft.interrupts.as_ref();
    let messages = interrupts.is_some_and(|interrupts| interrupts.messages.is_some());
    let needed = lifecycle::PORT.iter().filter(|port| {
        !port.optional
            || (port.name == lifecycle::DUMP && draft.has_block())
            || (lifecycle::MESSAGES.contains(&port.name) && messages)
    });
    for port in needed.filter(|port| draft.tree.get(node, port.name).is_none()) {
        let message = format!("there is no sequence `{}`", port.name);
        let finding = RULE.at(draft.tree.key_span(node), message);
        findings
            .add(finding.help("the port calls it; if there is nothing to do, write `steps: []`"));
    }
}
