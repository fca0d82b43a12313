//! A ring lists only completion schemes that the core supports for its direction, each once and with the registers that it needs.

use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::schemes_of_a_ring::RULE;
use crate::ir::{Completion, Scheme, Tx};

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(tx) = &draft.tx else { return };
    let schemes: Vec<Scheme> = tx.completions.iter().map(|each| each.scheme()).collect();
    for (index, (completion, node)) in draft.completions().enumerate() {
        if let Some((message, help)) = wrong(tx, completion.scheme(), &schemes[..index]) {
            let span = draft.tree.span_at(node, "scheme");
            findings.add(RULE.at(span, message).help(help));
        }
    }
    if tx.completion_bit().is_none() {
        let span = draft.tree.key_span(draft.node(&["tx", "completion"]));
        let finding = RULE.at(span, "no completion scheme uses a bit of the descriptor");
        findings.add(finding.help("also list `done_bit` or `owner_bit`: the core checks it first"));
    }
    for ring in draft.rings() {
        let written = &ring.pattern.format;
        for (Completion { format, .. }, node) in ring.bits {
            if format.size != written.size {
                let message = format!("`{}` and `{}` differ in size", format.name, written.name);
                let finding = RULE.at(draft.tree.span_at(node, "format"), message);
                findings.add(finding.help(
                    "the NIC writes back to the same place, so both formats must have the same size",
                ));
            }
        }
    }
}

fn wrong(tx: &Tx, scheme: Scheme, before: &[Scheme]) -> Option<(String, &'static str)> {
    let name = scheme.name();
    if before.contains(&scheme) {
        return Some((format!("`{name}` is listed twice"), "remove one of them"));
    }
    let owner_bit = Scheme::OwnerBit;
    if !before.is_empty() && (scheme == owner_bit || before.contains(&owner_bit)) {
        return Some((
            format!("`{name}` cannot be combined with `{}`", before[0].name()),
            "remove it: the owner bit already reports completion",
        ));
    }
    (scheme == Scheme::HeadRegister && tx.registers.head.is_none()).then(|| {
        (
            format!("`{name}` needs the head register"),
            "add it to `registers` as `head`",
        )
    })
}
