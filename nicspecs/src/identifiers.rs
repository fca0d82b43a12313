//! Identifiers of the generated code: how names of a spec become identifiers, and which ones the templates use.
//!
//! A test of the generator compares the lists with the generated code: no name may be missing, and none may be listed
//! without need. Another test gives specs odd names, words of the generated code among them, and compiles what comes of
//! those that no rule refuses.

use crate::bounds;

/// `DCA_RXCTRL`, `tx.enable` -> `dca_rxctrl`, `tx_enable`; a word that is no name even after `r#` gets another before it.
pub fn snake(name: &str) -> String {
    let snake = name.to_lowercase().replace('.', "_");
    match snake.as_str() {
        "crate" | "self" | "super" => format!("the_{snake}"),
        _ => snake,
    }
}

/// `DCA_RXCTRL`, `tx_legacy` -> `DcaRxctrl`, `TxLegacy`
pub fn camel(name: &str) -> String {
    let capitalise = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first
            .into_iter()
            .chain(chars.map(|c| c.to_ascii_lowercase()))
            .collect::<String>()
    };
    name.split(['_', '.']).map(capitalise).collect()
}

/// Whether a NIC may have that name: words of lower-case letters and digits with an underscore between them.
pub fn is_nic(name: &str) -> bool {
    has_words(name, char::is_ascii_lowercase)
}

/// Whether a name consists of words of such letters and digits with an underscore between them.
pub(crate) fn has_words(name: &str, letter: fn(&char) -> bool) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| letter(&c) || c.is_ascii_digit());
    name.len() <= bounds::NAME && name.split('_').all(is_word) && !is_value(name)
}

/// Whether YAML takes a name for a value, where it stands as one: `mask: NULL` would be no mask.
pub(crate) fn is_value(name: &str) -> bool {
    let values = ["null", "true", "false"];
    values.iter().any(|value| name.eq_ignore_ascii_case(value))
}

/// Whether the generated crate has no other use for the module of that name.
pub fn is_free_module(module: &str) -> bool {
    let lists: [&[&str]; 3] = [&MODULES, &OF_CARGO, &KEYWORDS];
    lists.iter().all(|list| !list.contains(&module))
}

/// The module of a NIC: `nic_` and its name; a name that starts with a letter is its own module.
pub fn module(nic: &str) -> String {
    match nic.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("nic_{nic}"),
        false => nic.to_owned(),
    }
}

/// The driver's type: `Nic` and the name of the NIC.
pub fn driver(nic: &str) -> String {
    format!("Nic{}", camel(nic))
}

/// The enumerator of a variant; `V` stands before a digit.
pub fn variant(name: &str) -> String {
    let camel = camel(name);
    match camel.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("V{camel}"),
        false => camel,
    }
}

/// The constant of a named value of a field: `SPEED_M1000`.
pub fn value(field: &str, value: &str) -> String {
    format!("{field}_{}", value.to_uppercase())
}

/// What a field of a register or descriptor adds to the type of its values.
pub fn of_field(field: &str) -> [String; 7] {
    let snake = snake(field);
    [
        format!("with_{snake}"),
        format!("with_{snake}_checked"),
        format!("set_{snake}"),
        format!("set_{snake}_checked"),
        format!("{field}_BITS"),
        format!("{field}_OFFSET"),
        snake,
    ]
}

/// Words that are names only with `r#` before them, or not even so.
pub const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What every such type has. The methods of the prelude that take any value by itself go before those of the type.
pub const OF_VALUES: [&str; 6] = ["new", "from_bits", "into_bits", "bits", "into", "try_into"];

/// Modules, crates and types that the crate's root names.
pub const MODULES: [&str; 10] = [
    "alloc",
    "bitfield_struct",
    "core",
    "netmap_core",
    "netmap_derive",
    "pieces",
    "std",
    "steps",
    "str",
    "tables",
];

/// What cargo and rustc take for the root of a crate, or for a folder of such roots, in the folder of the sources.
pub const OF_CARGO: [&str; 3] = ["bin", "lib", "main"];

/// Types, traits and enumerators that files with types of registers or descriptors name.
pub const TYPES: [&str; 52] = [
    "Array",
    "B",
    "Bus",
    "Causes",
    "Choice",
    "Choices",
    "Clone",
    "Completion",
    "Copy",
    "Crc",
    "Debug",
    "Descriptor",
    "DmaAddr",
    "Driver",
    "Duplex",
    "Eq",
    "Err",
    "Fault",
    "Filter",
    "FrameLimits",
    "Link",
    "MacAddress",
    "Messages",
    "Nic",
    "NicLimits",
    "None",
    "Ok",
    "Option",
    "Options",
    "PartialEq",
    "PciIdentity",
    "ReadClear",
    "ReadOnly",
    "ReadOrWriteOneClear",
    "ReadWrite",
    "Register",
    "Registers",
    "Regs",
    "Result",
    "RingLimits",
    "RingSetup",
    "RssLimits",
    "RxDescriptor",
    "Self",
    "Setup",
    "Some",
    "TxDescriptor",
    "Variant",
    "WriteClear",
    "WriteOneClear",
    "WriteOneSet",
    "WriteOnly",
];

/// Traits that the expansions of derives name beside types of registers and descriptors.
pub const OF_EXPANSIONS: [&str; 2] = ["Default", "From"];

/// Constants of a driver's module.
pub const CONSTANTS: [&str; 2] = ["REGS", "STATISTICS"];

/// Constants of a model, beside one for each descriptor format.
pub const OF_MODEL: [&str; 2] = ["MODEL", "REGISTERS"];

/// Methods of a variant, beside one for each constant in which variants differ.
pub const OF_VARIANT: [&str; 3] = ["detect", "limits", "name"];

/// Methods of a driver that are no sequences.
pub const OF_DRIVER: [&str; 9] = [
    "causes",
    "choose",
    "chosen",
    "crc",
    "detect",
    "limits",
    "link_poll",
    "variant",
    "with_options",
];

/// Names in the body of a function: parameters, variables and functions that the templates use.
pub const LOCALS: [&str; 22] = [
    "block",
    "bus",
    "crate",
    "filter",
    "guarded",
    "mac",
    "mbps",
    "message",
    "ms",
    "octets",
    "outcome",
    "pci",
    "poll",
    "queue",
    "r",
    "renegotiate",
    "ring",
    "self",
    "setup",
    "super",
    "us",
    "verify",
];

#[cfg(test)]
mod tests {
    use super::{camel, snake};

    #[test]
    fn names_change_form() {
        assert_eq!(snake("DCA_RXCTRL"), "dca_rxctrl");
        assert_eq!(snake("tx.enable"), "tx_enable");
        assert_eq!(snake("SELF"), "the_self");
        assert_eq!(camel("DCA_RXCTRL"), "DcaRxctrl");
        assert_eq!(camel("82540EM"), "82540em");
    }
}
