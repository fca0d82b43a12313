use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0001",
    "YAML syntax error",
    "A spec is valid YAML; a syntax error is reported alone, because nothing after it can be trusted.",
    &[(
        "spaces:\n  mmio: { bar: 0, size: 0x1000 }",
        "spaces:\n  mmio: { bar: 0, size: 0x1000",
    )],
);

/// `info` is what the parser says, `cure` how to correct what looks wrong to it.
pub(crate) fn finding(info: &str, span: Span, cure: Option<String>) -> FindingDraft {
    let finding = RULE.at(span, format!("the file is not valid YAML: {info}"));
    finding.help(cure.unwrap_or_else(|| "the error may also be on the lines above".to_owned()))
}
