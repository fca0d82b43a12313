//! The values that a sequence gets from the port and passes on.

use nicspecs::ir::{Need, Signature};
use nicspecs::lifecycle;

/// A parameter that a sequence gets from the port.
pub struct Inherited {
    pub name: &'static str,
    pub ty: &'static str,
    /// Whether its own steps name it.
    pub used: bool,
}

/// What a port passes: names, types, and the needs that each of them meets.
const PASSED: [(&str, &str, &[Need]); 8] = {
    use Need::*;
    [
        ("setup", "&Setup", &[Queues, Messages, FrameMax, Rss]),
        ("queue", "u32", &[Queue]),
        ("message", "u32", &[Message]),
        ("ring", "&RingSetup", &[Ring, Headwb]),
        ("mac", "&MacAddress", &[Mac]),
        ("filter", "&Filter", &[Promiscuous, Multicast]),
        ("block", "DmaAddr", &[Stats]),
        ("renegotiate", "bool", &[Renegotiate]),
    ]
};

/// The parameters of a sequence. A port passes all of its values; a sub-sequence gets those that it needs.
pub fn inherited(signature: &Signature) -> Vec<Inherited> {
    let size = signature.needs.has(Need::BufferSize);
    let passed = PASSED.map(|(name, ty, needs)| {
        let of_size = signature.is_port && size && matches!(name, "setup" | "ring");
        let used = of_size || needs.iter().any(|need| signature.needs.has(*need));
        Inherited { name, ty, used }
    });
    let passed = passed.into_iter();
    if signature.is_port {
        let names: &[&str] = match signature.name.as_str() {
            "init" | "start" | "interrupts.on" | "messages.on" => &["setup"],
            "messages.queue" => &["message"],
            "mac.write" => &["mac"],
            "filter.write" => &["filter"],
            "tx.enable" | "rx.enable" => &["queue", "ring"],
            "tx.disable" | "rx.disable" => &["queue"],
            "link.start" => &["renegotiate"],
            lifecycle::DUMP => &["block"],
            _ => &[],
        };
        return passed.filter(|each| names.contains(&each.name)).collect();
    }
    let mut inherited: Vec<_> = passed.filter(|each| each.used).collect();
    if size && buffer_size(&inherited) == BUFFER_SIZE {
        inherited.push(Inherited {
            name: BUFFER_SIZE,
            ty: "u32",
            used: true,
        });
    }
    inherited
}

/// The buffer size, where no other parameter has it.
const BUFFER_SIZE: &str = "buffer_size";

/// The source of the buffer size in a sequence.
pub fn buffer_size(inherited: &[Inherited]) -> &'static str {
    let has = |name| inherited.iter().any(|inherited| inherited.name == name);
    match (has("ring"), has("setup")) {
        (true, _) => "ring.buffer_size",
        (false, true) => "setup.buffer_size",
        (false, false) => BUFFER_SIZE,
    }
}

/// The parameters that a caller passes on.
pub fn passed_on(callee: &Signature, buffer_size: &'static str) -> Vec<&'static str> {
    let name = |inherited: &Inherited| match inherited.name {
        BUFFER_SIZE => buffer_size,
        name => name,
    };
    inherited(callee).iter().map(name).collect()
}
