//! Proves on a release build that no sync function can reach a panic.
//!
//! The benchmark instantiates `txsync` and `rxsync` of every NIC with both pools. Its machine code is decoded, and from
//! each of these functions every call is followed; a path into `core::panicking`, or a call whose target cannot be told,
//! is an error that names the path.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::Path;

use iced_x86::{Decoder, DecoderOptions, FlowControl, OpKind, Register};
use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget, SymbolKind};
use thiserror::Error;

/// Why the proof failed.
#[derive(Debug, Error)]
pub enum PanicFreeError {
    /// The program could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The program.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The program is not what was expected.
    #[error("cannot understand {path}")]
    Parse {
        /// The program.
        path: String,
        /// Why.
        #[source]
        source: object::Error,
    },
    /// The functions to be proved are not there.
    #[error("{path} contains {found} sync functions, {least} at least were expected")]
    Missing {
        /// The program.
        path: String,
        /// Functions found.
        found: usize,
        /// Functions that have to be there.
        least: usize,
    },
    /// A path into a panic, from the sync function on.
    #[error("a sync function can panic:\n  {}", .0.join("\n  calls "))]
    Reachable(Vec<String>),
    /// A call that cannot be followed.
    #[error("a sync function makes a call that cannot be followed:\n  {}", .0.join("\n  calls "))]
    Indirect(Vec<String>),
}

/// Names of what is proved: the syncs as called by a target, which contain or call the queues' own.
const ENTRY: [&str; 2] = [
    "netmap_bench::subject::txsync",
    "netmap_bench::subject::rxsync",
];
const PANIC: [&str; 4] = [
    "core::panicking",
    "std::panicking",
    "rust_begin_unwind",
    "core::result::unwrap_failed",
];
/// Functions of the C library that the compiler calls on its own and that return.
const HARMLESS: [&str; 5] = ["memcpy", "memmove", "memset", "memcmp", "bcmp"];

/// What was proved.
#[derive(Debug, PartialEq, Eq)]
pub struct Proof {
    /// Sync functions. The compiler makes one of those whose code is equal.
    pub syncs: usize,
    /// Functions that they reach.
    pub reached: usize,
}

/// Checks `program`, in which at least so many sync functions have to be found.
pub fn check(program: &Path, least: usize) -> Result<Proof, PanicFreeError> {
    let path = program.display().to_string();
    let bytes = std::fs::read(program).map_err(|source| PanicFreeError::Read {
        path: path.clone(),
        source,
    })?;
    let code = Code::read(&bytes).map_err(|source| PanicFreeError::Parse {
        path: path.clone(),
        source,
    })?;
    let entries: Vec<u64> = code
        .functions
        .iter()
        .filter(|(_, f)| is_entry(&f.name))
        .map(|(&at, _)| at)
        .collect();
    if entries.len() < least {
        return Err(PanicFreeError::Missing {
            path,
            found: entries.len(),
            least,
        });
    }
    let mut reached = BTreeSet::new();
    for &entry in &entries {
        reached.extend(code.follow(entry)?);
    }
    Ok(Proof {
        syncs: entries.len(),
        reached: reached.len(),
    })
}

fn is_entry(name: &str) -> bool {
    ENTRY.iter().any(|entry| {
        name.strip_prefix(entry)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::<"))
    })
}

struct Function {
    name: String,
    size: u64,
}

/// Where a call goes.
enum Target {
    Function(u64),
    External(String),
    Unknown,
}

struct Code<'a> {
    text: &'a [u8],
    text_at: u64,
    /// By address.
    functions: BTreeMap<u64, Function>,
    /// Pointers that the loader fills in, by address.
    pointers: HashMap<u64, Target>,
}

impl<'a> Code<'a> {
    fn read(bytes: &'a [u8]) -> Result<Code<'a>, object::Error> {
        let file = object::File::parse(bytes)?;
        let Some(text) = file.section_by_name(".text") else {
            return Ok(Code {
                text: &[],
                text_at: 0,
                functions: BTreeMap::new(),
                pointers: HashMap::new(),
            });
        };
        let mut functions = BTreeMap::new();
        for symbol in file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.address() != 0)
        {
            let name = format!(
                "{:#}",
                rustc_demangle::demangle(symbol.name().unwrap_or_default())
            );
            functions.insert(
                symbol.address(),
                Function {
                    name,
                    size: symbol.size(),
                },
            );
        }
        let mut pointers = HashMap::new();
        for (at, relocation) in file.dynamic_relocations().into_iter().flatten() {
            let target = match relocation.target() {
                RelocationTarget::Symbol(index) => {
                    let table = file.dynamic_symbol_table();
                    let name = table.and_then(|table| {
                        use object::ObjectSymbolTable;
                        table
                            .symbol_by_index(index)
                            .ok()?
                            .name()
                            .ok()
                            .map(str::to_owned)
                    });
                    name.map_or(Target::Unknown, Target::External)
                }
                RelocationTarget::Absolute => Target::Function(relocation.addend() as u64),
                _ => Target::Unknown,
            };
            pointers.insert(at, target);
        }
        Ok(Code {
            text: text.data()?,
            text_at: text.address(),
            functions,
            pointers,
        })
    }

