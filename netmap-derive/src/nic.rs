//! `#[derive(Nic)]`: the facts of a NIC that are known without touching one.

mod expand;
mod parse;
mod ring;

use proc_macro2::{Ident, TokenStream};
use syn::{Expr, LitStr, Type};

use crate::number::{Number, Range};

/// The facts without mistakes.
struct Nic {
    ident: Ident,
    name: LitStr,
    title: LitStr,
    bar: Option<Number<u8>>,
    bar_size: Number<u32>,
    pci: Vec<PciId>,
    registers: Type,
    transmit: Ring,
    receive: Ring,
    /// Ways of learning of sent frames, the usual one first.
    completions: Vec<Ident>,
    /// The registers of the transmit heads.
    head: Option<Ident>,
    buffer_size: Number<u32>,
    frame_max: Number<u32>,
    multicast: Multicast,
    statistics: Expr,
    rss: Option<Rss>,
    statistics_block: Option<Number<u32>>,
}

/// What receive-side scaling can do.
struct Rss {
    queues: Number<u32>,
    entries: Number<u32>,
}

struct PciId {
    vendor: Number<u16>,
    device: Number<u16>,
}

/// The rings of one direction.
struct Ring {
    format: Type,
    doorbell: Option<Doorbell>,
    restart: Ident,
    queues: Number<u32>,
    slots: Range,
    multiple: Number<u32>,
    align: Number<u32>,
    address_bits: Number<u32>,
}

/// The register that announces new slots, and what it takes.
struct Doorbell {
    register: Ident,
    kick: Option<Kick>,
}

/// What a register takes that says "look".
struct Kick {
    value: Number<u8>,
    again: bool,
}

/// What picks a bit of the multicast table.
enum Multicast {
    AddressBits(Range),
    Crc32(Range),
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
