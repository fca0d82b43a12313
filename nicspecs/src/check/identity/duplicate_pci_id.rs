use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::duplicate_pci_id::{Use, finding};
use crate::ir::PciId;

pub(super) use crate::errors::duplicate_pci_id::RULE;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut ids: Vec<(PciId, usize, Use<'_>)> = Vec::new();
    for (index, variant) in draft.variants.iter().enumerate() {
        let nodes = draft.tree.items(variant.node, "pci");
        if nodes.len() == variant.pci.len() {
            let uses = nodes.iter().map(|node| Use {
                span: draft.tree.span(*node),
                variant: &variant.name,
            });
            let of_variant = variant.pci.iter().zip(uses);
            ids.extend(of_variant.map(|(id, each)| (*id, index, each)));
        }
    }
    for (position, (id, index, second)) in ids.iter().enumerate() {
        let mut before = ids[..position].iter().rev();
        let Some((_, first, first_use)) = before.find(|(other, _, _)| *other == *id) else {
            continue;
        };
        if draft.variants[*first].when.is_none() || first == index {
            findings.add(finding(*id, first_use, second));
        }
    }
}
