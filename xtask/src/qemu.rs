//! Installs QEMU if it is missing.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::debian;
use xtask_workspace::err_line;

const PROGRAM: &str = "qemu-system-x86_64";
const PACKAGE: &str = "qemu-system-x86";
/// The first version with all the devices that specs name.
const OLDEST: u32 = 8;
const BACKPORTS: &str = "bookworm-backports";
const ENTRY: &str = "/etc/apt/sources.list.d/netmap-backports.sources";

/// Ensures that a recent enough QEMU is installed.
///
/// # Errors
/// Why it is not, and what to do.
pub fn provide() -> Result<(), String> {
    match version() {
        Some(version) if version >= OLDEST => return Ok(()),
        Some(version) => err_line!("{PROGRAM} is version {version}; {OLDEST} or newer is needed"),
        None => err_line!("{PROGRAM} is not installed"),
    }
    let advice =
        format!("install the Debian package {PACKAGE} from the suite {BACKPORTS} (or newer)");
    if !debian::is_root() {
        return Err(format!(
            "{advice}; if run as root, this command does that itself"
        ));
    }
    if !debian::is_here() {
        return Err(advice);
    }
    install().map_err(|error| format!("{error}; {advice}"))?;
    match version() {
        Some(version) if version >= OLDEST => Ok(()),
        _ => Err(advice),
    }
}

/// The major version of the QEMU in the search path.
fn version() -> Option<u32> {
    let output = Command::new(PROGRAM)
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

fn major(text: &str) -> Option<u32> {
    let number = text.split("version ").nth(1)?;
    number.split('.').next()?.parse().ok()
}

fn install() -> Result<(), String> {
    if debian::release().as_deref() != Some("bookworm") {
        return debian::install(&[PACKAGE], None);
    }
    if !Path::new(ENTRY).exists() {
        let entry = debian::source(BACKPORTS)
            .ok_or("no apt source of Debian bookworm to derive the backports from")?;
        fs::write(ENTRY, entry).map_err(|error| format!("cannot write {ENTRY}: {error}"))?;
    }
    debian::install(&[PACKAGE], Some(BACKPORTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_output_of_qemu() {
        assert_eq!(
            major("QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright"),
            Some(10)
        );
        assert_eq!(major("no such thing"), None);
    }
}
