use std::sync::Arc;

use crate::check::conditions::can_hold;
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::{Draft, Sited};
use crate::errors::not_shown;
use crate::ir::{Cond, PciId, Showing, Variant};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0205",
    "unreachable variant",
    "A variant has PCI ids, and each of them selects it on some device: its `when` can be true while those of earlier \
     variants with the id are not.",
    &[
        (
            "    pci: [\"1234:0001\"]\n",
            "    pci: [\"1234:0001\", \"1234:0002\"]\n    when: \"CTRL.SPEED < 2\"\n",
        ),
        (
            "    pci: [\"1234:0002\"]\n",
            "    pci: [\"1234:0002\"]\n    when: \"CTRL.SPEED == m10\"\n",
        ),
    ],
);

type Sitting = Sited<Arc<Variant>>;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let when = |variant: &Sitting| draft.tree.span_at(variant.node, "when");
    for (index, variant) in draft.variants.iter().enumerate() {
        let own = variant.when.as_ref().unwrap_or(&Cond::Literal(true));
        let nodes = draft.tree.items(variant.node, "pci");
        if nodes.is_empty() {
            let span = draft.tree.span_at(variant.node, "pci");
            let finding = RULE.at(span, format!("`{}` has no PCI id", variant.name));
            findings.add(finding.help("state its ids, or remove the variant"));
        }
        // An id that could not be read would shift the pairs.
        for (id, node) in variant
            .pci
            .iter()
            .zip(nodes)
            .filter(|_| variant.pci.len() == nodes.len())
        {
            let earlier = &draft.variants[..index];
            let shadows = shadows(*id, own, earlier);
            let span = draft.tree.span(*node);
            if shadows.is_empty() {
                let others = with_id(*id, earlier).map(|(_, when)| (when, false));
                if Showing::of(others.chain([(own, true)])).is_none() {
                    findings.add(not_shown::of_later(span, &variant.name));
                }
                continue;
            }
            let message = format!("no device with PCI id `{id}` is a `{}`", variant.name);
            let finding = RULE
                .at(span, message)
                .here("earlier variants take every device with this id");
            let finding = shadows.iter().fold(finding, |finding, shadow| {
                finding.label(when(shadow), format!("taken here for `{}`", shadow.name))
            });
            findings.add(finding.help(format!(
                "move `{}` before them, narrow their `when`, or remove the id",
                variant.name
            )));
        }
    }
}

/// Variants with an id that have a condition; one without is reported as ambiguous.
fn with_id(id: PciId, variants: &[Sitting]) -> impl Iterator<Item = (&Sitting, &Cond)> {
    let with_id = variants.iter().filter(move |other| other.pci.contains(&id));
    with_id.filter_map(|other| Some((other, other.when.as_ref()?)))
}

/// The earlier variants that together take every device with an id for which `own` holds; none if they leave one.
fn shadows<'d>(id: PciId, own: &Cond, earlier: &'d [Sitting]) -> Vec<&'d Sitting> {
    let decided: Vec<_> = with_id(id, earlier)
        .filter(|(_, when)| can_hold(when, &[]).is_some())
        .collect();
    let all: Vec<&Cond> = decided.iter().map(|(_, when)| *when).collect();
    // What the condition of this variant is may be unknown; that others take everything is not.
    let taken = |cond: &Cond| can_hold(cond, &all) == Some(false);
    if !taken(own) && !taken(&Cond::Literal(true)) {
        return Vec::new();
    }
    // Of those, the ones that take something from it.
    let takes = |when: &Cond| {
        let both = Cond::And(Box::new(own.clone()), Box::new(when.clone()));
        can_hold(&both, &[]) != Some(false)
    };
    let taking = decided.into_iter().filter(|(_, when)| takes(when));
    taking.map(|(other, _)| other).collect()
}
