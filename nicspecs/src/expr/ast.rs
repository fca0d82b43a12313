//! The syntax tree of an expression.

use crate::ir::{BinaryOp, Relation};

/// Bytes of the expression's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl At {
    pub(super) fn to(self, other: Self) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }
}

/// An expression and its position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ast {
    pub(crate) at: At,
    pub(crate) kind: AstKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AstKind {
    Number {
        value: u32,
        hex: bool,
    },
    Path(Path),
    Invert(Box<Ast>),
    Not(Box<Ast>),
    Binary {
        op: BinaryOp,
        left: Box<Ast>,
        right: Box<Ast>,
    },
    Compare {
        relation: Relation,
        left: Box<Ast>,
        right: Box<Ast>,
    },
    And(Box<Ast>, Box<Ast>),
    Or(Box<Ast>, Box<Ast>),
    Call {
        function: Word,
        argument: Box<Ast>,
    },
    /// `variant == A` and `variant in [A, B]`; `variant != A` is a `Not` of it.
    Variant(Vec<Word>),
}

/// `HEAD`, `HEAD[index]`, `HEAD.REST`, `HEAD[index].REST`, `head.rest[index]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    pub(crate) head: Word,
    pub(crate) index: Option<Box<Ast>>,
    pub(crate) rest: Vec<Word>,
}

impl Path {
    /// The name, if there is nothing but a name.
    pub(crate) fn word(&self) -> Option<&Word> {
        (self.index.is_none() && self.rest.is_empty()).then_some(&self.head)
    }

    /// Everything after the head, with dots: `base.low`.
    pub(crate) fn dotted(&self) -> String {
        let words = std::iter::once(&self.head).chain(&self.rest);
        words
            .map(|word| word.text.as_str())
            .collect::<Vec<_>>()
            .join(".")
    }
}

/// A name and its position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) at: At,
}

/// Why a text is not an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SyntaxError {
    pub(crate) at: At,
    pub(crate) problem: Problem,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Problem {
    /// It does not follow the grammar.
    Syntax(String),
    /// This part of it is meant as a number and is none.
    NotANumber(String),
    /// This number has more than 32 bits.
    TooLarge(String),
}
