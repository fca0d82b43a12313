//! `NS00..`: the file: is it YAML, and no more of YAML than a spec needs.

pub(crate) mod duplicate_key;
pub(crate) mod forbidden_character;
pub(crate) mod plain_yaml;
pub(crate) mod syntax;
pub(crate) mod text_in_comment;

use crate::diagnostic::RuleInfo;

pub(super) static FILE: &[&RuleInfo] = &[
    &syntax::RULE,
    &duplicate_key::RULE,
    &plain_yaml::RULE,
    &forbidden_character::RULE,
    &text_in_comment::RULE,
];
