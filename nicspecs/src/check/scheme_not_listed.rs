//! A sequence asks only for schemes that the NIC has.

use super::RuleInfo;
use crate::ir::Scheme;
use crate::report::FindingDraft;
use crate::suggest::quoted;
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0418",
    "scheme that the NIC does not have",
    "A sequence asks only for schemes that the NIC has.",
    &[(
        "      - if: \"completion == head_writeback\"",
        "      - if: \"completion == owner_bit or completion == head_writeback\"",
    )],
);

pub(crate) fn finding(span: Span, scheme: Scheme, listed: &[Scheme]) -> FindingDraft {
    let message = format!("the transmit rings have no scheme `{}`", scheme.name());
    let listed = listed.iter().map(|scheme| scheme.name());
    FindingDraft::new(&RULE, span, message).help(format!(
        "`completion` lists {}",
        quoted(&listed.collect::<Vec<_>>())
    ))
}
