//! The rules, one a file.
//!
//! A rule has a code that never changes, one sentence, and a smallest example: an edit of `toy.yaml`. Rules that only
//! the reading or the lowering can decide are a function that makes the finding; the others look at a
//! [`Draft`] and are run from here.

use crate::lower::Draft;
use crate::report::Findings;

/// The spec that every example is an edit of.
pub const TOY: &str = include_str!("toy.yaml");

/// A rule.
#[derive(Debug)]
pub struct RuleInfo {
    /// Its code: `NS0303`.
    pub code: &'static str,
    /// What the mistake is called.
    pub title: &'static str,
    /// What the rule says, in one sentence.
    pub doc: &'static str,
    /// Edits of the toy spec that break it: what stands there, and what the example has instead.
    edits: &'static [(&'static str, &'static str)],
    /// The check, if it is made on a draft.
    run: Option<fn(&Draft<'_>, &mut Findings)>,
}

impl RuleInfo {
    const fn new(
        code: &'static str,
        title: &'static str,
        doc: &'static str,
        edits: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            code,
            title,
            doc,
            edits,
            run: None,
        }
    }

    const fn checked_by(self, run: fn(&Draft<'_>, &mut Findings)) -> Self {
        Self {
            run: Some(run),
            ..self
        }
    }

    /// The smallest example that breaks this rule: the lines of a spec that are wrong.
    pub fn wrong(&self) -> impl Iterator<Item = &'static str> {
        self.edits.iter().map(|(_, wrong)| *wrong)
    }

    /// The same lines as they would be right.
    pub fn right(&self) -> impl Iterator<Item = &'static str> {
        self.edits.iter().map(|(right, _)| *right)
    }

    /// A whole spec that breaks this rule and no other.
    pub fn example(&self) -> String {
        self.edits
            .iter()
            .fold(TOY.to_owned(), |text, (right, wrong)| {
                text.replacen(right, wrong, 1)
            })
    }
}

impl PartialEq for RuleInfo {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for RuleInfo {}

/// Every rule, by code.
pub fn rules() -> impl Iterator<Item = &'static RuleInfo> {
    RULES.iter().copied()
}

/// Runs the rules that look at a draft.
pub(crate) fn run(draft: &Draft<'_>, findings: &mut Findings) {
    for rule in RULES {
        if let Some(run) = rule.run {
            run(draft, findings);
        }
    }
}

/// Declares a module a rule and the list of all of them.
macro_rules! rules {
    ($($name:ident),+ $(,)?) => {
        $(pub(crate) mod $name;)+

        static RULES: &[&RuleInfo] = &[$(&$name::RULE),+];
    };
}

rules! {
    syntax,
    duplicate_key,
    plain_yaml,
    unknown_key,
    missing_key,
    wrong_type,
    not_a_number,
    section_in_quotes,
    unknown_word,
    bad_name,
    name_of_file,
    name_taken,
    bad_pci_id,
    duplicate_pci_id,
    unknown_variant,
    unused_constant,
    register_outside_space,
    misaligned_register,
    overlapping_registers,
    field_outside_register,
    overlapping_fields,
    reset_too_wide,
    values_of_field,
    array_shape,
    must_write,
    queues_past_array,
    descriptor_layout,
    completion_by_host,
    host_sets_nic_field,
    slot_fields,
    ring_limits,
    unknown_name,
    does_not_fit,
    expression_syntax,
    type_mismatch,
    may_overflow,
    array_index,
    not_given,
    wrong_variant,
    missing_sequence,
    write_read_only,
    read_write_only,
    modify_needs_rw,
    poll_without_limit,
    poll_limits,
    delay_too_long,
    sleep_forbidden,
    step_verb,
    recursive_run,
    unreachable_sequence,
    missing_return,
    arguments,
    guard_leave,
    bad_duration,
    order_broken,
    crc_disagreement,
    statistics_readable,
    speeds_in_full,
    require_contradicted,
    multicast_table,
    interrupt_access,
}
