//! Rust's own library for the kernel's target.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::failure::Failure;
use xtask_workspace::specs;

pub const TARGET: &str = "x86_64-unknown-none";

/// The source of `core`.
pub enum Library {
    /// The toolchain has it for the target.
    Built,
    /// `core` is built from its sources.
    From(Sources),
}

impl Library {
    /// Finds the library, or downloads its sources below `folder`.
    pub fn provide(folder: &Path) -> Result<Library, Failure> {
        let libraries = PathBuf::from(rustc(&["--print", "target-libdir", "--target", TARGET])?);
        let has_core = |entries: std::fs::ReadDir| {
            let mut names = entries.flatten().map(|entry| entry.file_name());
            names.any(|name| name.to_string_lossy().starts_with("libcore-"))
        };
        if std::fs::read_dir(libraries).is_ok_and(has_core) {
            return Ok(Library::Built);
        }
        let advice = format!("or run `rustup target add {TARGET}` to install the library");
        match Sources::provide(folder) {
            Ok(sources) => Ok(Library::From(sources)),
            Err(Failure::Cannot(why)) => Err(Failure::Cannot(format!("{why}; {advice}"))),
            Err(failure) => Err(failure),
        }
    }

    pub fn describe(&self) -> String {
        match self {
            Library::Built => format!("with the toolchain's library for {TARGET}"),
            Library::From(sources) => format!("core built from {}", sources.describe()),
        }
    }

    /// Makes cargo use it.
    pub fn configure(&self, cargo: &mut Command) {
        if let Library::From(sources) = self {
            sources.configure(cargo, "core,compiler_builtins");
        }
    }
}

/// Sources of Rust's library.
pub enum Sources {
    /// The toolchain has them.
    Own,
    /// They are in this folder.
    In(PathBuf),
}

impl Sources {
    /// Finds the sources, or downloads them below `folder`.
    pub fn provide(folder: &Path) -> Result<Sources, Failure> {
        let own =
            PathBuf::from(rustc(&["--print", "sysroot"])?).join("lib/rustlib/src/rust/library");
        if own.join("core").is_dir() {
            return Ok(Sources::Own);
        }
        let version = version()?;
        let unpacked = folder.join(format!("{PACKAGE}-{version}"));
        let library = unpacked.join(format!("usr/src/rustc-{version}/library"));
        if !library.is_dir() {
            if !debian::is_here() {
                return Err(Failure::Cannot(
                    "the toolchain lacks the sources of its library; run `rustup component add rust-src`"
                        .to_owned(),
                ));
            }
            debian::unpack(&format!("{PACKAGE}={version}*"), SUITE, &unpacked)
                .map_err(Failure::Cannot)?;
        }
        Ok(Sources::In(library))
    }

    fn describe(&self) -> String {
        match self {
            Sources::Own => "the toolchain's sources".to_owned(),
            Sources::In(_) => format!("the sources in Debian's {PACKAGE}"),
        }
    }

    /// Makes cargo build these crates from them.
    pub fn configure(&self, cargo: &mut Command, crates: &str) {
        cargo.env("RUSTC_BOOTSTRAP", "1");
        cargo.args(["-Z", &format!("build-std={crates}")]);
        if let Sources::In(library) = self {
            cargo.env("__CARGO_TESTS_ONLY_SRC_ROOT", library);
        }
    }
}

const PACKAGE: &str = "rust-src";
/// The suite that has our version of Rust; it keeps older versions.
const SUITE: &str = "trixie-backports";

/// The compiler's version, such as `1.95.0`.
fn version() -> Result<String, Failure> {
    let text = rustc(&["--version"])?;
    let version = text.split_whitespace().nth(1).map(str::to_owned);
    version.ok_or_else(|| Failure::Cannot(format!("rustc reports no version: {text}")))
}

fn rustc(arguments: &[&str]) -> Result<String, Failure> {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(program)
        .current_dir(specs::root())
        .args(arguments)
        .output()
        .map_err(|error| Failure::Cannot(format!("cannot run rustc: {error}")))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
