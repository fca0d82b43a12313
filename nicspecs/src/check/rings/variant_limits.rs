use std::sync::Arc;

use super::{frame_descriptors, ring_limits};
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::{Draft, Sited};
use crate::ir::{FrameLimits, Limit, Limited, Narrower, RingLimits, Variant};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0419",
    "variant limit without effect",
    "A limit of a variant is narrower than that of the spec and leaves rings and frames possible; at least one variant has the limit of the spec.",
    &[
        (
            "    pci: [\"1234:0001\"]\n",
            "    pci: [\"1234:0001\"]\n    limits: { tx_ring_max: 12 }\n",
        ),
        (
            "    constants: { settle: 20 }\n",
            "    constants: { settle: 20 }\n    limits: { tx_frame_max: 9000, rss_queues: 2 }\n",
        ),
    ],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let messages = draft.interrupts.as_ref();
    let messages = messages.and_then(|interrupts| interrupts.messages.as_ref());
    let spec = Limited {
        tx: draft.tx.as_ref(),
        rx: draft.rx.as_ref(),
        rss: draft.rss.as_ref(),
        messages: messages.map(|messages| messages.count),
    };
    Limit::ALL.into_iter().for_each(|limit| {
        of_limit(draft, limit, &spec, findings);
    });
    let narrows = |variant: &Variant| {
        Limit::ALL.into_iter().all(|limit| {
            let both = variant.own_limit(limit).zip(spec.get(limit));
            both.is_none_or(|(own, all)| wider(limit, own, all).is_none())
        })
    };
    for variant in draft.variants.iter().filter(|variant| narrows(variant)) {
        together(draft, variant, &spec, findings);
    }
}

fn of_limit(draft: &Draft<'_>, limit: Limit, spec: &Limited<'_>, findings: &mut Findings) {
    let name = limit.name();
    let owns = || draft.variants.iter().map(|each| each.own_limit(limit));
    let Some(all) = spec.get(limit) else {
        // A part that is there could not be read, which has been reported.
        let mut path = limit.path().iter();
        let root = draft.tree.root();
        if path
            .try_fold(root, |node, key| draft.tree.get(node, key))
            .is_some()
        {
            return;
        }
        for (variant, _) in draft
            .variants
            .iter()
            .zip(owns())
            .filter(|(_, own)| own.is_some())
        {
            let at = draft.tree.at(draft.tree.at(variant.node, "limits"), name);
            let message = format!("the spec has no `{}`", limit.path().join("."));
            let finding = RULE.at(draft.tree.span(at), message);
            findings.add(finding.help("remove this limit"));
        }
        return;
    };
    let there = draft.span(limit.path());
    for (variant, own) in draft.variants.iter().zip(owns()) {
        let Some(wrong) = own.and_then(|own| wider(limit, own, all)) else {
            continue;
        };
        let at = draft.tree.at(draft.tree.at(variant.node, "limits"), name);
        findings.add(
            RULE.at(
                draft.tree.span(at),
                format!("`{name}` of a variant must be {wrong}"),
            )
            .label(there, "the limit of the spec")
            .help("remove it if the limit of the spec holds for the variant"),
        );
    }
    if !draft.variants.is_empty() && owns().all(|own| own.is_some()) {
        let finding = RULE.at(there, format!("every variant has a narrower `{name}`"));
        let widest = match limit.narrower() {
            Narrower::Smaller => "set this to the largest limit of any variant",
            Narrower::Larger | Narrower::Multiples => {
                "set this to the smallest limit of any variant"
            }
        };
        findings.add(finding.help(widest));
    }
}

/// What the limit `own` of a variant should be, if it does not narrow `all`, that of the spec.
fn wider(limit: Limit, own: u32, all: u32) -> Option<String> {
    let (narrows, range) = match limit.narrower() {
        Narrower::Smaller => (own < all, format!("less than {all}")),
        Narrower::Larger => (own > all, format!("more than {all}")),
        Narrower::Multiples => (
            own > all && own.is_multiple_of(all),
            format!("a multiple of {all}, and more"),
        ),
    };
    (!narrows).then_some(range)
}

