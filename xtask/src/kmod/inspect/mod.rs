//! Checks machine code for what a kernel forbids.

mod check;
mod padding;
mod registers;
mod relocations;
mod stack;
pub mod symbols;
mod syncs;
#[cfg(test)]
mod tests;

use crate::machine_code::{self, Code};
pub use check::Check;
use symbols::List;

/// The entry symbol of the Rust half.
const ENTRY: &str = "nmd_driver";

/// Checks the members of the Rust half's archive that a linker uses.
pub fn rust_half(archive: &[u8], list: &List, nics: usize) -> Result<Vec<Check>, object::Error> {
    let objects = machine_code::needed(archive, ENTRY)?;
    let code = Code::of_objects(&objects)?;
    let (syncs, used) = syncs::check(&code, list, nics);
    let mut checks = of_any(&code);
    checks.push(symbols::check(&code, list, &used));
    checks.push(syncs);
    Ok(checks)
}

/// Checks the linked module, and its imports from the kernel if there is a list for them.
pub fn module(module: &[u8], list: Option<&List>) -> Result<Vec<Check>, object::Error> {
    let code = Code::of_objects(&[module])?;
    let mut checks = of_any(&code);
    checks.extend(list.map(|list| symbols::check(&code, list, &Default::default())));
    Ok(checks)
}

/// Checks objects that are part of the module. Their undefined symbols must be listed, in the archive, or `is_known` in
/// the rest.
pub fn parts(
    objects: &[&[u8]],
    archive: &[u8],
    list: &List,
    is_known: impl Fn(&str) -> bool,
) -> Result<Vec<Check>, object::Error> {
    let code = Code::of_objects(objects)?;
    let linked = machine_code::defined(&machine_code::needed(archive, ENTRY)?)?;
    let is_known = |name: &str| linked.contains(name) || is_known(name);
    let mut checks = of_any(&code);
    checks.push(symbols::check_unlisted(&code, list, is_known));
    Ok(checks)
}

fn of_any(code: &Code<'_>) -> Vec<Check> {
    vec![
        padding::check(code),
        registers::check(code),
        stack::check(code),
        relocations::check(code),
    ]
}
