//! Texts about a register for all generated files.

use nicspecs::ir::{Access, Register};

/// The number of hexadecimal digits for every offset in the register's space.
pub fn digits(register: &Register) -> usize {
    format!("{:x}", register.space.size.saturating_sub(1)).len()
}

/// ``Receive Address Low, `RAL[n]` (13.5.2)`` and, if requested, the spec's own sentence.
pub fn about(register: &Register, in_full: bool) -> String {
    let index = if register.is_array { "[n]" } else { "" };
    let (title, name, section) = (&register.title, &register.name, &register.section);
    let doc = register.doc.as_deref().filter(|_| in_full);
    let doc = doc.map(|doc| format!(": {}", doc.trim_end_matches('.')));
    let doc = doc.unwrap_or_default();
    format!("{title}, `{name}{index}` ({section}){doc}.")
}

/// The access kind's name in Rust.
pub fn access(access: Access) -> &'static str {
    match access {
        Access::ReadWrite => "ReadWrite",
        Access::ReadOnly => "ReadOnly",
        Access::WriteOnly => "WriteOnly",
        Access::ReadClears => "ReadClear",
        Access::WriteOneClears => "WriteOneClear",
        Access::ReadOrWriteOneClears => "ReadOrWriteOneClear",
        Access::WriteClears => "WriteClear",
        Access::WriteOneSets => "WriteOneSet",
    }
}
