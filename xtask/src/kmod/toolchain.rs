//! Rust's own library for the kernel's target.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::failure::Failure;
use crate::specs;

pub const TARGET: &str = "x86_64-unknown-none";

/// Where `core` comes from.
pub enum Library {
    /// The toolchain has it for the target.
    Built,
    /// It is built from the toolchain's sources.
    Sources,
    /// It is built from sources that are not the toolchain's own.
    OtherSources(PathBuf),
}

impl Library {
    /// Finds it, or downloads its sources below `folder`.
    pub fn provide(folder: &Path) -> Result<Library, Failure> {
        let libraries = PathBuf::from(rustc(&["--print", "target-libdir", "--target", TARGET])?);
        let has_core = |entries: std::fs::ReadDir| {
            let mut names = entries.flatten().map(|entry| entry.file_name());
            names.any(|name| name.to_string_lossy().starts_with("libcore-"))
        };
        if std::fs::read_dir(libraries).is_ok_and(has_core) {
            return Ok(Library::Built);
        }
        let own =
            PathBuf::from(rustc(&["--print", "sysroot"])?).join("lib/rustlib/src/rust/library");
        if own.join("core").is_dir() {
            return Ok(Library::Sources);
        }
        let version = version()?;
        let unpacked = folder.join(format!("rust-src-{version}"));
        let library = unpacked.join(format!("usr/src/rustc-{version}/library"));
        if !library.is_dir() {
            download(&version, &unpacked)?;
        }
        Ok(Library::OtherSources(library))
    }

    pub fn describe(&self) -> String {
        match self {
            Library::Built => format!("the toolchain's library for {TARGET}"),
            Library::Sources => "core, built from the toolchain's sources".to_owned(),
            Library::OtherSources(_) => {
                format!("core, built from the sources in Debian's {}", package("*"))
            }
        }
    }

    /// Has cargo use it.
    pub fn configure(&self, cargo: &mut Command) {
        if let Library::Built = self {
            return;
        }
        cargo
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Z", "build-std=core,compiler_builtins"]);
        if let Library::OtherSources(library) = self {
            cargo.env("__CARGO_TESTS_ONLY_SRC_ROOT", library);
        }
    }
}

/// The suite with Rust as new as ours; it keeps older versions.
const SUITE: &str = "trixie-backports";

fn package(version: &str) -> String {
    match version {
        "*" => "rust-src".to_owned(),
        version => format!("rust-src={version}*"),
    }
}

fn download(version: &str, folder: &Path) -> Result<(), Failure> {
    let advice = format!("`rustup target add {TARGET}` brings the library itself");
    if !debian::is_here() {
        return Err(Failure::Cannot(format!(
            "the toolchain has neither its library for {TARGET} nor its sources; {advice}"
        )));
    }
    debian::unpack(&package(version), SUITE, folder)
        .map_err(|error| Failure::Cannot(format!("{error}; {advice}")))
}

/// The compiler's version, such as `1.95.0`.
fn version() -> Result<String, Failure> {
    let text = rustc(&["--version"])?;
    let version = text.split_whitespace().nth(1).map(str::to_owned);
    version.ok_or_else(|| Failure::Cannot(format!("rustc tells no version: {text}")))
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
