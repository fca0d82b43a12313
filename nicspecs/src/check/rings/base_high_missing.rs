use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0421",
    "a register with the upper half of a ring's address is missing",
    "A ring whose address has more than 32 bits has a register for the upper half.",
    &[("base_low: RDBAL, base_high: RDBAH }", "base_low: RDBAL }")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for ring in draft.rings() {
        let bits = ring.limits.address_bits;
        if bits <= 32 || ring.registers.base_high.is_some() {
            continue;
        }
        let finding = RULE
            .at(
                draft.tree.key_span(draft.node(&[ring.key, "registers"])),
                "`base_high` is missing",
            )
            .label(
                draft.span(&[ring.key, "ring", "address_bits"]),
                format!("an address has {bits} bits"),
            )
            .help("name the register with the upper half, or set `address_bits` to 32");
        findings.add(finding);
    }
}
