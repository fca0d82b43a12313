//! A NIC with MSI-X says how messages are told, and sets that up.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow;
use crate::ir::visit::Visitor;
use crate::ir::{InterruptMode, Place};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0710",
    "MSI-X that is half told",
    "`modes` has `msix` if `messages` says how, and only then; `messages.on` writes the registers that messages are looked up in.",
    &[("  modes: [intx]\n", "  modes: [intx, msix]\n")],
);

/// Names of the registers that an expression reads.
#[derive(Default)]
struct Reads(Vec<String>);

impl Visitor for Reads {
    fn place(&mut self, place: &Place) {
        let name = &place.register.name;
        if !self.0.contains(name) {
            self.0.push(name.clone());
        }
    }
}

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(interrupts) = &draft.interrupts else {
        return;
    };
    let has_mode = interrupts.modes.contains(&InterruptMode::Msix);
    let modes = draft.node(&["interrupts", "modes"]);
    let Some(messages) = &interrupts.messages else {
        if has_mode {
            let finding = FindingDraft::new(
                &RULE,
                draft.tree.span(modes),
                "nothing says how MSI-X tells of queues",
            );
            findings.add(finding.help("say it in `interrupts.messages`, or leave `msix` out"));
        }
        return;
    };
    if !has_mode {
        let node = draft.node(&["interrupts", "messages"]);
        let message = "there are messages, but no MSI-X that sends them";
        let finding = FindingDraft::new(&RULE, draft.tree.key_span(node), message);
        findings.add(finding.help("`modes` has `msix` if there is `messages`"));
    }
    let Some(on) = draft.sequence("messages.on") else {
        return;
    };
    let mut read = Reads::default();
    for entry in [&messages.rx, &messages.tx, &messages.other] {
        read.num(entry);
    }
    if let Some(when) = &messages.when {
        read.place(&when.place);
    }
    read.0.push(messages.auto_clear.name.clone());
    let writes = flow::writes(&draft.sequences, &on.body.steps);
    for name in read.0 {
        if on.complete && !writes.iter().any(|write| write.register.name == name) {
            let message = format!("`messages.on` does not write `{name}`");
            let finding = FindingDraft::new(&RULE, draft.tree.key_span(on.node), message);
            findings.add(finding.help("`interrupts.messages` says that the device goes by it"));
        }
    }
}
