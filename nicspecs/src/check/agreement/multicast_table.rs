use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Hash;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0706",
    "hash does not fit the multicast table",
    "The hash uses bits that an address has, and selects a bit that the multicast table has.",
    &[(
        "hash: { address_bits: \"47:42\" }",
        "hash: { address_bits: \"47:36\" }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let filters = draft.filters.as_ref();
    let Some(multicast) = filters.and_then(|filters| filters.multicast.as_ref()) else {
        return;
    };
    let hash = draft.node(&["filters", "multicast", "hash"]);
    let (key, end, low, width) = match multicast.hash {
        Hash::AddressBits { low, width } => ("address_bits", 48, low, width),
        Hash::Crc32 { low, width } => ("crc32", 32, low, width),
    };
    let span = draft.tree.span_at(hash, key);
    if low + width > end {
        let message = format!("`{key}` has the bits 0 to {}", end - 1);
        findings.add(RULE.at(span, message));
        return;
    }
    let table = &multicast.table;
    let at = draft.span(&["filters", "multicast", "table"]);
    if table.width != 32 {
        let (name, bits) = (&table.name, table.width);
        let message = format!("the elements of `{name}` have {bits} bits, not 32");
        findings.add(RULE.at(at, message));
    }
    let table_bits = u64::from(table.count()) * 32;
    if width >= 32 || 1_u64 << width > table_bits {
        let message = format!("the hash of {width} bits does not fit `{}`", table.name);
        findings.add(
            RULE.at(span, message)
                .label(at, format!("{table_bits} bits"))
                .help("a table of n bits takes a hash of log2(n) bits"),
        );
    }
}
