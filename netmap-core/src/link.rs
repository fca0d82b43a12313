//! The link.

use core::fmt;

/// State of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Down.
    Down,
    /// Up.
    Up {
        /// Speed in Mbit/s.
        mbps: u32,
        /// The duplex mode.
        duplex: Duplex,
    },
}

/// The duplex mode of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplex {
    /// Half duplex.
    Half,
    /// Full duplex.
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
