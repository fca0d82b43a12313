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
        let mut registers = match &counter.source {
            Source::One(register) => vec![("register", register)],
            Source::Pair { low, high } => vec![("low", low), ("high", high)],
            Source::Block { .. } => Vec::new(),
        };
        registers.extend(counter.also.iter().map(|also| ("also", &also.register)));
        for (key, register) in registers {
            let (name, width) = (&register.name, register.width);
            let mut add = |help: String| {
                let message = format!("counter `{}` cannot be read from `{name}`", counter.name);
                let span = draft.tree.span_at(counter.node, key);
                findings.add(RULE.at(span, message).help(help));
            };
            if !register.access.can_read() {
                let access = register.access.name();
                add(format!("the access of `{name}` is `{access}`"));
            }
            if width != 32 {
                add(format!(
                    "a counter is read as 32 bits, but `{name}` has {width}"
                ));
            }
        }
    }
}
