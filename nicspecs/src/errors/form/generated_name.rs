use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0113",
    "name already used in generated code",
    "Names become identifiers of the generated code, which differ from each other and from all that the code uses.",
    &[(
        "  FAN:\n",
        "  LINK:\n    title: Link\n    section: \"4.19\"\n    offset: 0xff8\n    access: rw\n  FAN:\n",
    )],
);

/// An identifier that the generated code uses.
pub(crate) fn finding(span: Span, name: &str, identifier: &str) -> FindingDraft {
    let message = format!("`{name}` becomes `{identifier}`, which generated code already uses");
    RULE.at(span, message).help("choose another name")
}

/// An identifier that another name becomes, which stands elsewhere.
pub(crate) fn taken(span: Span, name: &str, identifier: &str, other: (&str, Span)) -> FindingDraft {
    let (other, place) = other;
    let message = format!("`{name}` becomes `{identifier}` in generated code, as `{other}` does");
    RULE.at(span, message)
        .label(place, format!("`{other}`"))
        .help("choose another name")
}

/// A module that another spec has.
pub(crate) fn module(span: Span, name: &str, module: &str, other: &str) -> FindingDraft {
    let message = format!("`{name}` becomes the module `{module}`, as the spec `{other}` does");
    RULE.at(span, message)
        .help("choose another name, and rename the file")
}
