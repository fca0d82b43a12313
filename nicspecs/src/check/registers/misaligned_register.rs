use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0302",
    "misaligned register",
    "The offset of a register is a multiple of its width.",
    &[("    offset: 0x400\n", "    offset: 0x402\n")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for register in &draft.registers {
        for (index, piece) in register.pieces.iter().enumerate() {
            let node = draft.piece(register, index);
            for (key, bytes) in [("offset", piece.offset), ("stride", piece.stride)] {
                if bytes % register.bytes() != 0 {
                    let message = format!(
                        "`{key}` of register `{}` is not aligned to its width",
                        register.name
                    );
                    let finding = RULE.at(draft.tree.span_at(node, key), message);
                    findings.add(finding.help(format!(
                        "it must be a multiple of {} bytes",
                        register.bytes()
                    )));
                }
            }
        }
    }
}
