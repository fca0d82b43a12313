use std::fmt::Display;

use crate::diagnostic::{FindingDraft, Note, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0202",
    "ambiguous PCI id",
    "A PCI id belongs to one spec and selects one variant: of the variants that share it, all but the last have `when`.",
    &[(
        "    pci: [\"1234:0002\"]\n",
        "    pci: [\"1234:0002\", \"1234:0001\"]\n",
    )],
);

/// A use of an id for a variant, given by its name.
pub(crate) struct Use<'v> {
    pub(crate) span: Span,
    pub(crate) variant: &'v str,
}

/// Two variants of a spec, of which nothing distinguishes the first.
pub(crate) fn finding(id: impl Display, first: &Use<'_>, second: &Use<'_>) -> FindingDraft {
    let name = first.variant;
    RULE.at(
        second.span,
        format!("PCI id `{id}` belongs to two variants"),
    )
    .here(format!("used here for `{}`", second.variant))
    .label(first.span, format!("and here for `{name}`"))
    .help(format!(
        "add a `when` to `{name}` that distinguishes it, or remove the id"
    ))
}

/// Two specs; `note` is the place in the other one.
pub(crate) fn of_specs(span: Span, id: impl Display, part: &str, note: Note) -> FindingDraft {
    RULE.at(span, format!("PCI id `{id}` belongs to two specs"))
        .here(format!("used here for {part}"))
        .note(note)
        .help("remove it from one of them: the PCI id of a device selects the driver")
}
