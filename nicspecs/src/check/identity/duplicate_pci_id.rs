use crate::diagnostic::{Findings, RuleInfo, Span};
use crate::draft::Draft;
use crate::ir::PciId;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0202",
    "ambiguous PCI id",
    "A PCI id selects one variant: of the variants that share it, all but the last have `when`.",
    &[(
        "    pci: [\"1234:0002\"]\n",
        "    pci: [\"1234:0002\", \"1234:0001\"]\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut ids: Vec<(PciId, usize, Span)> = Vec::new();
    for (index, variant) in draft.variants.iter().enumerate() {
        let nodes = draft.tree.items(variant.node, "pci");
        if nodes.len() == variant.pci.len() {
            let spans = nodes.iter().map(|node| draft.tree.span(*node));
            let of_variant = variant.pci.iter().zip(spans);
            ids.extend(of_variant.map(|(id, span)| (*id, index, span)));
        }
    }
    for (position, (id, index, span)) in ids.iter().enumerate() {
        let mut before = ids[..position].iter().rev();
        let Some((_, first, first_span)) = before.find(|(other, _, _)| other == id) else {
            continue;
        };
        let first = &draft.variants[*first];
        if first.when.is_some() && first.name != draft.variants[*index].name {
            continue;
        }
        let message = format!(
            "PCI id `{:04x}:{:04x}` belongs to two variants",
            id.vendor, id.device
        );
        findings.add(
            RULE.at(*span, message)
                .here(format!("used here for `{}`", draft.variants[*index].name))
                .label(*first_span, format!("and here for `{}`", first.name))
                .help(format!(
                    "add a `when` to `{}` that distinguishes it, or remove the id",
                    first.name
                )),
        );
    }
}
