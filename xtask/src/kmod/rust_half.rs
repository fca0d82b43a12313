//! The Rust half as a static library for the kernel.

use std::fs;
use std::path::{Path, PathBuf};

use super::makefile::Makefile;
use super::toolchain::{Library, TARGET};
use crate::failure::{Failure, failed};
use xtask_workspace::cargo;

/// Builds the library with the Makefile's flags. Returns its path.
pub fn build(makefile: &Makefile, library: &Library, folder: &Path) -> Result<PathBuf, Failure> {
    // The settings here change cargo's artefacts, so they have a separate folder.
    let target = folder.join("cargo");
    let rustc = "rustc --release --lib --package netmap-kmod --crate-type staticlib";
    let mut build = cargo::building("the Rust half", rustc);
    build.args(["--target", TARGET]);
    build.arg("--target-dir").arg(&target);
    build.env("CARGO_PROFILE_RELEASE_PANIC", "abort");
    build.env("RUSTFLAGS", makefile.words("RUST_FLAGS").join(" "));
    build.env_remove("CARGO_ENCODED_RUSTFLAGS");
    library.configure(&mut build);
    cargo::succeed(&build)?;
    let made = target.join(TARGET).join("release/libnetmap_kmod.a");
    let kept = folder.join("libnetmap_kmod.a");
    fs::copy(&made, &kept).map_err(failed(format!("copy {}", made.display())))?;
    Ok(kept)
}
