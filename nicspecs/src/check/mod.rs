//! The rules, one a file.
//!
//! A rule has a code that never changes, one sentence, and a smallest example: an edit of `toy.yaml`. Rules that only
//! the reading or the lowering can decide are a function that makes the finding; the others look at a
//! [`Draft`] and are run from here.

pub(crate) mod arguments;
pub(crate) mod array_index;
pub(crate) mod array_shape;
pub(crate) mod bad_duration;
pub(crate) mod bad_name;
pub(crate) mod bad_pci_id;
pub(crate) mod completion_by_host;
pub(crate) mod counter_block;
pub(crate) mod crc_disagreement;
pub(crate) mod delay_too_long;
pub(crate) mod descriptor_layout;
pub(crate) mod does_not_fit;
pub(crate) mod doorbell_of_scheme;
pub(crate) mod doorbell_register;
pub(crate) mod duplicate_key;
pub(crate) mod duplicate_pci_id;
pub(crate) mod end_of_ring;
pub(crate) mod expression_syntax;
pub(crate) mod field_outside_register;
pub(crate) mod frame_descriptors;
pub(crate) mod gap;
pub(crate) mod generated_name;
pub(crate) mod guard_leave;
pub(crate) mod headwb_unwritten;
pub(crate) mod host_sets_nic_field;
pub(crate) mod interrupt_access;
pub(crate) mod mark_set_always;
pub(crate) mod marks_in_one_word;
pub(crate) mod may_overflow;
pub(crate) mod messages_of_msix;
pub(crate) mod misaligned_register;
pub(crate) mod missing_key;
pub(crate) mod missing_return;
pub(crate) mod missing_sequence;
pub(crate) mod modify_needs_rw;
pub(crate) mod multicast_table;
pub(crate) mod must_write;
pub(crate) mod name_of_file;
pub(crate) mod name_taken;
pub(crate) mod not_a_number;
pub(crate) mod not_given;
pub(crate) mod order_broken;
pub(crate) mod overlapping_fields;
pub(crate) mod overlapping_registers;
pub(crate) mod owner_bit;
pub(crate) mod plain_yaml;
pub(crate) mod poll_limits;
pub(crate) mod poll_without_limit;
pub(crate) mod queues_past_array;
pub(crate) mod read_write_only;
pub(crate) mod recursive_run;
pub(crate) mod register_outside_space;
pub(crate) mod removes_nothing;
pub(crate) mod require_contradicted;
pub(crate) mod reset_too_wide;
pub(crate) mod restart_without_steps;
pub(crate) mod ring_limits;
pub(crate) mod rss_tables;
pub(crate) mod scheme_not_listed;
pub(crate) mod schemes_of_a_ring;
pub(crate) mod section_in_quotes;
pub(crate) mod sleep_forbidden;
pub(crate) mod slot_fields;
pub(crate) mod speeds_in_full;
pub(crate) mod statistics_readable;
pub(crate) mod step_verb;
pub(crate) mod syntax;
pub(crate) mod type_mismatch;
pub(crate) mod unknown_key;
pub(crate) mod unknown_name;
pub(crate) mod unknown_parent;
pub(crate) mod unknown_variant;
pub(crate) mod unknown_word;
pub(crate) mod unreachable_sequence;
pub(crate) mod unused_constant;
pub(crate) mod values_of_field;
pub(crate) mod variant_limits;
pub(crate) mod vlan_stripped;
pub(crate) mod write_read_only;
pub(crate) mod wrong_type;
pub(crate) mod wrong_variant;

use crate::ir::{Completion, TxCompletion};
use crate::lower::Draft;
use crate::report::Findings;
use crate::tree::NodeId;

/// Every bit of a descriptor that tells of completion, and the map that says so.
fn told<'d>(draft: &'d Draft<'_>) -> impl Iterator<Item = (&'d Completion, NodeId)> {
    let items = draft.tree.list(draft.node(&["tx", "completion"]));
    let tx = draft.tx.iter().flat_map(|tx| &tx.completions);
    let tx = tx
        .zip(items.unwrap_or_default())
        .filter_map(|(each, node)| match each {
            TxCompletion::Told(told) => Some((told, *node)),
            TxCompletion::HeadRegister | TxCompletion::HeadWriteback { .. } => None,
        });
    let rx = draft.rx.as_ref();
    tx.chain(rx.map(|rx| (&rx.completion, draft.node(&["rx", "completion"]))))
}

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

/// Every rule, in the order of codes; a test holds it against the files of this folder.
static RULES: &[&RuleInfo] = &[
    &syntax::RULE,
    &duplicate_key::RULE,
    &plain_yaml::RULE,
    &unknown_key::RULE,
    &missing_key::RULE,
    &wrong_type::RULE,
    &not_a_number::RULE,
    &section_in_quotes::RULE,
    &unknown_word::RULE,
    &bad_name::RULE,
    &name_of_file::RULE,
    &name_taken::RULE,
    &unknown_parent::RULE,
    &removes_nothing::RULE,
    &gap::RULE,
    &generated_name::RULE,
    &bad_pci_id::RULE,
    &duplicate_pci_id::RULE,
    &unknown_variant::RULE,
    &unused_constant::RULE,
    &register_outside_space::RULE,
    &misaligned_register::RULE,
    &overlapping_registers::RULE,
    &field_outside_register::RULE,
    &overlapping_fields::RULE,
    &reset_too_wide::RULE,
    &values_of_field::RULE,
    &array_shape::RULE,
    &must_write::RULE,
    &queues_past_array::RULE,
    &rss_tables::RULE,
    &descriptor_layout::RULE,
    &completion_by_host::RULE,
    &host_sets_nic_field::RULE,
    &slot_fields::RULE,
    &ring_limits::RULE,
    &schemes_of_a_ring::RULE,
    &owner_bit::RULE,
    &doorbell_of_scheme::RULE,
    &doorbell_register::RULE,
    &end_of_ring::RULE,
    &mark_set_always::RULE,
    &frame_descriptors::RULE,
    &marks_in_one_word::RULE,
    &headwb_unwritten::RULE,
    &restart_without_steps::RULE,
    &scheme_not_listed::RULE,
    &variant_limits::RULE,
    &unknown_name::RULE,
    &does_not_fit::RULE,
    &expression_syntax::RULE,
    &type_mismatch::RULE,
    &may_overflow::RULE,
    &array_index::RULE,
    &not_given::RULE,
    &wrong_variant::RULE,
    &missing_sequence::RULE,
    &write_read_only::RULE,
    &read_write_only::RULE,
    &modify_needs_rw::RULE,
    &poll_without_limit::RULE,
    &poll_limits::RULE,
    &delay_too_long::RULE,
    &sleep_forbidden::RULE,
    &step_verb::RULE,
    &recursive_run::RULE,
    &unreachable_sequence::RULE,
    &missing_return::RULE,
    &arguments::RULE,
    &guard_leave::RULE,
    &bad_duration::RULE,
    &order_broken::RULE,
    &crc_disagreement::RULE,
    &statistics_readable::RULE,
    &speeds_in_full::RULE,
    &require_contradicted::RULE,
    &multicast_table::RULE,
    &interrupt_access::RULE,
    &vlan_stripped::RULE,
    &counter_block::RULE,
    &messages_of_msix::RULE,
];
