//! A field lies inside its register.

use super::RuleInfo;
use crate::lower::Draft;
use crate::report::FindingDraft;
use crate::report::Findings;
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0304",
    "field past its register",
    "A field lies inside its register.",
    &[(
        "      OVERHEAT: { bits: 0 }",
        "      OVERHEAT: { bits: 32 }",
    )],
)
.checked_by(check);

fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for register in &draft.registers {
        let fields = draft.tree.at(register.node, "fields");
        for field in register
            .fields
            .iter()
            .filter(|field| field.high() >= register.width)
        {
            let span = draft
                .tree
                .span_at(draft.tree.at(fields, &field.name), "bits");
            findings.add(finding(
                span,
                &register.name,
                &field.name,
                field.high(),
                register.width,
            ));
        }
    }
}

pub(crate) fn finding(
    span: Span,
    register: &str,
    field: &str,
    high: u32,
    width: u32,
) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        format!("field `{field}` lies outside register `{register}`"),
    )
    .here(format!("its highest bit is {high}"))
    .help(format!(
        "the bits of a register of {width} bits are 0 to {}",
        width - 1
    ))
}
