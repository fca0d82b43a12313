//! The driver writes only fields that are `by: host`.

use super::RuleInfo;
use crate::ir::{Owner, Pattern};
use crate::lower::Draft;
use crate::report::FindingDraft;
use crate::report::Findings;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0405",
    "driver writes a field of the NIC",
    "The driver writes only fields that are `by: host`.",
    &[("LAST: 1, CRC: 1 }", "LAST: 1, CRC: 1, DONE: 1 }")],
)
.checked_by(check);

fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut pattern = |pattern: &Pattern, path: &[&str]| {
        for setting in pattern
            .set
            .iter()
            .filter(|setting| setting.field.by == Owner::Nic)
        {
            let at = draft.tree.at(draft.node(path), &setting.field.name);
            let message = format!(
                "field `{}` is written by the NIC, not by the driver",
                setting.field.name
            );
            let finding = FindingDraft::new(&RULE, draft.tree.key_span(at), message);
            findings
                .add(finding.help("remove it here: what `set` does not name is written as zero"));
        }
    };
    if let Some(tx) = &draft.tx {
        pattern(&tx.encode, &["tx", "encode", "set"]);
    }
    if let Some(rx) = &draft.rx {
        pattern(&rx.arm, &["rx", "arm", "set"]);
    }
    if let Some(tx) = &draft.tx {
        let list = draft
            .tree
            .list(draft.node(&["tx", "encode", "report"]))
            .unwrap_or_default();
        for (field, node) in tx
            .report
            .iter()
            .zip(list)
            .filter(|(field, _)| field.by == Owner::Nic)
        {
            let message = format!(
                "field `{}` is written by the NIC, so it cannot ask for a report",
                field.name
            );
            let finding = FindingDraft::new(&RULE, draft.tree.span(*node), message);
            findings
                .add(finding.help("name the field of the driver that asks for it, such as `RS`"));
        }
    }
}
