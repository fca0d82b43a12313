use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::place;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0301",
    "register outside its space",
    "Every element of a register lies inside its space.",
    &[("    offset: 0x400\n", "    offset: 0x1000\n")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for register in &draft.registers {
        for (index, piece) in register.pieces.iter().enumerate() {
            let end = place::end(register, piece);
            if end <= register.space.size {
                continue;
            }
            let node = draft.piece(register, index);
            let last = piece.first.saturating_add(piece.count.saturating_sub(1));
            let name = place::called(register, last);
            let message = format!(
                "register `{}` lies outside space `{}`",
                register.name, register.space.name
            );
            findings.add(
                RULE.at(draft.tree.span_at(node, "offset"), message)
                    .here(format!(
                        "`{name}` covers {:#x} to {:#x}",
                        end - register.bytes(),
                        end - 1
                    ))
                    .help(format!("the space has {:#x} bytes", register.space.size)),
            );
        }
    }
}
