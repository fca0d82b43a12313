//! `#[derive(Nic)]`: the facts of a NIC that are known without touching one.

mod expand;
mod parse;

use proc_macro2::{Ident, TokenStream};
use syn::{Expr, LitStr, Type};

use crate::attr::{Number, Span};

/// The facts without mistakes.
struct Nic {
    ident: Ident,
    name: LitStr,
    title: LitStr,
    bar: Number,
    bar_size: Number,
    pci: Vec<PciId>,
    registers: Type,
    transmit: Ring,
    receive: Ring,
    buffer_size: Number,
    multicast: Multicast,
    statistics: Expr,
}

struct PciId {
    vendor: Number,
    device: Number,
}

/// The rings of one direction.
struct Ring {
    format: Type,
    doorbell: Ident,
    queues: Number,
    slots: Span,
    multiple: Number,
    align: Number,
    address_bits: Number,
}

enum Multicast {
    AddressBits(Span),
    Crc32(Span),
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
