use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Field;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0305",
    "overlapping fields",
    "Fields of a register do not overlap.",
    &[("      READY: { bits: 2 }\n", "      READY: { bits: 1 }\n")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for register in &draft.registers {
        let span = |field: &Field| draft.bits(register.node, &field.name);
        for (position, field) in register.fields.iter().enumerate() {
            for earlier in &register.fields[..position] {
                let shared = earlier.mask() & field.mask();
                if shared == 0 {
                    continue;
                }
                let message = format!(
                    "field `{}` of `{}` overlaps `{}`",
                    field.name, register.name, earlier.name
                );
                let bit = shared.trailing_zeros();
                findings.add(
                    RULE.at(span(field), message)
                        .here(format!("has bit {bit}"))
                        .label(span(earlier), format!("also has bit {bit}"))
                        .help(format!(
                            "check section {}, which describes `{}`",
                            register.section, register.name
                        )),
                );
            }
        }
    }
}
