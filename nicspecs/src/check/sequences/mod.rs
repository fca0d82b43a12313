//! `NS06..`: sequences: what a port calls, access, limits of waits, guards.

mod guard_leave;
mod missing_return;
mod missing_sequence;
mod poll_limits;
mod recursive_run;
mod sleep_forbidden;
mod unreachable_sequence;

use crate::diagnostic::RuleInfo;
use crate::draft::Check;
use crate::errors;

pub(super) static RULES: &[(&RuleInfo, Check)] = &[
    (&missing_sequence::RULE, missing_sequence::check),
    (&poll_limits::RULE, poll_limits::check),
    (&errors::sleep_forbidden::RULE, sleep_forbidden::check),
    (&recursive_run::RULE, recursive_run::check),
    (&unreachable_sequence::RULE, unreachable_sequence::check),
    (&errors::missing_return::RULE, missing_return::check),
    (&guard_leave::RULE, guard_leave::check),
];
