//! What a declaration of a NIC says, without errors.

use proc_macro2::Ident;
use syn::{Expr, LitStr, Type};

use crate::number::{Number, Range};

/// The facts without mistakes.
pub(super) struct Nic {
    pub(super) ident: Ident,
    pub(super) name: LitStr,
    pub(super) title: LitStr,
    pub(super) bar: Option<Number<u8>>,
    pub(super) bar_size: Number<u32>,
    pub(super) pci: Vec<PciId>,
    pub(super) registers: Type,
    pub(super) transmit: Ring,
    pub(super) receive: Ring,
    /// Ways of learning of sent frames, the usual one first.
    pub(super) completions: Vec<Ident>,
    /// The registers of the transmit heads.
    pub(super) head: Option<Ident>,
    pub(super) buffer_size: Number<u32>,
    pub(super) frame_max: Number<u32>,
    pub(super) multicast: Multicast,
    pub(super) statistics: Expr,
    pub(super) rss: Option<Rss>,
    pub(super) statistics_block: Option<Number<u32>>,
}

/// What receive-side scaling can do.
pub(super) struct Rss {
    pub(super) queues: Number<u32>,
    pub(super) entries: Number<u32>,
}

pub(super) struct PciId {
    pub(super) vendor: Number<u16>,
    pub(super) device: Number<u16>,
}

/// The rings of one direction.
pub(super) struct Ring {
    pub(super) format: Type,
    pub(super) doorbell: Option<Doorbell>,
    pub(super) restart: Ident,
    pub(super) queues: Number<u32>,
    pub(super) slots: Range,
    pub(super) multiple: Number<u32>,
    pub(super) align: Number<u32>,
    pub(super) address_bits: Number<u32>,
}

/// The register that announces new slots, and what it takes.
pub(super) struct Doorbell {
    pub(super) register: Ident,
    pub(super) kick: Option<Kick>,
}

/// What a register takes that says "look".
pub(super) struct Kick {
    pub(super) value: Number<u8>,
    pub(super) again: bool,
}

/// What picks a bit of the multicast table.
pub(super) enum Multicast {
    AddressBits(Range),
    Crc32(Range),
}
