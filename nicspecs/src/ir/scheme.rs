//! Completion schemes.

/// Completion schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The NIC sets a bit in the descriptor.
    DoneBit,
    /// The driver sets a bit that hands the descriptor over, and the NIC clears it.
    OwnerBit,
    /// A register has the NIC's position.
    HeadRegister,
    /// The NIC writes its position to memory.
    HeadWriteback,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::DoneBit,
        Self::OwnerBit,
        Self::HeadRegister,
        Self::HeadWriteback,
    ];

    /// Its name in specs.
    pub fn name(self) -> &'static str {
        match self {
            Self::DoneBit => "done_bit",
            Self::OwnerBit => "owner_bit",
            Self::HeadRegister => "head_register",
            Self::HeadWriteback => "head_writeback",
        }
    }
}
