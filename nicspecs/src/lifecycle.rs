//! The sequences that a port calls: their names, what they are given, and the order of a port's life.

use crate::ir::{Need, Needs, Returns};

/// A sequence that a port calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortSequence {
    /// Name in specs: `tx.enable`.
    pub name: &'static str,
    /// What the port can give it.
    pub given: Needs,
    /// What it returns.
    pub returns: Option<Returns>,
    /// Whether a spec may lack it.
    pub optional: bool,
}

const fn plain(name: &'static str, given: &[Need]) -> PortSequence {
    PortSequence {
        name,
        given: Needs::of(given).with(Need::Options).with(Need::Variant),
        returns: None,
        optional: false,
    }
}

const fn optional(name: &'static str, given: &[Need]) -> PortSequence {
    PortSequence {
        optional: true,
        ..plain(name, given)
    }
}

/// The sequences of a NIC with MSI-X, which no other has.
pub const MESSAGES: [&str; 3] = ["messages.on", "messages.queue", "messages.other"];

/// The sequence that makes a NIC write its counters to memory.
pub const DUMP: &str = "statistics.dump";

/// Every sequence that a port calls, in the order of a port's life.
pub const PORT: [PortSequence; 18] = [
    plain("reset", &[]),
    plain(
        "init",
        &[Need::FrameMax, Need::BufferSize, Need::Queues, Need::Rss],
    ),
    PortSequence {
        returns: Some(Returns::Mac),
        ..plain("mac.read", &[])
    },
    plain("mac.write", &[Need::Mac]),
    plain("filter.write", &[Need::Promiscuous, Need::Multicast]),
    plain("tx.enable", &[Need::Queue, Need::Ring, Need::Headwb]),
    plain("rx.enable", &[Need::Queue, Need::Ring, Need::BufferSize]),
    plain("start", &[Need::Queues]),
    plain("link.start", &[Need::Renegotiate]),
    plain("interrupts.on", &[Need::Queues]),
    optional("messages.on", &[Need::Queues, Need::Messages]),
    optional("messages.queue", &[Need::Message]),
    optional("messages.other", &[]),
    plain("interrupts.off", &[]),
    plain("stop", &[]),
    plain("tx.disable", &[Need::Queue]),
    plain("rx.disable", &[Need::Queue]),
    optional(DUMP, &[Need::Stats]),
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
    fn a_filter_of_a_started_device_is_written_right_after_start() {
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
