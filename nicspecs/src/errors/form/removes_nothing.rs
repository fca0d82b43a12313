use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::suggest;

/// Most places of inherited items that a message shows.
const SHOWN: usize = 3;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0111",
    "nothing to remove or change",
    "`null` removes a key that the spec would inherit, and each edit of a list names one inherited item.",
    &[("    reset: 0x00000010\n", "    reset: null\n")],
);

pub(crate) fn finding(span: Span, key: &str) -> FindingDraft {
    RULE.at(span, format!("`{key}` is not inherited"))
        .help("remove the key; `null` only removes keys of the spec that `like` names")
}

/// No inherited item has what an edit states.
pub(crate) fn none(span: Span, said: &str, known: &[&str]) -> FindingDraft {
    let message = format!("no item of the inherited list has `{said}`");
    let known: Vec<&str> = known
        .iter()
        .copied()
        .filter(|each| !each.is_empty())
        .collect();
    let finding = RULE.at(span, message);
    match suggest::help(said, &known) {
        Some(help) => finding.help(help),
        None => finding.help("state keys and values of one item, as the base spec has them"),
    }
}

/// Several inherited items have what an edit states.
pub(crate) fn several(span: Span, said: &str, places: Vec<Span>) -> FindingDraft {
    let count = places.len();
    let message = format!("{count} items of the inherited list have `{said}`");
    let finding = RULE.at(span, message);
    let places = places.into_iter().take(SHOWN);
    places
        .fold(finding, |finding, place| {
            finding.label(place, "one of them")
        })
        .help("state more keys of the item, so that it is the only one that has them")
}

/// Two edits remove or change the same item.
pub(crate) fn twice(span: Span, first: Span) -> FindingDraft {
    RULE.at(span, "this item is removed or changed twice")
        .label(first, "first here")
        .help("state all changes of an item in one place")
}
