use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0004",
    "forbidden character",
    "A file is UTF-8. It has no control characters and none that change the direction of text, which do not show what \
     they do.",
    &[(
        "    title: Device Control\n",
        "    title: Device\u{202e} Control\n",
    )],
);

/// Whether a character changes how text around it is shown, or ends a line, without being seen.
pub(crate) fn is_forbidden(character: char) -> bool {
    let separates_lines = matches!(character, '\u{2028}' | '\u{2029}');
    let directs = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || separates_lines || directs
}

/// Stands in a text for bytes that are not UTF-8.
pub(crate) const NOT_UTF8: char = char::REPLACEMENT_CHARACTER;

pub(crate) fn not_utf8(span: Span) -> FindingDraft {
    RULE.at(
        span,
        "the file is not UTF-8, or has U+FFFD in place of what was not",
    )
    .here("not UTF-8")
    .help("save the file as UTF-8, and write again what a U+FFFD stands for")
}

pub(crate) fn finding(span: Span, character: char) -> FindingDraft {
    let message = format!(
        "the character U+{:04X} is not allowed",
        u32::from(character)
    );
    RULE.at(span, message)
        .help("remove it: it often comes with text that was copied from a PDF")
}
