//! Devices that report arbitrary values at any time: nothing breaks, no slot past the oldest descriptor is returned,
//! and faults are counted. The device writes any descriptor, handed over or not, and reports any head; client and
//! resets behave as usual.

mod receive;
mod transmit;

/// A state's word as a word of memory: all ones stay all ones.
fn widen(word: u32) -> u64 {
    match word {
        u32::MAX => u64::MAX,
        word => u64::from(word),
    }
}
