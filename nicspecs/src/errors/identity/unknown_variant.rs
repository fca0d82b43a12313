use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::errors::offer::offer;
use crate::suggest;

/// Most mentions that a message shows.
const SHOWN: usize = 3;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0203",
    "unknown variant",
    "Every variant name is declared in `variants`.",
    &[("    only_on: [B]\n", "    only_on: [B, C]\n")],
);

pub(crate) fn finding(span: Span, name: &str, known: &[&str]) -> FindingDraft {
    let finding = RULE.at(span, format!("there is no variant `{name}`"));
    offer(finding, name, "the variants are", known)
}

/// A variant is like one that the base spec does not have.
pub(crate) fn of_base(span: Span, name: &str, base: &str, known: &[&str]) -> FindingDraft {
    let finding = RULE.at(span, format!("`{base}` has no variant `{name}`"));
    offer(finding, name, "its variants are", known)
}

/// A variant is like one of a base spec, and there is none.
pub(crate) fn without_base(span: Span) -> FindingDraft {
    RULE.at(
        span,
        "`like` of a variant names one of a base spec, and this spec has none",
    )
    .help("remove it")
}

/// Some variants are like none of the base spec, and inherited parts name those: a name, and its place.
pub(crate) fn like_none(
    span: Span,
    unlike: &[&str],
    (base, known): (&str, &[&str]),
    mentions: &[(String, Span)],
) -> FindingDraft {
    let places = match mentions.len() {
        1 => "1 place".to_owned(),
        many => format!("{many} places"),
    };
    let like: Vec<_> = known.iter().map(|name| format!("like: {name}")).collect();
    let message = format!("inherited parts name variants of `{base}` in {places}");
    let here = format!(
        "which of them is each of these like: {}?",
        suggest::quoted(unlike)
    );
    let finding = RULE.at(span, message).here(here);
    let shown = mentions.iter().take(SHOWN);
    shown
        .fold(finding, |finding, (name, place)| {
            finding.label(*place, format!("`{name}` is named here"))
        })
        .help(format!(
            "add {} to each: what inherited parts say of that variant then holds for it",
            suggest::alternatives(&like)
        ))
}

/// A spec changes an inherited register that none of its variants has.
pub(crate) fn on_none(span: Span, register: &str) -> FindingDraft {
    RULE.at(span, format!("no variant is like one that has `{register}`"))
        .help("remove the register from this spec, or state `only_on`; with `only_on: null` every variant has it")
}

/// A spec adds a step to inherited ones that run on none of its variants.
pub(crate) fn never(span: Span) -> FindingDraft {
    RULE.at(
        span,
        "this step never runs: no variant is like one for which the inherited condition holds",
    )
    .help("remove the step, or insert it before or after the inherited `if`")
}
