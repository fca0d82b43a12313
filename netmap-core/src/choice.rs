//! What a user may choose of a NIC.

use crate::Crc;

/// An option of a spec's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Its name in the spec.
    pub name: &'static str,
    /// What it means.
    pub title: &'static str,
    /// What holds unless chosen otherwise.
    pub default: u32,
    /// The largest value; 1 for a switch.
    pub max: u32,
}

/// The options of a driver, by their places in a list, for whoever does not know which NIC it is; and what a ring has to
/// know of them.
pub trait Choices: Sized {
    /// The options, in the order of the spec.
    const CHOICES: &'static [Choice] = &[];

    /// What is chosen of option number `at`; 0 if there is none.
    fn chosen(&self, at: usize) -> u32 {
        let _ = at;
        0
    }

    /// The driver with another choice of option number `at`, which takes effect at the next reset. A number above its limit
    /// is taken as the limit.
    #[must_use]
    fn choose(self, at: usize, value: u32) -> Self {
        let _ = (at, value);
        self
    }

    /// What the NIC does with the CRC of received frames once a driver with these options has initialised it.
    fn crc(&self) -> Crc;
}
