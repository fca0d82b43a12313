//! The two directions of frames.

/// The direction of a ring's frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client.
    Tx,
    /// To the client.
    Rx,
}

impl Direction {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Tx => "tx",
            Direction::Rx => "rx",
        }
    }
}
