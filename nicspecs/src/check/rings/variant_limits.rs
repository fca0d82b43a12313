//! A limit of a variant is lower than that of the spec, and at least one variant has the limit of the spec.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0419",
    "variant limit without effect",
    "A limit of a variant is lower than that of the spec, and at least one variant has the limit of the spec.",
    &[(
        "    constants: { settle: 20 }\n",
        "    constants: { settle: 20 }\n    limits: { tx_frame_max: 9000 }\n",
    )],
);

/// One kind of limit: its key, the value of the spec and where it is, and the smallest allowed value.
struct Kind<'k> {
    key: &'k str,
    all: u32,
    path: &'k [&'k str],
    least: u32,
}

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if let Some(tx) = &draft.tx {
        let kind = Kind {
            key: "tx_frame_max",
            all: tx.frame.max,
            path: &["tx", "frame", "max"],
            least: tx.frame.min.max(tx.frame.pads_to),
        };
        let limits = draft.variants.iter().map(|each| each.limits.tx_frame_max);
        of_kind(draft, &kind, limits.collect(), findings);
    }
    if let Some(rx) = &draft.rx {
        let kind = Kind {
            key: "rx_frame_max",
            all: rx.frame_max,
            path: &["rx", "frame_max"],
            least: 60,
        };
        let limits = draft.variants.iter().map(|each| each.limits.rx_frame_max);
        of_kind(draft, &kind, limits.collect(), findings);
    }
}

fn of_kind(draft: &Draft<'_>, kind: &Kind<'_>, limits: Vec<Option<u32>>, findings: &mut Findings) {
    let all = draft.tree.span(draft.node(kind.path));
    for (variant, limit) in draft.variants.iter().zip(&limits) {
        if limit.is_none_or(|limit| (kind.least..kind.all).contains(&limit)) {
            continue;
        }
        let at = draft
            .tree
            .at(draft.tree.at(variant.node, "limits"), kind.key);
        let message = format!(
            "`{}` of a variant must be at least {} and less than {}",
            kind.key, kind.least, kind.all
        );
        let finding = FindingDraft::new(&RULE, draft.tree.span(at), message);
        findings.add(
            finding
                .label(all, "the limit of the spec")
                .help("remove it if the variant has no lower limit"),
        );
    }
    if !limits.is_empty() && limits.iter().all(Option::is_some) {
        let message = format!("every variant has a lower `{}`", kind.key);
        let finding = FindingDraft::new(&RULE, all, message);
        findings.add(finding.help("set this to the largest limit of any variant"));
    }
}
