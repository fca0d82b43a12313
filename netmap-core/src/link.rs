//! The link.

use core::fmt;

/// State of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// No partner.
    Down,
    /// Frames can pass.
    Up {
        /// Speed in Mbit/s.
        mbps: u32,
        /// Whether both directions work at once.
        duplex: Duplex,
    },
}

/// Whether both directions of a link work at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplex {
    /// One at a time.
    Half,
    /// Both at once.
    Full,
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Link::Down => f.write_str("down"),
            Link::Up { mbps, duplex } => {
                let duplex = match duplex {
                    Duplex::Half => "half",
                    Duplex::Full => "full",
                };
                write!(f, "up, {mbps} Mbit/s, {duplex} duplex")
            }
        }
    }
}
