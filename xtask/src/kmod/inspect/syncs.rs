//! No sync reaches the panic handler.

use std::collections::BTreeSet;

use super::check::Check;
use super::symbols::List;
use crate::machine_code::{Code, Stray, Symbol};
use crate::panic_free::{can_panic, is_instance};
use xtask_workspace::specs::count;

/// The functions of a NIC's table, which the compiler merges if their code is equal.
const SYNCS: [&str; 2] = ["netmap_kmod::entry::txsync", "netmap_kmod::entry::rxsync"];

/// Follows every call of every sync in the tables of `nics` NICs. Also returns the external functions that they call.
pub fn check(code: &Code<'_>, list: &List, nics: usize) -> (Check, BTreeSet<String>) {
    let mut findings = Vec::new();
    let mut entries = BTreeSet::new();
    let mut entered = 0;
    for name in SYNCS {
        let in_tables: Vec<u64> = code
            .fields
            .iter()
            .filter(|(at, _)| code.section(**at).is_some_and(|section| !section.is_code))
            .filter_map(|(_, field)| match field.symbol {
                Symbol::Local(to) => Some(to.wrapping_add_signed(field.addend)),
                _ => None,
            })
            .filter(|to| {
                let function = code.functions.get(to);
                function.is_some_and(|function| is_instance(&function.name, name))
            })
            .collect();
        if in_tables.len() != nics {
            let found = in_tables.len();
            findings.push(format!(
                "{name} is in {found} tables, but there are {nics} NICs"
            ));
        }
        entered += in_tables.len();
        entries.extend(in_tables);
    }
    let mut used = BTreeSet::new();
    let mut reached = BTreeSet::new();
    for entry in entries {
        let leaves = |name: &str| {
            used.insert(name.to_owned());
            list.has_for_sync(name)
        };
        match code.follow(entry, can_panic, leaves) {
            Ok(functions) => reached.extend(functions),
            Err(Stray::Forbidden(path)) => findings.push(format!("{} panics", calls(&path))),
            Err(Stray::Outside(path)) => {
                findings.push(format!("{}, which a sync may not call", calls(&path)));
            }
        }
    }
    let check = Check {
        name: "no sync reaches a panic",
        counted: format!(
            "{} reach {}",
            count(entered, "sync"),
            count(reached.len(), "function")
        ),
        findings,
    };
    (check, used)
}

/// A function, those that it calls on the way to another one, and that one.
fn calls(path: &[String]) -> String {
    path.join(" calls ")
}
