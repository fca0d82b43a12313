//! How names are spelled.

use crate::identifiers::{self, has_words};

pub(super) use crate::identifiers::{camel, snake};

/// How the names of a kind are spelled, and that in words.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    pub(super) fits: fn(&str) -> bool,
    pub(super) style: &'static str,
}

/// `A`, `RXCTRL`, `PRC64`: a letter first.
pub(super) const MNEMONIC: Spelling = Spelling {
    fits: |name| begins_and_has(name, char::is_ascii_uppercase),
    style: "capitals and digits, in words with an underscore between them",
};

/// `eeprom_load`: a letter first.
pub(super) const LOWER: Spelling = Spelling {
    fits: is_lower,
    style: "lower-case letters and digits, in words with an underscore between them",
};

/// `tx.enable`
pub(super) const DOTTED: Spelling = Spelling {
    fits: |name| name.split('.').all(is_lower),
    style: "lower-case words with dots between them",
};

/// May begin with a digit.
pub(super) const NIC: Spelling = Spelling {
    fits: identifiers::is_nic,
    style: "lower-case letters and digits, in words with an underscore between them",
};

/// `A2_b`: may begin with a digit.
pub(super) const WORD: Spelling = Spelling {
    fits: |name| has_words(name, char::is_ascii_alphabetic),
    style: "letters and digits, in words with an underscore between them",
};

fn is_lower(name: &str) -> bool {
    begins_and_has(name, char::is_ascii_lowercase)
}

/// Whether a name consists of such words and begins with a letter.
fn begins_and_has(name: &str, letter: fn(&char) -> bool) -> bool {
    name.starts_with(|c: char| letter(&c)) && has_words(name, letter)
}

#[cfg(test)]
mod tests {
    use super::{DOTTED, LOWER, MNEMONIC, NIC};

    #[test]
    fn names_consist_of_words() {
        let fits =
            |name: &str| [MNEMONIC, LOWER, DOTTED, NIC].map(|spelling| (spelling.fits)(name));
        assert_eq!(fits("PRC64"), [true, false, false, false]);
        assert_eq!(fits("tx_2"), [false, true, true, true]);
        assert_eq!(fits("tx.enable"), [false, false, true, false]);
        assert_eq!(fits("82599"), [false, false, false, true]);
        let long = "a".repeat(65);
        for name in [
            "",
            "_",
            "64PRC",
            "Prc",
            "A_",
            "_A",
            "A__B",
            "a_",
            "a__b",
            "tx..enable",
            "é",
            "A-B",
            "NULL",
            "null",
            "True",
            "FALSE",
            &long,
        ] {
            assert_eq!(fits(name), [false; 4], "{name}");
        }
    }
}
