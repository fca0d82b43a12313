use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0103",
    "wrong type",
    "A value has the type that its key takes.",
    &[(
        "tx:\n  section: \"3.1\"\n  queues: 2\n",
        "tx:\n  section: \"3.1\"\n  queues: two\n",
    )],
);

pub(crate) fn finding(span: Span, what: &str, expected: &str, found: Option<&str>) -> FindingDraft {
    let finding = RULE.at(span, format!("{what} takes {expected}"));
    match found {
        Some("") => finding.here("the value is missing"),
        Some(text) if text.len() < 40 && !text.contains('\n') => {
            finding.here(format!("found `{text}`"))
        }
        _ => finding,
    }
}

/// Something else in place of a list; without a text, a map.
pub(crate) fn list(span: Span, what: &str, found: Option<&str>) -> FindingDraft {
    let finding = finding(span, what, "a list", found);
    match found {
        Some("") => finding,
        Some(text) => finding.help(format!("write it in brackets: `[{text}]`")),
        None => finding.help("a map edits an inherited list, and there is none"),
    }
}
