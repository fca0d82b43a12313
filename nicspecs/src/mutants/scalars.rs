//! Numbers in the text of scalars.

use std::ops::Range;

pub(super) use crate::number::fitting as number;

/// Numbers in an expression: where each stands and what it is.
pub(super) fn numbers(text: &str) -> Vec<(Range<usize>, u64)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() && bytes[at] != b'_' {
            at += 1;
            continue;
        }
        let word = bytes[at..].iter();
        let len = word
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count();
        // What follows a single dot is the name of a field.
        let is_member = at > 0 && bytes[at - 1] == b'.' && (at < 2 || bytes[at - 2] != b'.');
        if let Some(value) = number(&text[at..at + len])
            && !is_member
        {
            found.push((at..at + len, value));
        }
        at += len;
    }
    found
}

/// Another number of the same form, with its lowest bit changed.
pub(super) fn flipped(word: &str, value: u64) -> String {
    like(word, value ^ 1)
}

/// Another number of the same form without its highest bit, if that is not the lowest, too.
pub(super) fn without_highest(word: &str, value: u64) -> Option<String> {
    let highest = value.checked_ilog2().filter(|&bit| bit > 0)?;
    Some(like(word, value & !(1 << highest)))
}

/// The same with the lowest bit of `named`.
pub(super) fn flipped_in(word: &str, value: u64, named: u64) -> Option<String> {
    (named != 0).then(|| like(word, value ^ 1 << named.trailing_zeros()))
}

/// The same without the highest bit that is in `named`, too, if it is not the lowest of those.
pub(super) fn without_highest_in(word: &str, value: u64, named: u64) -> Option<String> {
    let highest = (value & named).checked_ilog2()?;
    (highest > named.trailing_zeros()).then(|| like(word, value & !(1 << highest)))
}

/// A number written as `word` is.
pub(super) fn like(word: &str, value: u64) -> String {
    match word.strip_prefix("0x") {
        Some(digits) => format!("{value:#0width$x}", width = digits.len() + 2),
        None => value.to_string(),
    }
}

/// `high:low`, or one bit.
pub(super) fn bits(text: &str) -> Option<(u64, u64)> {
    match text.split_once(':') {
        Some((high, low)) => Some((number(high.trim())?, number(low.trim())?)),
        None => number(text.trim()).map(|bit| (bit, bit)),
    }
}

/// Bits as specs write them. A range is in quotes, which `quoted` says are there already.
pub(super) fn range(high: u64, low: u64, quoted: bool) -> String {
    match (high == low, quoted) {
        (true, _) => high.to_string(),
        (false, true) => format!("{high}:{low}"),
        (false, false) => format!("\"{high}:{low}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_where_an_expression_has_them() {
        let found =
            |text| -> Vec<u64> { numbers(text).into_iter().map(|(_, value)| value).collect() };
        assert_eq!(found("mac[0] | mac[1] << 8 & 0xff"), [0, 1, 8, 0xff]);
        assert_eq!(found("1..15"), [1, 15]);
        assert_eq!(found("REG_7C.F3 + ring.base.low"), []);
    }

    #[test]
    fn changed_numbers_keep_their_form() {
        assert_eq!(flipped("0x0010", 0x10), "0x0011");
        assert_eq!(without_highest("0x0011", 0x11).as_deref(), Some("0x0001"));
        assert_eq!(without_highest("1", 1), None);
        assert_eq!(range(9, 8, false), "\"9:8\"");
        assert_eq!(bits("9:8"), Some((9, 8)));
    }
}
