//! QEMU, installed where it is missing.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cargo;

const PROGRAM: &str = "qemu-system-x86_64";
const PACKAGE: &str = "qemu-system-x86";
/// The first version with all the devices that specs name.
const OLDEST: u32 = 8;
const SOURCES: &str = "/etc/apt/sources.list.d";
const ENTRY: &str = "/etc/apt/sources.list.d/netmap-backports.sources";

/// Sees to it that a QEMU that is new enough is there.
///
/// # Errors
/// Why it is not, in words that say what to do.
pub fn provide() -> Result<(), String> {
    match version() {
        Some(version) if version >= OLDEST => return Ok(()),
        Some(version) => eprintln!("{PROGRAM} is version {version}; {OLDEST} or newer is needed"),
        None => eprintln!("{PROGRAM} is not installed"),
    }
    let advice = format!(
        "install the Debian package {PACKAGE} from the suite bookworm-backports (or newer)"
    );
    if !is_root() {
        return Err(format!(
            "{advice}; as root, this command does that by itself"
        ));
    }
    if !Path::new("/etc/debian_version").exists() {
        return Err(advice);
    }
    install().map_err(|error| format!("{error}; {advice}"))?;
    match version() {
        Some(version) if version >= OLDEST => Ok(()),
        _ => Err(advice),
    }
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
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
    if release().as_deref() == Some("bookworm") && !Path::new(ENTRY).exists() {
        let entry =
            backports().ok_or("no apt source of Debian bookworm to derive the backports from")?;
        fs::write(ENTRY, entry).map_err(|error| format!("cannot write {ENTRY}: {error}"))?;
    }
    let quiet = |command: &mut Command| {
        eprintln!("{}", cargo::line(command));
        let output = command.env("DEBIAN_FRONTEND", "noninteractive").output();
        match output {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(format!(
                "{} failed: {}",
                cargo::line(command),
                String::from_utf8_lossy(&output.stderr).trim()
            )),
            Err(error) => Err(format!("cannot run {}: {error}", cargo::line(command))),
        }
    };
    quiet(Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]);
    if release().as_deref() == Some("bookworm") {
        install.args(["--target-release", "bookworm-backports"]);
    }
    quiet(install.arg(PACKAGE))
}

fn release() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))?;
    Some(line.trim_matches('"').to_owned())
}

/// A source of the backports from the mirror, and under the key, that the machine uses already.
fn backports() -> Option<String> {
    let mut files: Vec<_> = fs::read_dir(SOURCES)
        .ok()?
        .flatten()
        .map(|file| file.path())
        .collect();
    files.push("/etc/apt/sources.list".into());
    files.sort();
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| derive(&text))
}

/// The first source of the suite `bookworm` in `text`, in either of apt's two formats, turned into one of its backports.
fn derive(text: &str) -> Option<String> {
    for stanza in text.split("\n\n") {
        let lines = || stanza.lines().filter(|line| !line.starts_with('#'));
        let is_bookworm = lines()
            .filter_map(|line| line.strip_prefix("Suites:"))
            .any(|suites| suites.split_whitespace().any(|suite| suite == "bookworm"));
        if is_bookworm {
            let replaced = lines().map(|line| match line.starts_with("Suites:") {
                true => "Suites: bookworm-backports",
                false => line,
            });
            return Some(replaced.collect::<Vec<_>>().join("\n") + "\n");
        }
    }
    let line = text.lines().find(|line| {
        line.starts_with("deb ") && line.split_whitespace().any(|word| word == "bookworm")
    })?;
    let options = line
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(options, _)| options);
    let signed = options.and_then(|options| {
        options
            .split_whitespace()
            .find_map(|option| option.strip_prefix("signed-by="))
    });
    let uri = line.split_whitespace().find(|word| word.contains("://"))?;
    let signed = signed
        .map(|key| format!("Signed-By: {key}\n"))
        .unwrap_or_default();
    Some(format!(
        "Types: deb\nURIs: {uri}\nSuites: bookworm-backports\nComponents: main\n{signed}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_off_what_qemu_prints() {
        assert_eq!(
            major("QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright"),
            Some(10)
        );
        assert_eq!(major("no such thing"), None);
    }

    #[test]
    fn backports_come_from_the_mirror_and_under_the_key_in_use() {
        let text = "# a comment\nTypes: deb\n# http://other.example/\nURIs: http://mirror.example/debian\n\
                    Suites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/a.gpg\n\n\
                    Types: deb\nURIs: http://mirror.example/security\nSuites: bookworm-security\nComponents: main\n";
        assert_eq!(
            derive(text).unwrap(),
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\nComponents: main\n\
             Signed-By: /usr/share/keyrings/a.gpg\n"
        );
        assert_eq!(
            derive(
                "deb [arch=amd64 signed-by=/b.gpg] http://mirror.example/debian bookworm main\n"
            )
            .unwrap(),
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\nComponents: main\nSigned-By: /b.gpg\n"
        );
        assert_eq!(
            derive("deb http://mirror.example/debian trixie main\n"),
            None
        );
    }
}
