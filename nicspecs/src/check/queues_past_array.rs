//! Every queue has its own element of each register of its ring.

use super::RuleInfo;
use crate::ir::{Register, RingRegisters};
use crate::lower::Draft;
use crate::report::FindingDraft;
use crate::report::Findings;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0310",
    "more queues than registers",
    "Every queue has its own element of each register of its ring.",
    &[(
        "tx:\n  section: \"3.1\"\n  queues: 2\n",
        "tx:\n  section: \"3.1\"\n  queues: 4\n",
    )],
)
.checked_by(check);

fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if let Some(tx) = &draft.tx {
        direction(
            draft,
            "tx",
            tx.queues,
            &tx.registers,
            &tx.doorbell.register,
            findings,
        );
    }
    if let Some(rx) = &draft.rx {
        direction(
            draft,
            "rx",
            rx.queues,
            &rx.registers,
            &rx.doorbell.register,
            findings,
        );
    }
}

fn direction(
    draft: &Draft<'_>,
    key: &str,
    queues: u32,
    registers: &RingRegisters,
    doorbell: &Register,
    findings: &mut Findings,
) {
    let named = [
        ("base_low", &*registers.base_low),
        ("base_high", &*registers.base_high),
        ("bytes", &*registers.bytes),
        ("head", &*registers.head),
        ("tail", &*registers.tail),
        ("register", doorbell),
    ];
    let short = named
        .iter()
        .filter(|(_, register)| register.count() < queues);
    let mut told: Vec<&str> = Vec::new();
    for (part, register) in short {
        if told.contains(&register.name.as_str()) {
            continue;
        }
        told.push(&register.name);
        let parent = if *part == "register" {
            "doorbell"
        } else {
            "registers"
        };
        let span = draft.tree.span(draft.node(&[key, parent, part]));
        let message = format!(
            "`{}` has {} elements, and there are {queues} queues",
            register.name,
            register.count()
        );
        let finding = FindingDraft::new(&RULE, span, message);
        findings.add(
            finding
                .label(draft.tree.span(draft.node(&[key, "queues"])), "queues")
                .help(format!(
                    "section {}, given for `{}`, is the place to look",
                    register.section, register.name
                )),
        );
    }
}
