//! Names that are offered instead of a misspelt one.

use crate::diagnostic::FindingDraft;
use crate::suggest;

/// Adds the names that are near, and all that there are, after `all`: "it is one of".
pub(crate) fn offer(finding: FindingDraft, wrong: &str, all: &str, known: &[&str]) -> FindingDraft {
    if known.is_empty() {
        return finding;
    }
    let near = suggest::nearest(wrong, known.iter().copied());
    let finding = match near.is_empty() || near.len() > 3 {
        true => finding,
        false => finding.here(format!("did you mean {}?", suggest::alternatives(&near))),
    };
    match known.len() <= suggest::MANY {
        true => finding.help(format!("{all} {}", suggest::quoted(known))),
        false => finding,
    }
}
