//! Sequences as functions: what they are called with and what they return.

use askama::Template;
use nicspecs::ir::{Need, Returns, Sequence, Signature};
use nicspecs::lifecycle;

use super::expr::Scope;
use super::facts::Facts;
use super::forms::Block;
use super::steps::Writer;
use super::text::{doc, identifier, local, sentence};
use super::used::Used;

/// One function of a driver.
#[derive(Template)]
#[template(path = "function.rs.jinja", escape = "none")]
pub struct Function {
    doc: Vec<String>,
    name: String,
    /// Parameters after `&self`, with their types.
    params: Vec<String>,
    returns: Option<String>,
    /// Whether the octets of the station address are needed as numbers.
    octets: bool,
    body: Block,
}

impl Function {
    /// The function of a sequence.
    pub fn new(facts: &Facts, sequence: &Sequence) -> Self {
        let signature = &sequence.signature;
        let used = Used::by_steps(&sequence.steps);
        let fallible = facts.is_fallible(signature);
        let value = signature.returns.map(|returns| match returns {
            Returns::U8 | Returns::U16 | Returns::U32 => "u32",
            Returns::Mac => "MacAddress",
        });
        let returns = match (fallible, value) {
            (true, value) => Some(format!("Result<{}, Fault>", value.unwrap_or("()"))),
            (false, value) => value.map(str::to_owned),
        };
        let inherited = inherited(signature);
        let mut params = vec![param("bus", "&B", used.bus())];
        params.extend(
            inherited
                .iter()
                .map(|inherited| param(inherited.name, inherited.ty, inherited.used)),
        );
        params.extend(
            signature
                .args
                .iter()
                .map(|arg| param(&local(&arg.name), "u32", used.read.contains(&arg.name))),
        );
        let scope = Scope::new(facts, buffer_size(&inherited));
        Self {
            doc: doc(&described(sequence), 1),
            name: identifier(&signature.snake),
            params,
            returns,
            octets: used.octets,
            body: Writer::new(scope, fallible, &used).body(&sequence.steps),
        }
    }
}

fn described(sequence: &Sequence) -> String {
    let said = match &sequence.doc {
        Some(text) => sentence(text.trim_end_matches('.'), Some(&sequence.section)),
        None => format!("Section {}.", sequence.section),
    };
    match sequence.signature.may_sleep {
        true => said,
        false => format!("{said} Nothing in it sleeps: `may_sleep` is false."),
    }
}

/// `name: type`, with an underscore before a name that is not used.
fn param(name: &str, ty: &str, used: bool) -> String {
    let underscore = if used { "" } else { "_" };
    format!("{underscore}{name}: {ty}")
}

/// A parameter that a sequence has from the port.
struct Inherited {
    name: &'static str,
    ty: &'static str,
    used: bool,
}

/// What a sequence has from the port. A port passes all that it has; a sub-sequence gets what it needs.
fn inherited(signature: &Signature) -> Vec<Inherited> {
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

fn buffer_size(inherited: &[Inherited]) -> &'static str {
    let has = |name| inherited.iter().any(|inherited| inherited.name == name);
    match (has("ring"), has("setup")) {
        (true, _) => "ring.buffer_size",
        (false, true) => "setup.buffer_size",
        (false, false) => "buffer_size",
    }
}

/// What a caller passes on of its own parameters.
pub fn passed_on(callee: &Signature, buffer_size: &str) -> Vec<String> {
    let name = |inherited: &Inherited| match inherited.name {
        "buffer_size" => buffer_size.to_owned(),
        name => name.to_owned(),
    };
    inherited(callee).iter().map(name).collect()
}