/// Limits that contradict each other, by their paths: the one to correct first.
struct Contradiction {
    between: Vec<Vec<&'static str>>,
    message: String,
}

/// Reports limits that contradict each other once those of a variant are in the place of the spec's.
fn together(
    draft: &Draft<'_>,
    variant: &Sited<Arc<Variant>>,
    spec: &Limited<'_>,
    findings: &mut Findings,
) {
    // They are reported at the spec.
    let of_spec = contradictions(spec, |limit| spec.get(limit));
    let is_of_spec = |wrong: &Contradiction| {
        let mut all = of_spec.iter();
        all.any(|each| each.between == wrong.between)
    };
    let own = |path: &[&str]| Limit::at(path).filter(|limit| variant.own_limit(*limit).is_some());
    let limits = draft.tree.at(variant.node, "limits");
    let narrowed = |limit: Limit| variant.own_limit(limit).or_else(|| spec.get(limit));
    for wrong in contradictions(spec, narrowed) {
        let Some(stated) = wrong.between.iter().find_map(|path| own(path)) else {
            continue;
        };
        if is_of_spec(&wrong) {
            continue;
        }
        let at = draft.tree.span(draft.tree.at(limits, stated.name()));
        let mut finding = RULE.at(at, wrong.message);
        for path in wrong.between.iter().filter(|path| own(path).is_none()) {
            finding = finding.label(draft.span(path), "the limit of the spec");
            if let Some(limit) = Limit::at(path) {
                finding = finding.help(format!("the variant may state `{}`, too", limit.name()));
            }
        }
        findings.add(finding);
    }
}

/// What contradicts something among limits.
fn contradictions(spec: &Limited<'_>, limit: impl Fn(Limit) -> Option<u32>) -> Vec<Contradiction> {
    let mut all = Vec::new();
    let mut add = |part: [&'static str; 2], wrong: ring_limits::Contradiction| {
        let keys = [Some(wrong.key), wrong.other];
        let path = |key| part.into_iter().chain([key]).collect();
        all.push(Contradiction {
            between: keys.into_iter().flatten().map(path).collect(),
            message: wrong.message,
        });
    };
    for key in ["tx", "rx"] {
        let of = |part| limit(Limit::at(&[key, "ring", part])?);
        let ring = || {
            Some(RingLimits {
                min: of("min")?,
                max: of("max")?,
                multiple: of("multiple")?,
                align: of("align")?,
                address_bits: of("address_bits")?,
            })
        };
        let wrong = ring().map(|ring| ring_limits::of_ring(&ring));
        wrong
            .into_iter()
            .flatten()
            .for_each(|each| add([key, "ring"], each));
    }
    let frame = spec.tx.and_then(|tx| {
        Some(FrameLimits {
            min: limit(Limit::TxFrameMin)?,
            max: limit(Limit::TxFrameMax)?,
            descriptors: limit(Limit::TxFrameDescriptors)?,
            ..tx.frame
        })
    });
    if let (Some(tx), Some(frame), Some(slots)) = (spec.tx, frame, limit(Limit::TxRingMax)) {
        let wrong = ring_limits::of_frame(&frame);
        wrong
            .into_iter()
            .for_each(|each| add(["tx", "frame"], each));
        if let Some((key, message)) = frame_descriptors::of(&frame, slots, tx.descriptor_max()) {
            let other = match key {
                "descriptors" => ["tx", "ring", "max"],
                _ => ["tx", "frame", "descriptors"],
            };
            all.push(Contradiction {
                between: vec![vec!["tx", "frame", key], other.to_vec()],
                message,
            });
        }
    }
    if let (Some(spread), Some(queues)) = (limit(Limit::RssQueues), limit(Limit::RxQueues))
        && spread > queues
    {
        all.push(Contradiction {
            between: vec![vec!["rss", "queues"], vec!["rx", "queues"]],
            message: format!("RSS spreads over {spread} of {queues} receive queues"),
        });
    }
    all
}
