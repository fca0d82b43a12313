//! The one grammar of numbers: decimal without leading zeros, or hexadecimal after `0x`.
//!
//! Every place of a spec that takes a number reads it here, whatever YAML thinks of the text.

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotANumber {
    /// It does not follow the grammar.
    Malformed,
    /// It has more than 64 bits.
    TooLarge,
}

/// The number that a text is.
pub(crate) fn parse(text: &str) -> Result<u64, NotANumber> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    let is_plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    let leads_with_zero = radix == 10 && digits.len() > 1 && digits.starts_with('0');
    if !is_plain || leads_with_zero {
        return Err(NotANumber::Malformed);
    }
    u64::from_str_radix(digits, radix).map_err(|_| NotANumber::TooLarge)
}

/// The number that a text is, if the type holds it.
pub(crate) fn fitting<T: TryFrom<u64>>(text: &str) -> Option<T> {
    parse(text).ok()?.try_into().ok()
}

/// The number that a text is in one of the other usual grammars, if only one gives it a meaning: `0o4`, `+4`, `1_000`.
pub(crate) fn otherwise(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('+').unwrap_or(text).replace('_', "");
    let lower = digits.to_ascii_lowercase();
    let prefixed = [("0o", 8), ("0b", 2), ("0x", 16)];
    let prefixed = prefixed
        .into_iter()
        .find_map(|(prefix, radix)| Some((lower.strip_prefix(prefix)?, radix)));
    match prefixed {
        Some((digits, _)) if digits.starts_with(['+', '-']) => None,
        Some((digits, radix)) => u64::from_str_radix(digits, radix).ok(),
        None => parse(&digits).ok(),
    }
}

/// Whether a text is meant as a number: it begins with a digit, or with a sign or a point before one.
pub(crate) fn is_meant(text: &str) -> bool {
    text.trim_start_matches(['+', '-', '.'])
        .starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{NotANumber, is_meant, parse};

    #[test]
    fn decimal_and_hexadecimal_are_all_there_is() {
        for (text, value) in [
            ("0", 0),
            ("10", 10),
            ("0x0", 0),
            ("0x00fF", 255),
            ("18446744073709551615", u64::MAX),
            ("0xffffffffffffffff", u64::MAX),
        ] {
            assert_eq!(parse(text), Ok(value), "{text}");
        }
        for text in [
            "", "x", "0x", "0X10", "010", "00", "0o4", "0b100", "1_0", "0x1_0", "+4", "-1", "1.0",
            "1e3", "0x-1", " 1", "1 ", "\u{664}",
        ] {
            assert_eq!(parse(text), Err(NotANumber::Malformed), "{text}");
        }
        for text in ["18446744073709551616", "0x10000000000000000"] {
            assert_eq!(parse(text), Err(NotANumber::TooLarge), "{text}");
        }
    }

    #[test]
    fn what_is_meant_as_a_number_may_be_none() {
        for text in ["0o4", "+4", "-.5", "1_0", "8"] {
            assert!(is_meant(text), "{text}");
        }
        for text in ["", "-", "x1", "~", "two"] {
            assert!(!is_meant(text), "{text}");
        }
    }
}
