//! The sequences that a port calls: their names, the values that the port passes in, and their order.

use crate::ir::{Need, Needs, Returns};

/// A sequence that a port calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortSequence {
    /// Name in specs: `tx.enable`.
    pub name: &'static str,
    /// The values that the port can pass in.
    pub given: Needs,
    /// What it returns.
    pub returns: Option<Returns>,
    /// Whether a spec may lack it.
    pub optional: bool,
    /// What its steps do, and where a datasheet describes it.
    pub find: &'static str,
}

const fn plain(name: &'static str, given: &[Need], find: &'static str) -> PortSequence {
    PortSequence {
        name,
        given: Needs::of(given).with(Need::Options).with(Need::Variant),
        returns: None,
        optional: false,
        find,
    }
}

const fn optional(name: &'static str, given: &[Need], find: &'static str) -> PortSequence {
    PortSequence {
        optional: true,
        ..plain(name, given, find)
    }
}

/// The sequences of a NIC with MSI-X, which no other has.
pub const MESSAGES: [&str; 3] = ["messages.on", "messages.queue", "messages.other"];

/// The sequence that makes a NIC write its counters to memory.
pub const DUMP: &str = "statistics.dump";

/// Every sequence that a port calls, in the order of a port's life.
pub const PORT: [PortSequence; 18] = [
    plain(
        "reset",
        &[],
        "mask interrupts, set the reset bit, wait until the reset is complete: see 'Software Reset' or 'Initialization'",
    ),
    plain(
        "init",
        &[Need::FrameMax, Need::BufferSize, Need::Queues, Need::Rss],
        "refuse buffers that are too short with `verify: \"buffer.size >= 2048\"`, unless a register has their size, and set what has to be set once after a reset, with nothing enabled yet: see 'Initialization' or 'Programming Guide'",
    ),
    PortSequence {
        returns: Some(Returns::Mac),
        ..plain(
            "mac.read",
            &[],
            "read the MAC address, from the address registers or the EEPROM, and return six values: see 'Receive Address' or 'EEPROM'",
        )
    },
    plain(
        "mac.write",
        &[Need::Mac],
        "write the MAC address to the address registers: see 'Receive Address'",
    ),
    plain(
        "filter.write",
        &[Need::Promiscuous, Need::Multicast],
        "write the multicast table and the bits for broadcast, promiscuous and all multicast: see 'Packet Filtering'",
    ),
    plain(
        "tx.enable",
        &[Need::Queue, Need::Ring, Need::Headwb],
        "write base address, length, head and tail of a ring and enable it: see 'Transmit Initialization'",
    ),
    plain(
        "rx.enable",
        &[Need::Queue, Need::Ring, Need::BufferSize],
        "write base address, length, head and tail of a ring and enable it: see 'Receive Initialization'",
    ),
    plain(
        "start",
        &[Need::Queues],
        "global enables of both directions; `[]` if there are none: see 'Initialization'",
    ),
    plain(
        "link.start",
        &[Need::Renegotiate],
        "bring the link up; `[]` if the device does so by itself: see 'Link Setup' or 'PHY'",
    ),
    plain(
        "interrupts.on",
        &[Need::Queues],
        "unmask the causes named above: see 'Interrupt Mask'",
    ),
    optional(
        "messages.on",
        &[Need::Queues, Need::Messages],
        "write a vector to the entry of each queue and unmask the vectors: see 'MSI-X' or 'Interrupt Vector Allocation'",
    ),
    optional(
        "messages.queue",
        &[Need::Message],
        "acknowledge the vector of a queue; `[]` if it clears itself: see 'MSI-X' or 'Interrupt Auto Clear'",
    ),
    optional(
        "messages.other",
        &[],
        "acknowledge the vector of the other causes: see 'MSI-X' or 'Interrupt Cause'",
    ),
    plain(
        "interrupts.off",
        &[],
        "mask every cause: see 'Interrupt Mask'",
    ),
    plain(
        "stop",
        &[],
        "make sure that no DMA starts any more: see 'Disabling the Receiver' or 'Bus Master Disable'",
    ),
    plain(
        "tx.disable",
        &[Need::Queue],
        "clear the enable bit of a ring: see 'Transmit Disable'",
    ),
    plain(
        "rx.disable",
        &[Need::Queue],
        "clear the enable bit of a ring: see 'Receive Disable'",
    ),
    optional(
        DUMP,
        &[Need::Stats],
        "give the block's address and wait until the counters are written: see 'Statistics' or 'Tally Counters'",
    ),
];

/// Those sequences in the order of the life of a port whose filter is written after `init`, or only after `start`.
pub fn life(filter_after_start: bool) -> Vec<&'static PortSequence> {
    let mut life: Vec<_> = PORT.iter().collect();
    let place = |life: &[&PortSequence], name| life.iter().position(|each| each.name == name);
    if filter_after_start
        && let Some(filter) = place(&life, "filter.write")
        && let Some(start) = place(&life, "start")
    {
        life[filter..=start].rotate_left(1);
    }
    life
}

/// The port's sequence of that name.
pub fn port(name: &str) -> Option<&'static PortSequence> {
    PORT.iter().find(|sequence| sequence.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_after_start_are_written_right_after_start() {
        let names = |late| life(late).into_iter().map(|each| each.name);
        let usual: Vec<_> = names(false).collect();
        assert!(usual.iter().eq(PORT.iter().map(|each| &each.name)));
        let late: Vec<_> = names(true).collect();
        assert_eq!(
            late[3..8],
            [
                "mac.write",
                "tx.enable",
                "rx.enable",
                "start",
                "filter.write"
            ]
        );
        assert_eq!(late[..4], usual[..4]);
        assert_eq!(late[8..], usual[8..]);
    }
}
