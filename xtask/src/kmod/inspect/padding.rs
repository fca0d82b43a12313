//! All code is in functions, so that the other checks cover it.

use iced_x86::{Decoder, DecoderOptions, Mnemonic};

use super::check::Check;
use crate::machine_code::{Code, Section};
use xtask_workspace::specs::count;

pub fn check(code: &Code<'_>) -> Check {
    let mut bytes = 0;
    let mut findings = Vec::new();
    for (&start, function) in &code.functions {
        if code.instructions(start).is_none() {
            findings.push(format!("{}: not in a section of code", function.name));
        } else if function.size == 0 {
            findings.push(format!("{}: its symbol has no size", function.name));
        }
    }
    for section in code.sections.iter().filter(|section| section.is_code) {
        bytes += section.bytes.len();
        let end = section.at + section.bytes.len() as u64;
        let mut at = section.at;
        for (&start, function) in code.functions.range(section.at..end) {
            findings.extend(stray(section, at, start));
            at = at.max(start + function.size);
        }
        findings.extend(stray(section, at, end));
    }
    Check {
        name: "all code is in functions",
        counted: format!(
            "{}, {}",
            count(code.functions.len(), "function"),
            count(bytes, "byte")
        ),
        findings,
    }
}

/// Bytes between two functions that are not padding.
fn stray(section: &Section<'_>, from: u64, to: u64) -> Option<String> {
    let range = (from - section.at) as usize..(to.max(from) - section.at) as usize;
    let between = &section.bytes[range];
    if between.iter().all(|byte| *byte == 0) {
        return None;
    }
    let decoder = Decoder::with_ip(64, between, from, DecoderOptions::NONE);
    let first = decoder
        .into_iter()
        .find(|instruction| !matches!(instruction.mnemonic(), Mnemonic::Nop | Mnemonic::Int3))?;
    let offset = first.ip() - section.at;
    let what = first.code();
    Some(format!(
        "{} + {offset:#x}: {what:?} outside functions",
        section.name
    ))
}
