//! A field lies inside its register.

use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::field_outside_register::finding;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for register in &draft.registers {
        let width = register.width;
        for field in register.fields.iter().filter(|field| field.high() >= width) {
            let span = draft.bits(register.node, &field.name);
            findings.add(finding(
                span,
                &register.name,
                &field.name,
                field.high(),
                width,
            ));
        }
    }
}
