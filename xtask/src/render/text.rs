//! Readable sentences, comments and numbers.

/// Columns of a line with its indentation, as in `generated/rustfmt.toml`.
const COLUMNS: usize = 120;

/// Columns of a level of indentation.
const INDENT: usize = 4;

/// Whether a line of code fits at a level of indentation.
pub fn fits(code: &str, level: usize) -> bool {
    level * INDENT + code.chars().count() <= COLUMNS
}

/// The sentence with a capital first letter, its section, and a full stop: `Zero is not allowed (13.4.41).`
pub fn sentence(text: &str, section: Option<&str>) -> String {
    let mut chars = text.chars();
    let start = chars
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    let section = section
        .map(|section| format!(" ({section})"))
        .unwrap_or_default();
    format!("{start}{}{section}.", chars.as_str())
}

/// The lines of a comment that starts with `sign` at a level of indentation.
pub fn comment(sign: &str, text: &str, level: usize) -> Vec<String> {
    let width = COLUMNS - level * INDENT - sign.len() - 1;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a line from the start");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
        .into_iter()
        .map(|line| format!("{sign} {line}"))
        .collect()
}

/// A doc comment at a level of indentation, without links or tags outside of code spans.
pub fn doc(text: &str, level: usize) -> Vec<String> {
    comment("///", &plain(text), level)
}

/// Markdown that shows `text` unchanged, except for its code spans.
pub fn plain(text: &str) -> String {
    let escape = |part: &str| {
        part.replace('[', "\\[")
            .replace(']', "\\]")
            .replace('<', "\\<")
    };
    let parts = text
        .split('`')
        .enumerate()
        .map(|(index, part)| match index % 2 {
            0 => escape(part),
            _ => part.to_owned(),
        });
    parts.collect::<Vec<_>>().join("`")
}

/// A hexadecimal number with a minimum number of digits, in groups of four: `0x0_1018`.
pub fn hex(value: u64, digits: usize) -> String {
    let plain = format!("{value:0digits$x}");
    let mut grouped = String::new();
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index).is_multiple_of(4) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    format!("0x{grouped}")
}

/// The datasheet's name as a valid Rust identifier.
pub fn identifier(name: &str) -> String {
    const KEYWORDS: [&str; 48] = [
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do",
        "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in",
        "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
        "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe",
        "unsized", "use", "virtual", "where", "while", "yield",
    ];
    match name {
        "crate" | "self" | "super" => format!("{name}_"),
        name if KEYWORDS.contains(&name) => format!("r#{name}"),
        name => name.to_owned(),
    }
}

/// A name that a spec binds, different from the parameters of every function.
pub fn local(name: &str) -> String {
    match name {
        "bus" | "block" | "setup" | "ring" | "filter" | "octets" | "guarded" | "outcome" => {
            format!("{name}_")
        }
        name => identifier(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_starts_with_a_capital_and_names_its_section() {
        assert_eq!(
            sentence("zero is not allowed", Some("13.4.41")),
            "Zero is not allowed (13.4.41)."
        );
        assert_eq!(
            sentence("CTRL.RST clears itself", None),
            "CTRL.RST clears itself."
        );
    }

    #[test]
    fn numbers_are_grouped_from_the_right() {
        assert_eq!(hex(0x1018, 5), "0x0_1018");
        assert_eq!(hex(0xff, 0), "0xff");
        assert_eq!(hex(0xc2_8001, 0), "0xc2_8001");
    }

    #[test]
    fn doc_comments_hold_no_links_and_no_tags() {
        assert_eq!(
            plain("bits [3:0] of `RAL[n]` are < 8"),
            "bits \\[3:0\\] of `RAL[n]` are \\< 8"
        );
    }

    #[test]
    fn comments_wrap_at_the_columns_left_of_the_indentation() {
        let lines = comment("//", &"word ".repeat(40), 2);
        assert!(
            lines
                .iter()
                .all(|line| line.len() <= 112 && line.starts_with("// word"))
        );
        assert_eq!(lines.len(), 2);
    }
}
