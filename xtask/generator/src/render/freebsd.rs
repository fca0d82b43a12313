//! `freebsd/`: the NICs' tables for the C half of the kernel module.

use askama::Template;
use nicspecs::ir::Nic;

use super::facts::pci_ids;

/// The file of one NIC.
#[derive(Template)]
#[template(path = "freebsd_nic.c.jinja", escape = "none")]
pub struct FreebsdNic<'a> {
    nic: &'a Nic,
    symbol: String,
    title: String,
    /// Vendor, device and title.
    ids: Vec<[String; 3]>,
    /// -1 means the first memory BAR.
    bar: i16,
    bar_bytes: u64,
}

impl<'a> FreebsdNic<'a> {
    /// The view of a NIC; `None` if its spec has no space for registers.
    pub fn new(nic: &'a Nic) -> Option<Self> {
        let space = nic.spaces().first()?;
        let ids = pci_ids(nic).into_iter().map(|(id, title)| {
            let [vendor, device] = [id.vendor, id.device].map(|half| format!("{half:#06x}"));
            [vendor, device, literal(title)]
        });
        Some(Self {
            nic,
            symbol: symbol(nic),
            title: literal(nic.title()),
            ids: ids.collect(),
            bar: space.bar.map_or(-1, i16::from),
            bar_bytes: space.size,
        })
    }
}

/// The list of all NICs.
#[derive(Template)]
#[template(path = "freebsd_nics.c.jinja", escape = "none")]
pub struct FreebsdNics<'a> {
    pub symbols: &'a [String],
}

/// The list of files for make.
#[derive(Template)]
#[template(path = "freebsd_nics.mk.jinja", escape = "none")]
pub struct FreebsdMake<'a> {
    pub symbols: &'a [String],
}

/// A string literal of C, in which Rust's escapes of Unicode characters have no meaning, and two question marks may begin
/// a trigraph.
fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    let escaped = escaped.replace('?', "\\?");
    format!("\"{escaped}\"")
}

/// Name of the NIC's table and file, which no other file of the kernel module begins with.
pub fn symbol(nic: &Nic) -> String {
    format!("nmd_nic_{}", nic.name())
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_string_of_c_has_the_characters_of_the_text() {
        assert_eq!(
            literal("a \\ \"b\" e\u{301}"),
            "\"a \\\\ \\\"b\\\" e\u{301}\""
        );
        assert_eq!(literal("a??/"), "\"a\\?\\?/\"");
    }
}
