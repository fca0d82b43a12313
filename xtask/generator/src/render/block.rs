//! Statements of a sequence, in printable form.

use std::fmt;

use askama::Template;

/// A statement and the comment above it.
#[derive(Template)]
#[template(path = "statement.rs.jinja", escape = "none")]
pub struct Statement {
    /// The reason and its section.
    pub comment: Vec<String>,
    /// The statement itself.
    pub form: Form,
}

impl Statement {
    /// A statement without a reason.
    pub fn plain(form: Form) -> Self {
        Self {
            comment: Vec::new(),
            form,
        }
    }
}

/// Statements in braces.
#[derive(Default)]
pub struct Block(pub Vec<Statement>);

impl Block {
    /// The body of a function or closure that returns `Result<(), Fault>`.
    pub fn checked(mut self) -> Self {
        match self.0.last_mut().and_then(|last| last.form.end()) {
            Some(end) => *end = End::Tail,
            None => self
                .0
                .push(Statement::plain(Form::Value("Ok(())".to_owned()))),
        }
        self
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|statement| write!(f, "{statement}"))
    }
}

/// The form of a statement. Code is in print order.
pub enum Form {
    Write {
        /// A name for a value that is too long for the line.
        bind: Option<String>,
        place: String,
        value: String,
    },
    Modify {
        /// Values that cannot be computed in a closure.
        bindings: Vec<(String, String)>,
        place: String,
        /// The parameter of the closure.
        r: &'static str,
        changes: Vec<Change>,
    },
    WriteEach {
        array: String,
        count: u32,
        value: String,
    },
    Let {
        name: String,
        value: String,
    },
    Poll {
        /// Elements that cannot be located in a closure.
        places: Vec<(String, String)>,
        what: String,
        every: String,
        within: String,
        until: String,
        end: End,
    },
    Delay(String),
    Sleep(String),
    Flush(String),
    Publish,
    If {
        cond: String,
        then: Block,
        otherwise: Block,
    },
    For {
        name: String,
        first: String,
        end: String,
        body: Block,
    },
    Run {
        bind: Option<String>,
        call: String,
        end: Option<End>,
    },
    Guard {
        body: Block,
        leave: Block,
        end: End,
    },
    Verify {
        cond: String,
        otherwise: String,
        end: End,
    },
    Fail {
        what: String,
        end: End,
    },
    Mac {
        /// Registers that several octets come from.
        reads: Vec<(String, String)>,
        octets: String,
        value: String,
    },
    /// The value of the block.
    Value(String),
}

impl Form {
    /// How its `Result<(), Fault>` is handled, if it has one.
    fn end(&mut self) -> Option<&mut End> {
        match self {
            Self::Run {
                bind: None,
                end: Some(end),
                ..
            }
            | Self::Poll { end, .. }
            | Self::Guard { end, .. }
            | Self::Verify { end, .. }
            | Self::Fail { end, .. } => Some(end).filter(|end| **end != End::Ignore),
            _ => None,
        }
    }
}

/// A field and its new value.
pub struct Change {
    pub field: String,
    pub value: String,
}

/// How a `Result` is handled.
#[derive(Clone, Copy, PartialEq)]
pub enum End {
    /// It is the block's result.
    Tail,
    /// An error ends the function.
    Propagate,
    /// An error is ignored.
    Ignore,
}

impl End {
    fn mark(self) -> &'static str {
        match self {
            Self::Tail => "",
            Self::Propagate => "?;",
            Self::Ignore => ";",
        }
    }
}
