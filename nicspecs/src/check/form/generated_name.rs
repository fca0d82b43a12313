use crate::diagnostic::{Findings, NodeId, RuleInfo};
use crate::draft::Draft;
use crate::ir::Descriptor;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0113",
    "type name already used in generated code",
    "Registers and descriptor formats become types, whose names differ from all other types of the generated code.",
    &[(
        "  FAN:\n",
        "  LINK:\n    title: Link\n    section: \"4.19\"\n    offset: 0xff8\n    access: rw\n  FAN:\n",
    )],
);

/// Other types of the files with descriptors.
const OF_DESCRIPTORS: [&str; 2] = ["RxDescriptor", "TxDescriptor"];

/// Other types of the files that define or use registers.
const OF_REGISTERS: [&str; 30] = [
    "Bus",
    "Causes",
    "Completion",
    "DmaAddr",
    "Driver",
    "Duplex",
    "Err",
    "Fault",
    "Filter",
    "FrameLimits",
    "Link",
    "MacAddress",
    "Nic",
    "None",
    "Ok",
    "Option",
    "Options",
    "PciId",
    "R32",
    "Reg",
    "Registers",
    "Regs",
    "Result",
    "RingSetup",
    "RxDescriptor",
    "Self",
    "Setup",
    "Some",
    "TxDescriptor",
    "Variant",
];

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut taken = |node: NodeId, name: &str, type_name: &str, exists: bool| {
        if exists {
            let message = format!("`{name}` becomes the type `{type_name}`, which already exists");
            let finding = RULE.at(draft.tree.key_span(node), message);
            findings.add(finding.help("choose another name"));
        }
    };
    for register in &draft.registers {
        let type_name = register.type_name.as_str();
        let exists = OF_REGISTERS.contains(&type_name);
        taken(register.node, &register.name, type_name, exists);
    }
    for (at, format) in draft.descriptors.iter().enumerate() {
        let type_name = &format.type_name;
        let mut before = draft.descriptors[..at].iter();
        let exists = OF_DESCRIPTORS.contains(&type_name.as_str())
            || before.any(|other| types(other).contains(type_name));
        taken(format.node, &format.name, type_name, exists);
    }
}

/// The types that a format may become: one, or one a quadword.
fn types(format: &Descriptor) -> [String; 3] {
    ["", "First", "Second"].map(|part| format!("{}{part}", format.type_name))
}
