//! What a declaration of a NIC says, without errors.

use proc_macro2::Ident;
use syn::{Expr, LitStr, Type};

use crate::number::{Number, Range};

/// The valid facts.
pub(super) struct Nic {
    pub(super) ident: Ident,
    pub(super) name: LitStr,
    pub(super) title: LitStr,
    pub(super) bar: Option<Number<u8>>,
    pub(super) bar_size: Number<u32>,
    pub(super) pci: Vec<PciId>,
    pub(super) registers: Type,
    pub(super) transmit: TxRing,
    pub(super) receive: RxRing,
    pub(super) multicast: Option<Multicast>,
    pub(super) statistics: Expr,
    pub(super) rss: Option<Rss>,
    pub(super) statistics_block: Option<Number<u32>>,
}

pub(super) struct Rss {
    pub(super) queues: Number<u32>,
    pub(super) entries: Number<u32>,
}

pub(super) struct PciId {
    pub(super) vendor: Number<u16>,
    pub(super) device: Number<u16>,
}

pub(super) struct TxRing {
    pub(super) ring: Ring,
    /// Completion schemes, the default first.
    pub(super) completions: Vec<Ident>,
    /// The head registers.
    pub(super) head: Option<Ident>,
}

pub(super) struct RxRing {
    pub(super) ring: Ring,
    pub(super) buffer_size: Number<u32>,
    pub(super) frame_max: Number<u32>,
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

/// The doorbell register and its kind.
pub(super) struct Doorbell {
    pub(super) register: Ident,
    pub(super) kick: Option<Kick>,
}

/// The value of a kick.
pub(super) struct Kick {
    pub(super) value: Number<u32>,
    pub(super) again: bool,
}

/// The hash that selects a bit of the multicast table.
pub(super) enum Multicast {
    AddressBits(Range),
    Crc32(Range),
}
