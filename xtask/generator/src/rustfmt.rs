//! Formats generated code with the pinned rustfmt.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use miette::{Context, IntoDiagnostic, bail};

use crate::outputs::Outputs;
use xtask_workspace::specs;

/// Formats every Rust file of `outputs` in one run.
pub fn format(outputs: &mut Outputs) -> miette::Result<()> {
    let scratch = tempfile::tempdir()
        .into_diagnostic()
        .wrap_err("cannot create a scratch folder")?;
    let rust = |path: &Path| path.extension() == Some(OsStr::new("rs"));
    let mut command = Command::new("rustfmt");
    // The toolchain is the one that the workspace pins, and so is the style.
    command
        .current_dir(specs::root())
        .args(["--edition", "2024"]);
    let style = specs::root().join("generated");
    if style.join("rustfmt.toml").exists() {
        command.arg("--config-path").arg(&style);
    }
    for (path, text) in outputs.iter().filter(|(path, _)| rust(path)) {
        let path = scratch.path().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).into_diagnostic()?;
        }
        fs::write(&path, text).into_diagnostic()?;
        command.arg(path);
    }
    let run = command
        .output()
        .into_diagnostic()
        .wrap_err("rustfmt is not installed; run `rustup component add rustfmt`")?;
    if !run.status.success() {
        bail!(
            "rustfmt rejects the output of the templates:\n{}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
    for (path, text) in outputs.iter_mut().filter(|(path, _)| rust(path)) {
        *text = fs::read_to_string(scratch.path().join(path)).into_diagnostic()?;
    }
    Ok(())
}
