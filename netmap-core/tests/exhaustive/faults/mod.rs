//! Devices that lie, at any time and in any way: nothing breaks, nothing goes past the oldest descriptor, and it is
//! counted.
//!
//! The device writes any descriptor, handed over or not, and tells any position; the client and resets go on as ever.

mod receive;
mod transmit;

/// What a word of memory is in a state: all ones stay all ones.
fn widen(word: u32) -> u64 {
    match word {
        u32::MAX => u64::MAX,
        word => u64::from(word),
    }
}
