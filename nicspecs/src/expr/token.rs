//! Words, numbers and signs.

use super::ast::{At, Problem, SyntaxError};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// Letters, digits and underscores; the parser decides whether it is a number.
    Word(String),
    Sign(&'static str),
    End,
}

/// Longer signs first.
const SIGNS: [&str; 23] = [
    "<<", ">>", "==", "!=", "<=", ">=", "<", ">", "~", "*", "/", "%", "+", "-", "&", "^", "|", "(",
    ")", "[", "]", ".", ",",
];

/// More tokens than any expression needs, and few enough for recursion.
const MOST: usize = 400;

pub(super) fn tokens(text: &str) -> Result<Vec<(Token, At)>, SyntaxError> {
    let place = |start, end| At { start, end };
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, len) = if next.is_whitespace() {
            at += next.len_utf8();
            continue;
        } else if next.is_ascii_alphanumeric() || next == '_' {
            let len = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            (Token::Word(rest[..len].to_owned()), len)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            let at = place(at, at + next.len_utf8());
            let message = format!("`{next}` is not allowed in an expression");
            let problem = Problem::Syntax(message);
            return Err(SyntaxError { at, problem });
        };
        tokens.push((token, place(at, at + len)));
        at += len;
        if tokens.len() > MOST {
            let at = place(0, text.len());
            let message = "the expression is too long".to_owned();
            let problem = Problem::Syntax(message);
            return Err(SyntaxError { at, problem });
        }
    }
    tokens.push((Token::End, place(text.len(), text.len())));
    Ok(tokens)
}
