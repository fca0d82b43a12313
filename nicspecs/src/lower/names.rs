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

/// `A`, `RXCTRL`, `PRC64`: capitals, digits and underscores, a letter first.
pub(super) fn is_mnemonic(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// `eeprom_load`: lower case, digits and underscores, a letter first.
pub(super) fn is_lower(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// `tx.enable`: lower-case names with dots.
pub(super) fn is_dotted(name: &str) -> bool {
    name.split('.').all(is_lower)
}

/// Letters, digits and underscores.
pub(super) fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{camel, is_dotted, is_mnemonic, snake};

    #[test]
    fn names_change_form() {
        assert_eq!(snake("DCA_RXCTRL"), "dca_rxctrl");
        assert_eq!(camel("DCA_RXCTRL"), "DcaRxctrl");
        assert_eq!(camel("82540EM"), "82540em");
        assert!(is_mnemonic("PRC64") && !is_mnemonic("64PRC") && !is_mnemonic("Prc"));
        assert!(is_dotted("tx.enable") && !is_dotted("tx..enable"));
    }
}
