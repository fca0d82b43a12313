//! Completion schemes.

use crate::words::words;

words! {
    /// Completion schemes.
    pub enum Scheme {
        /// The NIC sets a bit in the descriptor.
        DoneBit = "done_bit",
        /// The driver sets a bit that hands the descriptor over, and the NIC clears it.
        OwnerBit = "owner_bit",
        /// A register has the NIC's position.
        HeadRegister = "head_register",
        /// The NIC writes its position to memory.
        HeadWriteback = "head_writeback",
    }
}
