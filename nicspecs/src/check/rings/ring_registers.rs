use crate::check::places::Ring;
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0423",
    "a ring register is not set up",
    "The registers of a ring are different ones, and a sequence writes its address and length.",
    &[("      - write: { \"RDBAH[queue]\": ring.base.high }\n", "")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for Ring { key, registers, .. } in draft.rings() {
        let named: Vec<_> = registers.named().collect();
        for (at, (role, register)) in named.iter().enumerate() {
            let span = draft.span(&[key, "registers", role]);
            let name = &register.name;
            if let Some((other, _)) = named[..at].iter().find(|(_, other)| other.name == *name) {
                findings.add(RULE.at(span, format!("`{name}` is `{other}` as well")));
                continue;
            }
            let is_written = matches!(*role, "head" | "tail") || draft.is_written(register);
            if !is_written && draft.sequences_are_complete() {
                let finding = RULE.at(span, format!("no sequence writes `{name}`"));
                findings.add(finding.help(format!(
                    "`{key}.enable` writes it, usually from `ring.base.low`, `ring.base.high` or `ring.bytes`"
                )));
            }
        }
    }
}
