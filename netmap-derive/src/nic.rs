//! `#[derive(Nic)]`: the fixed facts of a NIC.

mod expand;
mod parse;
mod ring;

use proc_macro2::{Ident, TokenStream};
use syn::{Expr, LitStr, Type};

use crate::number::{Number, Range};

/// The valid facts.
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
    /// Completion schemes, the default first.
    completions: Vec<Ident>,
    /// The head registers of transmit rings.
    head: Option<Ident>,
    buffer_size: Number<u32>,
    frame_max: Number<u32>,
    multicast: Multicast,
    statistics: Expr,
    rss: Option<Rss>,
    statistics_block: Option<Number<u32>>,
}

/// Limits of receive-side scaling.
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

/// The doorbell register and its kind.
struct Doorbell {
    register: Ident,
    kick: Option<Kick>,
}

/// The value of a kick.
struct Kick {
    value: Number<u8>,
    again: bool,
}

/// The hash that selects a bit of the multicast table.
enum Multicast {
    AddressBits(Range),
    Crc32(Range),
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
