//! No two registers lie on the same bytes, unless both say so.

use super::parse::Found;
use crate::errors::Errors;

pub(super) fn check(_found: &[Found], _errors: &mut Errors) {}
