//! A ring lists only completion schemes that the core supports for its direction, each once and with the registers that it needs.

use crate::diagnostic::{FindingDraft, Findings, NodeId};
use crate::draft::Draft;
use crate::errors::schemes_of_a_ring::RULE;
use crate::ir::{Scheme, Tx};

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(tx) = &draft.tx else { return };
    let items = draft
        .tree
        .list(draft.node(&["tx", "completion"]))
        .unwrap_or_default();
    let schemes: Vec<Scheme> = tx.completions.iter().map(|each| each.scheme()).collect();
    for (index, (scheme, node)) in schemes.iter().zip(items).enumerate() {
        if let Some((message, help)) = wrong(tx, *scheme, &schemes[..index]) {
            let span = draft.tree.span_at(*node, "scheme");
            findings.add(FindingDraft::new(&RULE, span, message).help(help));
        }
    }
    if tx.completion_bit().is_none() {
        let span = draft.tree.key_span(draft.node(&["tx", "completion"]));
        let finding = FindingDraft::new(
            &RULE,
            span,
            "no completion scheme uses a bit of the descriptor",
        );
        findings.add(finding.help("also list `done_bit` or `owner_bit`: the core checks it first"));
    }
    let completions: Vec<_> = draft.completion_bits().collect();
    let expected = [
        (draft.rx.as_ref().map(|rx| &rx.arm.format), "rx"),
        (draft.tx.as_ref().map(|tx| &tx.encode.format), "tx"),
    ];
    for (format, key) in expected {
        let Some(format) = format else { continue };
        let ours = completions
            .iter()
            .filter(|(_, node)| is_below(draft, *node, key));
        for (completion, node) in
            ours.filter(|(completion, _)| completion.format.size != format.size)
        {
            let span = draft.tree.span_at(*node, "format");
            let message = format!(
                "`{}` and `{}` differ in size",
                completion.format.name, format.name
            );
            let finding = FindingDraft::new(&RULE, span, message);
            findings.add(finding.help(
                "the NIC writes back to the same place, so both formats must have the same size",
            ));
        }
    }
}

fn is_below(draft: &Draft<'_>, node: NodeId, key: &str) -> bool {
    let completion = draft.node(&[key, "completion"]);
    let items = draft.tree.list(completion).unwrap_or_default();
    node == completion || items.contains(&node)
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
