use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow;
use crate::ir::visit::Visitor;
use crate::ir::{InterruptMode, Place};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0710",
    "incomplete MSI-X description",
    "`modes` contains `msix` exactly if there is `interrupts.messages`, and `messages.on` writes the registers that map the vectors.",
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
            let finding = RULE.at(
                draft.tree.span(modes),
                "`modes` contains `msix`, but `messages` is missing",
            );
            findings.add(finding.help("add `interrupts.messages`, or remove `msix`"));
        }
        return;
    };
    if !has_mode {
        let node = draft.node(&["interrupts", "messages"]);
        let message = "`messages` is given, but `modes` does not contain `msix`";
        let finding = RULE.at(draft.tree.key_span(node), message);
        findings.add(finding.help("add `msix` to `modes`, or remove `messages`"));
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
            let finding = RULE.at(draft.tree.key_span(on.node), message);
            findings.add(finding.help(
                "write it in `messages.on`: `interrupts.messages` says that the device uses it",
            ));
        }
    }
}
