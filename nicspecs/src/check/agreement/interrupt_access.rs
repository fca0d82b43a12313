use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Access, Acknowledge, Mask};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0707",
    "wrong access of an interrupt register",
    "`acknowledge` matches the access of the cause register, mask registers are writable, and the mask can be read where a \
     write acknowledges.",
    &[(
        "  cause: { register: CAUSE, acknowledge: read }",
        "  cause: { register: CAUSE, acknowledge: write }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(interrupts) = &draft.interrupts else {
        return;
    };
    let cause = &interrupts.cause;
    let good = match interrupts.acknowledge {
        Acknowledge::Read => cause.access.read_clears(),
        Acknowledge::Write => cause.access.write_clears(),
    };
    if !good {
        let span = draft.span(&["interrupts", "cause", "acknowledge"]);
        let message = format!(
            "`acknowledge` does not match the access of `{}`",
            cause.name
        );
        let help = match cause.access {
            Access::ReadClears => "its access is `rc`: write `acknowledge: read`".to_owned(),
            Access::WriteOneClears => "its access is `w1c`: write `acknowledge: write`".to_owned(),
            other => format!(
                "its access is `{}`; a cause register is `rc`, `w1c` or `rc_w1c`",
                other.name()
            ),
        };
        findings.add(RULE.at(span, message).help(help));
    }
    for (key, register) in interrupts.mask.keys() {
        let span = draft.span(&["interrupts", key]);
        let access = register.access.name();
        if !register.access.can_write() {
            let finding = RULE.at(span, format!("`{}` is not writable", register.name));
            findings.add(finding.help(format!("its access is `{access}`")));
        } else if key == "mask" && register.access != Access::ReadWrite {
            let message = format!("`{}` does not hold the mask", register.name);
            findings.add(RULE.at(span, message).help(format!(
                "its access is `{access}`: name it as `mask_set` or `mask_clear`"
            )));
        }
    }
    let Mask::Pair { set, clear } = &interrupts.mask else {
        return;
    };
    let message = match (set.access.can_read(), set.width == clear.width) {
        (true, true) => return,
        (false, _) => format!("`{}` cannot be read", set.name),
        (true, false) => format!(
            "`{}` has {} bits, and `{}` has {}",
            set.name, set.width, clear.name, clear.width
        ),
    };
    if interrupts.acknowledge == Acknowledge::Write {
        let span = draft.span(&["interrupts", "mask_set"]);
        findings.add(RULE.at(span, message).help(
            "causes that come before the acknowledging write interrupt only if they are masked meanwhile: \
             the driver reads `mask_set`, writes the value to `mask_clear`, acknowledges, and writes it back",
        ));
    }
}
