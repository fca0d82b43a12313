//! Proves on a release build that no sync and no reset of a ring can reach a panic.
//!
//! The benchmark instantiates `txsync` and `rxsync` of every NIC with both pools, and what control does with a ring at a
//! reset (`settle`, `prepare`, `restart`), because that reads the client's slots, too. The check decodes its machine code
//! and follows every call from each of these functions; a path into `core::panicking`, or a call whose target cannot be
//! resolved, is an error that names the path.

use std::collections::BTreeSet;
use std::path::Path;

use thiserror::Error;

use crate::machine_code::{Code, Stray};

/// Why the proof failed.
#[derive(Debug, Error)]
pub enum PanicFreeError {
    #[error("cannot read {path}")]
    Read {
        path: String,
        source: std::io::Error,
    },
    #[error("unexpected format of {path}")]
    Parse { path: String, source: object::Error },
    #[error("{path} contains `{entry}` {found} times, expected at least {least}")]
    Missing {
        path: String,
        entry: &'static str,
        found: usize,
        least: usize,
    },
    /// A call path from a function to a panic.
    #[error("a sync or a reset can panic:\n  {}", .0.join("\n  calls "))]
    Reachable(Vec<String>),
    /// A call whose target cannot be resolved.
    #[error("a sync or a reset makes a call that cannot be resolved:\n  {}", .0.join("\n  calls "))]
    Indirect(Vec<String>),
}

/// Names of the checked functions: syncs and resets as called by a target, which contain or call the queues' own.
pub const ENTRY: [&str; 4] = [
    "netmap_bench::subject::txsync",
    "netmap_bench::subject::rxsync",
    "netmap_bench::subject::txreset",
    "netmap_bench::subject::rxreset",
];
const PANIC: [&str; 4] = [
    "core::panicking",
    "std::panicking",
    "rust_begin_unwind",
    "core::result::unwrap_failed",
];
/// Functions of the C library that the compiler calls implicitly and that return.
const HARMLESS: [&str; 5] = ["memcpy", "memmove", "memset", "memcmp", "bcmp"];

/// The result of the proof.
#[derive(Debug, PartialEq, Eq)]
pub struct Proof {
    /// Checked functions. The compiler merges functions with equal code.
    pub checked: usize,
    /// Functions that they call, directly or indirectly.
    pub reached: usize,
}

/// Checks the functions `entries` of `program`, which must contain each of them at least `least` times.
pub fn check(
    program: &Path,
    entries: &[&'static str],
    least: usize,
) -> Result<Proof, PanicFreeError> {
    let path = program.display().to_string();
    let of = || path.clone();
    let bytes = std::fs::read(program);
    let bytes = bytes.map_err(|source| PanicFreeError::Read { path: of(), source })?;
    let code = Code::of_program(&bytes);
    let code = code.map_err(|source| PanicFreeError::Parse { path: of(), source })?;
    let mut all = Vec::new();
    for &entry in entries {
        let functions = code.functions.iter();
        let instances = functions.filter(|(_, f)| is_instance(&f.name, entry));
        let before = all.len();
        all.extend(instances.map(|(&at, _)| at));
        let found = all.len() - before;
        if found < least {
            return Err(PanicFreeError::Missing {
                path,
                entry,
                found,
                least,
            });
        }
    }
    let mut reached = BTreeSet::new();
    for &entry in &all {
        let functions = code.follow(entry, can_panic, |name| HARMLESS.contains(&name));
        reached.extend(functions.map_err(|stray| match stray {
            Stray::Forbidden(path) => PanicFreeError::Reachable(path),
            Stray::Outside(path) => PanicFreeError::Indirect(path),
        })?);
    }
    Ok(Proof {
        checked: all.len(),
        reached: reached.len(),
    })
}

/// Whether a function of that name ends in a panic.
pub fn can_panic(name: &str) -> bool {
    PANIC.iter().any(|panic| name.contains(panic))
}

/// Whether a name is that of `function`, or of it with generic arguments.
pub fn is_instance(name: &str, function: &str) -> bool {
    let rest = name.strip_prefix(function);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::<"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The result of `check` for a program whose `txsync` has this body.
    fn verdict(body: &str) -> Result<Proof, PanicFreeError> {
        let folder = tempfile::tempdir().unwrap();
        let (source, program) = (folder.path().join("main.rs"), folder.path().join("main"));
        let text = format!(
            "mod subject {{
                #[inline(never)] pub fn txsync(bytes: &[u8], at: usize, call: fn(u8) -> u8) -> u8 {{ let _ = (call, at); {body} }}
                #[inline(never)] pub fn helper(bytes: &[u8], at: usize) -> u8 {{ bytes[at] }}
            }}
            fn main() {{
                let bytes = std::env::args().next().unwrap().into_bytes();
                let at = std::env::args().count();
                let call: fn(u8) -> u8 = std::hint::black_box(|byte| byte);
                std::process::exit(subject::txsync(&bytes, at, call).wrapping_add(subject::helper(&bytes, at)) as i32);
            }}"
        );
        std::fs::write(&source, text).unwrap();
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut build = Command::new(rustc);
        build.args([
            "--edition",
            "2024",
            "--crate-name",
            "netmap_bench",
            "-O",
            "-C",
            "symbol-mangling-version=v0",
            "-o",
        ]);
        assert!(build.arg(&program).arg(&source).status().unwrap().success());
        check(&program, &ENTRY[..1], 1)
    }

    #[test]
    fn a_path_into_a_panic_is_found_and_named() {
        let Err(PanicFreeError::Reachable(path)) = verdict("helper(bytes, at)") else {
            panic!("not found")
        };
        assert!(
            path[0].contains("txsync") && path[1].contains("helper"),
            "{path:?}"
        );
        assert!(path.last().unwrap().contains("core::panicking"), "{path:?}");
    }

    #[test]
    fn a_call_through_a_pointer_is_not_trusted() {
        assert!(matches!(
            verdict("call(bytes.first().copied().unwrap_or(0))"),
            Err(PanicFreeError::Indirect(_))
        ));
    }

    #[test]
    fn a_function_without_a_panic_passes() {
        assert_eq!(
            verdict("bytes.get(at).copied().unwrap_or(0)")
                .unwrap()
                .reached,
            1
        );
    }

    #[test]
    fn a_program_without_sync_functions_proves_nothing() {
        let program = std::env::current_exe().unwrap();
        assert!(matches!(
            check(&program, &ENTRY, 1),
            Err(PanicFreeError::Missing {
                found: 0,
                least: 1,
                ..
            })
        ));
    }
}
