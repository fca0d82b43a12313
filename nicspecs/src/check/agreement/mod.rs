//! `NS07..`: facts that sequences have to agree with: order, CRC, counters, required values.

mod counter_block;
mod crc_disagreement;
mod interrupt_access;
mod links_shown;
mod messages_of_msix;
mod multicast_table;
mod order_broken;
mod present_of_ones;
mod require_contradicted;
mod speeds_in_full;
mod statistics_readable;
mod vlan_stripped;

use crate::diagnostic::RuleInfo;
use crate::draft::Check;

pub(super) static RULES: &[(&RuleInfo, Check)] = &[
    (&order_broken::RULE, order_broken::check),
    (&crc_disagreement::RULE, crc_disagreement::check),
    (&statistics_readable::RULE, statistics_readable::check),
    (&speeds_in_full::RULE, speeds_in_full::check),
    (&require_contradicted::RULE, require_contradicted::check),
    (&multicast_table::RULE, multicast_table::check),
    (&interrupt_access::RULE, interrupt_access::check),
    (&vlan_stripped::RULE, vlan_stripped::check),
    (&counter_block::RULE, counter_block::check),
    (&messages_of_msix::RULE, messages_of_msix::check),
    (&present_of_ones::RULE, present_of_ones::check),
    (&links_shown::RULE, links_shown::check),
];
