//! Relocations that the kernel's loader resolves.

use std::collections::BTreeMap;

use object::elf;

use super::check::{Check, kind};
use crate::machine_code::{Code, Symbol};

/// The relocation types that `elf_reloc` in FreeBSD's `sys/amd64/amd64/elf_machdep.c` supports; it refuses a module
/// with any other.
const RESOLVED: [elf::RelocationType; 5] = [
    elf::R_X86_64_NONE,
    elf::R_X86_64_64,
    elf::R_X86_64_PC32,
    elf::R_X86_64_PLT32,
    elf::R_X86_64_32S,
];

pub fn check(code: &Code<'_>) -> Check {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut findings = Vec::new();
    for (&at, field) in &code.fields {
        let kind = kind(field.kind);
        if !RESOLVED.contains(&field.kind) {
            let whose = match &field.symbol {
                Symbol::Local(to) => code.name(*to),
                Symbol::External(name) => name.clone(),
                Symbol::Unknown => "nothing".to_owned(),
            };
            let (start, place) = code.place(at);
            let offset = at - start;
            findings.push(format!("{place} + {offset:#x}: {kind} for {whose}"));
        }
        *counts.entry(kind).or_default() += 1;
    }
    let sections = code.sections.iter();
    for section in sections.filter(|section| section.is_thread_local) {
        findings.push(format!("{}: thread-local section", section.name));
    }
    let counted: Vec<_> = counts
        .iter()
        .map(|(kind, count)| format!("{count} {}", kind.trim_start_matches("R_X86_64_")))
        .collect();
    Check {
        name: "relocations that the loader resolves",
        counted: format!("{}: {}", code.fields.len(), counted.join(", ")),
        findings,
    }
}
