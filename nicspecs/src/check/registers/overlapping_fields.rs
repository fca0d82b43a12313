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
        let fields = draft.tree.at(register.node, "fields");
        let span = |field: &Field| {
            draft
                .tree
                .span_at(draft.tree.at(fields, &field.name), "bits")
        };
        for (position, field) in register.fields.iter().enumerate() {
            for earlier in register.fields[..position]
                .iter()
                .filter(|earlier| earlier.mask() & field.mask() != 0)
            {
                let message = format!(
                    "field `{}` of `{}` overlaps `{}`",
                    field.name, register.name, earlier.name
                );
                let shared = (earlier.mask() & field.mask()).trailing_zeros();
                findings.add(
                    RULE.at(span(field), message)
                        .here(format!("has bit {shared}"))
                        .label(span(earlier), format!("also has bit {shared}"))
                        .help(format!(
                            "check section {}, which describes `{}`",
                            register.section, register.name
                        )),
                );
            }
        }
    }
}
