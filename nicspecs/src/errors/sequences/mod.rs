//! `NS06..`: sequences: what a port calls, access, limits of waits, guards.

pub(crate) mod arguments;
pub(crate) mod bad_duration;
pub(crate) mod delay_too_long;
pub(crate) mod empty_loop;
pub(crate) mod missing_return;
pub(crate) mod modify_needs_rw;
pub(crate) mod poll_without_limit;
pub(crate) mod read_write_only;
pub(crate) mod sleep_forbidden;
pub(crate) mod step_verb;
pub(crate) mod write_read_only;

use crate::diagnostic::RuleInfo;

pub(super) static SEQUENCES: &[&RuleInfo] = &[
    &write_read_only::RULE,
    &read_write_only::RULE,
    &modify_needs_rw::RULE,
    &poll_without_limit::RULE,
    &delay_too_long::RULE,
    &empty_loop::RULE,
    &sleep_forbidden::RULE,
    &step_verb::RULE,
    &missing_return::RULE,
    &arguments::RULE,
    &bad_duration::RULE,
];
