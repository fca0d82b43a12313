use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0201",
    "malformed PCI id",
    "A PCI id is a vendor id and a device id, four hexadecimal digits each.",
    &[("    pci: [\"1234:0001\"]\n", "    pci: [\"1234-0001\"]\n")],
);

pub(crate) fn finding(span: Span, text: &str) -> FindingDraft {
    RULE.at(span, format!("`{text}` is not a PCI id"))
        .help("write vendor and device id, such as `\"8086:100e\"`")
}
