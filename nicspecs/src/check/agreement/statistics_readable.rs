use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Source;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0703",
    "counter register not readable",
    "The register of a counter is readable and has 32 bits.",
    &[(
        "  rx_frames: { register: GOOD, counts: rx_frames }",
        "  rx_frames: { register: MASK_CLEAR, counts: rx_frames }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for counter in &draft.statistics {
        let registers = match &counter.source {
            Source::One(register) => vec![("register", register)],
            Source::Pair { low, high } => vec![("low", low), ("high", high)],
            Source::Block { .. } => Vec::new(),
        };
        for (key, register) in registers
            .iter()
            .filter(|(_, register)| !register.access.can_read())
        {
            let message = format!(
                "counter `{}` cannot be read from `{}`",
                counter.name, register.name
            );
            let finding = RULE.at(draft.tree.span_at(counter.node, key), message);
            findings.add(finding.help(format!(
                "the access of `{}` is `{}`",
                register.name,
                register.access.name()
            )));
        }
        for (key, register) in registers
            .iter()
            .filter(|(_, register)| register.width != 32)
        {
            let (name, width) = (&register.name, register.width);
            let message = format!("counter `{}` cannot be read from `{name}`", counter.name);
            let finding = RULE.at(draft.tree.span_at(counter.node, key), message);
            findings.add(finding.help(format!(
                "a counter is read as 32 bits, but `{name}` has {width}"
            )));
        }
    }
}
