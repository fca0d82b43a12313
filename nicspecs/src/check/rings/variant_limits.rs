use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Tx;
use std::ops::Range;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0419",
    "variant limit without effect",
    "A limit of a variant is lower than that of the spec, and at least one variant has the limit of the spec.",
    &[(
        "    constants: { settle: 20 }\n",
        "    constants: { settle: 20 }\n    limits: { tx_frame_max: 9000 }\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if let Some(Tx { frame, .. }) = &draft.tx {
        let range = frame.min.max(frame.pads_to)..frame.max;
        let limits = draft.variants.iter().map(|each| each.limits.tx_frame_max);
        let (key, path) = ("tx_frame_max", ["tx", "frame", "max"]);
        of_kind(draft, (key, &path), range, limits, findings);
    }
    if let Some(rx) = &draft.rx {
        let limits = draft.variants.iter().map(|each| each.limits.rx_frame_max);
        let (key, path) = ("rx_frame_max", ["rx", "frame_max"]);
        of_kind(draft, (key, &path), 60..rx.frame_max, limits, findings);
    }
}

/// `key` is the limit of a variant, `path` leads to that of the spec, which ends the range of the former.
fn of_kind(
    draft: &Draft<'_>,
    (key, path): (&str, &[&str]),
    range: Range<u32>,
    mut limits: impl Iterator<Item = Option<u32>> + Clone,
    findings: &mut Findings,
) {
    let all = draft.span(path);
    for (variant, limit) in draft.variants.iter().zip(limits.clone()) {
        if limit.is_none_or(|limit| range.contains(&limit)) {
            continue;
        }
        let at = draft.tree.at(draft.tree.at(variant.node, "limits"), key);
        let message = format!(
            "`{key}` of a variant must be at least {} and less than {}",
            range.start, range.end
        );
        findings.add(
            RULE.at(draft.tree.span(at), message)
                .label(all, "the limit of the spec")
                .help("remove it if the variant has no lower limit"),
        );
    }
    if !draft.variants.is_empty() && limits.all(|limit| limit.is_some()) {
        let finding = RULE.at(all, format!("every variant has a lower `{key}`"));
        findings.add(finding.help("set this to the largest limit of any variant"));
    }
}
