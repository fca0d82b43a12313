//! `NS04..`: descriptors and rings.

mod base_high_missing;
mod completion_by_host;
mod doorbell_of_scheme;
mod doorbell_register;
mod end_of_ring;
mod frame_descriptors;
mod headwb_unwritten;
mod host_sets_nic_field;
mod kick_clears_field;
mod mark_set_always;
mod marks_in_one_word;
mod owner_bit;
mod restart_without_steps;
mod ring_limits;
mod ring_registers;
mod schemes_of_a_ring;
mod slot_fields;
mod unused_format;
mod variant_limits;

use crate::diagnostic::RuleInfo;
use crate::draft::Check;
use crate::errors;

pub(super) static RULES: &[(&RuleInfo, Check)] = &[
    (&base_high_missing::RULE, base_high_missing::check),
    (&completion_by_host::RULE, completion_by_host::check),
    (&host_sets_nic_field::RULE, host_sets_nic_field::check),
    (&slot_fields::RULE, slot_fields::check),
    (&ring_limits::RULE, ring_limits::check),
    (&errors::schemes_of_a_ring::RULE, schemes_of_a_ring::check),
    (&owner_bit::RULE, owner_bit::check),
    (&doorbell_of_scheme::RULE, doorbell_of_scheme::check),
    (&doorbell_register::RULE, doorbell_register::check),
    (&end_of_ring::RULE, end_of_ring::check),
    (&kick_clears_field::RULE, kick_clears_field::check),
    (&mark_set_always::RULE, mark_set_always::check),
    (&frame_descriptors::RULE, frame_descriptors::check),
    (&marks_in_one_word::RULE, marks_in_one_word::check),
    (&headwb_unwritten::RULE, headwb_unwritten::check),
    (&ring_registers::RULE, ring_registers::check),
    (&restart_without_steps::RULE, restart_without_steps::check),
    (&variant_limits::RULE, variant_limits::check),
    (&unused_format::RULE, unused_format::check),
];
