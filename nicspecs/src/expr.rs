//! The text of expressions, parsed: numbers, names and operators with their places, nothing resolved.
//!
//! Precedence is Python's: `or`, `and`, `not`, comparisons, `|`, `^`, `&`, shifts, `+ -`, `* / %`, `~`.

mod ast;
mod parse;
mod token;

pub(crate) use ast::{Ast, AstKind, At, Path, Problem, SyntaxError, Word};
pub(crate) use parse::{parse, parse_path};
