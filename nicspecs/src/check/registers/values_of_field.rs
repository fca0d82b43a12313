use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::EnumValue;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0307",
    "named value too large or duplicate",
    "A named value fits its field, and no two names of a field have the same value.",
    &[("values: { m10: 0, m100: 1 }", "values: { m10: 0, m100: 4 }")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for register in &draft.registers {
        for field in &register.fields {
            let fields = draft.tree.at(register.node, "fields");
            let values = draft.tree.at(draft.tree.at(fields, &field.name), "values");
            let span = |value: &EnumValue| draft.tree.span_at(values, &value.name);
            for (position, value) in field.values.iter().enumerate() {
                let called = format!("`{}` of `{}.{}`", value.name, register.name, field.name);
                if value.value > field.max() {
                    let finding = RULE.at(span(value), format!("{called} does not fit its field"));
                    let help = format!("{} bits hold values up to {}", field.width, field.max());
                    findings.add(finding.help(help));
                }
                if let Some(first) = field.values[..position]
                    .iter()
                    .find(|first| first.value == value.value)
                {
                    let message = format!("{called} has the same value as `{}`", first.name);
                    let finding = RULE
                        .at(span(value), message)
                        .label(span(first), "the same value");
                    findings.add(finding.help("keep the datasheet's name for it"));
                }
            }
        }
    }
}
