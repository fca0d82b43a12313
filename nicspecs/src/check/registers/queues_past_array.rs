use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Doorbell, RingRegisters};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0310",
    "more queues than registers",
    "Every queue has its own element of each register of its ring.",
    &[(
        "tx:\n  section: \"3.1\"\n  queues: 2\n",
        "tx:\n  section: \"3.1\"\n  queues: 4\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if let Some(tx) = &draft.tx {
        direction(
            draft,
            "tx",
            tx.queues,
            &tx.registers,
            &tx.doorbell,
            findings,
        );
    }
    if let Some(rx) = &draft.rx {
        direction(
            draft,
            "rx",
            rx.queues,
            &rx.registers,
            &rx.doorbell,
            findings,
        );
    }
}

fn direction(
    draft: &Draft<'_>,
    key: &str,
    queues: u32,
    registers: &RingRegisters,
    doorbell: &Doorbell,
    findings: &mut Findings,
) {
    let doorbell = doorbell.register().map(|register| ("register", register));
    let short: Vec<_> = registers
        .named()
        .chain(doorbell)
        .filter(|(_, register)| register.count() < queues)
        .collect();
    let Some(fewest) = short.iter().map(|(_, register)| register.count()).min() else {
        return;
    };
    let span = draft.tree.span(draft.node(&[key, "queues"]));
    let message = format!("`{key}` has {queues} queues, but registers for {fewest}");
    let mut finding = RULE.at(span, message);
    for (part, register) in short {
        let parent = if part == "register" {
            "doorbell"
        } else {
            "registers"
        };
        let span = draft.tree.span(draft.node(&[key, parent, part]));
        finding = finding.label(span, format!("has {}", register.count()));
    }
    findings.add(finding.help("every queue has its own element of each register of its ring"));
}
