//! Options of a NIC.

use crate::Crc;

/// An option of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Its name in the spec.
    pub name: &'static str,
    /// Its meaning.
    pub title: &'static str,
    /// Its default.
    pub default: u32,
    /// The largest value; 1 for a boolean option.
    pub max: u32,
}

/// The options of a driver, by their index in a list, for code that does not know the NIC; and what a ring needs to
/// know about them.
pub trait Choices: Sized {
    /// The options, in the order of the spec.
    const CHOICES: &'static [Choice] = &[];

    /// The value of option number `at`; 0 if there is none.
    fn chosen(&self, at: usize) -> u32 {
        let _ = at;
        0
    }

    /// The driver with another value of option number `at`, which takes effect at the next reset. A value above the
    /// limit is clamped.
    #[must_use]
    fn choose(self, at: usize, value: u32) -> Self {
        let _ = (at, value);
        self
    }

    /// What the NIC does with the CRC of received frames once a driver with these options has initialised it.
    fn crc(&self) -> Crc;
}
