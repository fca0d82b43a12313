use crate::check::places::Ring;
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

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
    for Ring {
        key,
        queues,
        registers,
        doorbell,
        ..
    } in draft.rings()
    {
        let registers = registers
            .named()
            .map(|(part, each)| ("registers", part, each));
        let doorbell = doorbell
            .register()
            .map(|each| ("doorbell", "register", each));
        let short = registers
            .chain(doorbell)
            .filter(|(_, _, each)| each.count() < queues);
        let short: Vec<_> = short.collect();
        let Some(fewest) = short.iter().map(|(_, _, each)| each.count()).min() else {
            continue;
        };
        let message = format!("`{key}` has {queues} queues, but registers for {fewest}");
        let mut finding = RULE.at(draft.span(&[key, "queues"]), message);
        for (parent, part, register) in short {
            let span = draft.span(&[key, parent, part]);
            finding = finding.label(span, format!("has {}", register.count()));
        }
        findings.add(finding.help("every queue has its own element of each register of its ring"));
    }
}
