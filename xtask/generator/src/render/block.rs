//! Statements of a sequence, as text that rustfmt lays out.

use std::fmt;

/// A statement and the comment above it.
pub struct Statement {
    /// The reason and its section.
    pub comment: Vec<String>,
    pub code: String,
    /// The code as the result of a block, if its value is a `Result<(), Fault>`.
    pub result: Option<String>,
}

impl Statement {
    /// A statement without a result.
    pub fn plain(code: impl Into<String>) -> Self {
        Self {
            comment: Vec::new(),
            code: code.into(),
            result: None,
        }
    }

    /// The statements `before`, then a value of type `Result<(), Fault>` whose error ends the function.
    pub fn fallible(before: &str, value: &str) -> Self {
        Self {
            result: Some(format!("{before}{value}")),
            ..Self::plain(format!("{before}{value}?;"))
        }
    }
}

/// Statements in braces.
pub struct Block(pub Vec<Statement>);

impl Block {
    /// The body of a function or closure that returns `Result<(), Fault>`.
    pub fn checked(mut self) -> Self {
        match self.0.last_mut() {
            Some(Statement {
                code,
                result: Some(result),
                ..
            }) => *code = std::mem::take(result),
            _ => self.0.push(Statement::plain("Ok(())")),
        }
        self
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for statement in &self.0 {
            for line in statement.comment.iter().chain([&statement.code]) {
                write!(f, "\n{line}")?;
            }
        }
        Ok(())
    }
}

/// `let` statements.
pub fn bindings(bound: &[(String, String)]) -> String {
    let lines = bound.iter();
    lines
        .map(|(name, value)| format!("let {name} = {value};\n"))
        .collect()
}
