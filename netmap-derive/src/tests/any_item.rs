//! Random declarations: each expands or is reported.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::Derive;
use crate::{descriptor, nic, registers};

/// Parts of attributes, whole and broken.
fn parts(whole: &'static [&'static str]) -> impl Strategy<Value = String> {
    const BROKEN: &[&str] = &[
        "=",
        "= 1",
        "..",
        "1 .. 0",
        ":",
        "\"text\"",
        "a",
        "a = b",
        "-1",
        "7u8",
        "()",
        "(,)",
        "#",
        "a b",
        "shared",
        "0xffff_ffff",
        "_",
        "r#type",
    ];
    let part = prop_oneof![4 => select(whole), 1 => select(BROKEN)];
    vec(part, 0..8).prop_map(|parts| parts.join(","))
}

/// A derive either expands or reports errors, and never panics.
fn expands_or_reports(derive: Derive, item: &str) -> Result<(), TestCaseError> {
    let tokens = item.parse().expect("the parts are tokens");
    match derive(tokens) {
        Ok(expansion) => prop_assert!(syn::parse2::<syn::File>(expansion).is_ok()),
        Err(errors) => prop_assert!(errors.into_iter().next().is_some()),
    }
    Ok(())
}

const REG: &[&str] = &[
    "offset = 0x10",
    "offset = 0x40",
    "stride = 8",
    "stride = 0",
    "elements = 0..4",
    "elements = 4..=7",
    "width = 32",
    "width = 16",
    "name = \"RDT\"",
    "shared",
];

const STRUCT: &[&str] = &[
    "transmit",
    "receive",
    "min = 17",
    "max = 1514",
    "part = 2048",
];

const WORD: &[&str] = &[
    "address",
    "address = a",
    "length = l",
    "length(l, m)",
    "set(a = 1, b = 0)",
    "set()",
    "report(r)",
    "report()",
    "done(d)",
    "good(g = 1)",
    "written_back",
];

const NIC: &[&str] = &[
    "name = \"toy\"",
    "title = \"Toy\"",
    "bar = 0",
    "bar_size = 1",
    "pci(1:2)",
    "pci()",
    "registers = Regs",
    "transmit(format = Tx, doorbell = tdt, queues = 1, slots = 8..=16, multiple = 8, align = 16, address_bits = 64)",
    "receive(format = Rx, doorbell = rdt, queues = 1, slots = 8..=16, multiple = 8, align = 16, address_bits = 64, buffer_size = 1)",
    "receive(format = Rx, doorbell, slots = 1..1, multiple = 0)",
    "multicast(crc32 = 0..6)",
    "multicast(crc32 = 0..6, address_bits = 1..2)",
    "statistics = &[]",
];

proptest! {
    #[test]
    fn any_register_map_expands_or_is_reported(a in parts(REG), b in parts(REG), c in parts(REG)) {
        let item = format!(
            "struct Regs {{
                #[reg({a})] a: Register<Ctrl, ReadWrite>,
                #[reg({b})] #[reg({c})] b: Array<u32, ReadWrite, 8>,
            }}"
        );
        expands_or_reports(registers::derive, &item)?;
    }

    #[test]
    fn any_descriptor_expands_or_is_reported(
        item in parts(STRUCT), a in parts(WORD), b in parts(WORD), c in parts(WORD), d in parts(WORD),
        count in 0..5usize,
    ) {
        let words: String = [a, b, c, d]
            .iter()
            .zip('a'..)
            .take(count)
            .map(|(word, name)| format!("#[descriptor({word})] {name}: u64,"))
            .collect();
        let item = format!("#[descriptor({item})] struct Format {{ {words} }}");
        expands_or_reports(descriptor::derive, &item)?;
    }

    #[test]
    fn any_nic_expands_or_is_reported(a in parts(NIC), b in parts(NIC)) {
        expands_or_reports(nic::derive, &format!("#[nic({a})] #[nic({b})] struct Toy;"))?;
    }
}
