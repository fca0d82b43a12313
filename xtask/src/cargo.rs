//! Cargo, called on the workspace.

use std::path::PathBuf;
use std::process::Command;

use miette::{IntoDiagnostic, WrapErr, bail};

use crate::specs;

/// A call of the same cargo that runs this program.
pub fn command<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(specs::root()).args(arguments);
    command
}

/// Cargo's target folder.
pub fn target_directory() -> miette::Result<PathBuf> {
    let output = command(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .into_diagnostic()
        .wrap_err("cannot run cargo metadata")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let path = text
        .split("\"target_directory\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    path.map(PathBuf::from)
        .ok_or_else(|| miette::miette!("cargo metadata names no target directory"))
}

/// Runs a command with our output.
pub fn succeed(command: &mut Command) -> miette::Result<()> {
    let status = command
        .status()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot run {}", line(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", line(command));
    }
    Ok(())
}

/// A command as typed in a shell.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let program = std::path::Path::new(&words[0])
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    [program.unwrap_or_default()]
        .into_iter()
        .chain(words[1..].iter().cloned())
        .collect::<Vec<_>>()
        .join(" ")
}
