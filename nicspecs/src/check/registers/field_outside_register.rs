//! A field lies inside its register.

use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::field_outside_register::finding;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
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
