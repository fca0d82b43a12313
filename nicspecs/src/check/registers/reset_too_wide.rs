use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0306",
    "reset value too large",
    "The reset value of a register fits its width.",
    &[("    reset: 0x00000010\n", "    reset: 0x100000010\n")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for register in draft
        .registers
        .iter()
        .filter(|register| register.reset > register.max())
    {
        let span = draft.tree.span_at(register.node, "reset");
        let message = format!(
            "the reset value of `{}` has more than {} bits",
            register.name, register.width
        );
        findings.add(
            RULE.at(span, message)
                .help(format!("the largest value is {:#x}", register.max())),
        );
    }
}
