//! Names in the forms that generated text needs.

/// `DCA_RXCTRL`, `tx.enable` -> `dca_rxctrl`, `tx_enable`
pub(super) fn snake(name: &str) -> String {
    name.to_lowercase().replace(['.', '-'], "_")
}

/// `DCA_RXCTRL`, `tx_legacy` -> `DcaRxctrl`, `TxLegacy`
pub(super) fn camel(name: &str) -> String {
    let capitalise = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first
            .into_iter()
            .chain(chars.map(|c| c.to_ascii_lowercase()))
            .collect::<String>()
    };
    name.split(['_', '.', '-']).map(capitalise).collect()
}

/// How the names of a kind are spelled, and that in words.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    pub(super) fits: fn(&str) -> bool,
    pub(super) style: &'static str,
}

/// `A`, `RXCTRL`, `PRC64`: a letter first.
pub(super) const MNEMONIC: Spelling = Spelling {
    fits: |name| begins_and_has(name, |c| c.is_ascii_uppercase()),
    style: "capitals, digits and underscores",
};

/// `eeprom_load`: a letter first.
pub(super) const LOWER: Spelling = Spelling {
    fits: is_lower,
    style: "lower-case letters, digits and underscores",
};

/// `tx.enable`
pub(super) const DOTTED: Spelling = Spelling {
    fits: |name| name.split('.').all(is_lower),
    style: "lower-case words with dots between them",
};

/// `A2_b`: may begin with a digit.
pub(super) const WORD: Spelling = Spelling {
    fits: |name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
    style: "letters, digits and underscores",
};

fn is_lower(name: &str) -> bool {
    begins_and_has(name, |c| c.is_ascii_lowercase())
}

/// Whether a name has only such letters, digits and underscores, and begins with a letter.
fn begins_and_has(name: &str, letter: fn(&char) -> bool) -> bool {
    let rest = |c: char| letter(&c) || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| letter(&c)) && name.chars().all(rest)
}

#[cfg(test)]
mod tests {
    use super::{DOTTED, MNEMONIC, camel, snake};

    #[test]
    fn names_change_form() {
        assert_eq!(snake("DCA_RXCTRL"), "dca_rxctrl");
        assert_eq!(camel("DCA_RXCTRL"), "DcaRxctrl");
        assert_eq!(camel("82540EM"), "82540em");
        let (is_mnemonic, is_dotted) = (MNEMONIC.fits, DOTTED.fits);
        assert!(is_mnemonic("PRC64") && !is_mnemonic("64PRC") && !is_mnemonic("Prc"));
        assert!(is_dotted("tx.enable") && !is_dotted("tx..enable"));
    }
}
