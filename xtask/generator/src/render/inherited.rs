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

/// The parameters of a sequence. A port passes all of its values; a sub-sequence gets those that it needs.
pub fn inherited(signature: &Signature) -> Vec<Inherited> {
    let needs = |needs: &[Need]| needs.iter().any(|need| signature.needs.has(*need));
    let setup = Inherited {
        name: "setup",
        ty: "&Setup",
        used: needs(&[Need::Queues, Need::Messages, Need::FrameMax, Need::Rss]),
    };
    let message = Inherited {
        name: "message",
        ty: "u32",
        used: needs(&[Need::Message]),
    };
    let queue = Inherited {
        name: "queue",
        ty: "u32",
        used: needs(&[Need::Queue]),
    };
    let ring = Inherited {
        name: "ring",
        ty: "&RingSetup",
        used: needs(&[Need::Ring, Need::Headwb]),
    };
    let mac = Inherited {
        name: "mac",
        ty: "&MacAddress",
        used: needs(&[Need::Mac]),
    };
    let filter = Inherited {
        name: "filter",
        ty: "&Filter",
        used: needs(&[Need::Promiscuous, Need::Multicast]),
    };
    let block = Inherited {
        name: "block",
        ty: "DmaAddr",
        used: needs(&[Need::Stats]),
    };
    let renegotiate = Inherited {
        name: "renegotiate",
        ty: "bool",
        used: needs(&[Need::Renegotiate]),
    };
    let buffer_size = needs(&[Need::BufferSize]);
    let with_buffer = |inherited: Inherited| Inherited {
        used: inherited.used || buffer_size,
        ..inherited
    };
    if signature.is_port {
        return match signature.name.as_str() {
            "init" => vec![with_buffer(setup)],
            "start" | "interrupts.on" | "messages.on" => vec![setup],
            "messages.queue" => vec![message],
            "mac.write" => vec![mac],
            "filter.write" => vec![filter],
            "tx.enable" => vec![queue, ring],
            "rx.enable" => vec![queue, with_buffer(ring)],
            "tx.disable" | "rx.disable" => vec![queue],
            "link.start" => vec![renegotiate],
            lifecycle::DUMP => vec![block],
            _ => Vec::new(),
        };
    }
    let buffer = buffer_size && !setup.used && !ring.used;
    let buffer = Inherited {
        name: "buffer_size",
        ty: "u32",
        used: buffer,
    };
    [
        setup,
        queue,
        message,
        ring,
        mac,
        filter,
        block,
        renegotiate,
        buffer,
    ]
    .into_iter()
    .filter(|inherited| inherited.used)
    .collect()
}

/// The source of the buffer size in a sequence.
pub fn buffer_size(inherited: &[Inherited]) -> &'static str {
    let has = |name| inherited.iter().any(|inherited| inherited.name == name);
    match (has("ring"), has("setup")) {
        (true, _) => "ring.buffer_size",
        (false, true) => "setup.buffer_size",
        (false, false) => "buffer_size",
    }
}

/// The parameters that a caller passes on.
pub fn passed_on(callee: &Signature, buffer_size: &str) -> Vec<String> {
    let name = |inherited: &Inherited| match inherited.name {
        "buffer_size" => buffer_size.to_owned(),
        name => name.to_owned(),
    };
    inherited(callee).iter().map(name).collect()
}
