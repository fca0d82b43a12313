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
    let mut taken = |node: NodeId, name: &str, type_name: &str, others: Vec<String>| {
        if others.iter().any(|other| other == type_name) {
            let message = format!("`{name}` becomes the type `{type_name}`, which already exists");
            let finding = RULE.at(draft.tree.key_span(node), message);
            findings.add(finding.help("choose another name"));
        }
    };
    for register in &draft.registers {
        let others = OF_REGISTERS.map(str::to_owned).to_vec();
        taken(register.node, &register.name, &register.type_name, others);
    }
    for (at, format) in draft.descriptors.iter().enumerate() {
        let before = draft.descriptors[..at]
            .iter()
            .flat_map(|other| types(other));
        let others = OF_DESCRIPTORS
            .map(str::to_owned)
            .into_iter()
            .chain(before)
            .collect();
        taken(format.node, &format.name, &format.type_name, others);
    }
}

/// The types that a format may become: one, or one a quadword.
fn types(format: &Descriptor) -> [String; 3] {
    ["", "First", "Second"].map(|part| format!("{}{part}", format.type_name))
}