    fn name(&self, at: u64) -> String {
        self.functions
            .get(&at)
            .map_or_else(|| format!("{at:#x}"), |function| function.name.clone())
    }

    /// The function that contains an address.
    fn containing(&self, at: u64) -> Option<u64> {
        let (&start, function) = self.functions.range(..=at).next_back()?;
        (at < start + function.size.max(1)).then_some(start)
    }

    /// Every function that `entry` reaches.
    fn follow(&self, entry: u64) -> Result<BTreeSet<u64>, PanicFreeError> {
        let mut came_from: HashMap<u64, u64> = HashMap::new();
        let mut reached = BTreeSet::from([entry]);
        let mut queue = VecDeque::from([entry]);
        while let Some(at) = queue.pop_front() {
            if PANIC.iter().any(|panic| self.name(at).contains(panic)) {
                return Err(PanicFreeError::Reachable(self.path(&came_from, at)));
            }
            let stray = |last: &str| {
                let mut path = self.path(&came_from, at);
                path.push(last.to_owned());
                PanicFreeError::Indirect(path)
            };
            let mut callees = Vec::new();
            for target in self.calls(at) {
                match target {
                    Target::Function(callee) => callees.push(callee),
                    Target::External(name) if HARMLESS.contains(&name.as_str()) => {}
                    Target::External(name) => return Err(stray(&name)),
                    Target::Unknown => return Err(stray("(through a pointer)")),
                }
            }
            for callee in callees {
                if reached.insert(callee) {
                    came_from.insert(callee, at);
                    queue.push_back(callee);
                }
            }
        }
        Ok(reached)
    }

    /// How `at` was reached, from the sync function on.
    fn path(&self, came_from: &HashMap<u64, u64>, at: u64) -> Vec<String> {
        let mut path: Vec<String> =
            std::iter::successors(Some(at), |here| came_from.get(here).copied())
                .map(|at| self.name(at))
                .collect();
        path.reverse();
        path
    }

    /// Where the instructions of the function at `start` go outside of it.
    fn calls(&self, start: u64) -> Vec<Target> {
        let size = self
            .functions
            .get(&start)
            .map_or(0, |function| function.size);
        let from = start.checked_sub(self.text_at).map(|from| from as usize);
        // A function outside the text section is a stub of the linker: nothing of ours.
        let Some(bytes) = from.and_then(|from| self.text.get(from..from + size as usize)) else {
            return vec![Target::Unknown];
        };
        let mut targets = Vec::new();
        for instruction in Decoder::with_ip(64, bytes, start, DecoderOptions::NONE) {
            let leaves = |to: u64| !(start..start + size).contains(&to);
            match instruction.flow_control() {
                FlowControl::Call
                | FlowControl::UnconditionalBranch
                | FlowControl::ConditionalBranch
                    if instruction.op0_kind() == OpKind::NearBranch64 =>
                {
                    let to = instruction.near_branch_target();
                    if leaves(to) || instruction.flow_control() == FlowControl::Call {
                        targets.push(
                            self.containing(to)
                                .map_or(Target::Unknown, Target::Function),
                        );
                    }
                }
                FlowControl::IndirectCall | FlowControl::IndirectBranch => {
                    let through = (instruction.op0_kind() == OpKind::Memory
                        && instruction.memory_base() == Register::RIP)
                        .then(|| self.pointers.get(&instruction.memory_displacement64()))
                        .flatten();
                    targets.push(match through {
                        Some(Target::Function(to)) => self
                            .containing(*to)
                            .map_or(Target::Unknown, Target::Function),
                        Some(Target::External(name)) => Target::External(name.clone()),
                        Some(Target::Unknown) | None => Target::Unknown,
                    });
                }
                _ => {}
            }
        }
        targets
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// What `check` says of a program whose `txsync` has this body.
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
        check(&program, 1)
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
            check(&program, 1),
            Err(PanicFreeError::Missing {
                found: 0,
                least: 1,
                ..
            })
        ));
    }
}
