//! Debian packages: installed, or downloaded to a folder without changing the system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask_workspace::cargo;
use xtask_workspace::err_line;

const SOURCES: &str = "/etc/apt/sources.list.d";

pub fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Whether the machine uses apt.
pub fn is_here() -> bool {
    Path::new("/etc/debian_version").exists()
}

/// The name of the release, such as `bookworm`.
pub fn release() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))?;
    Some(line.trim_matches('"').to_owned())
}

/// Installs packages, from `suite` if given, otherwise from the machine's own suite.
pub fn install(packages: &[&str], suite: Option<&str>) -> Result<(), String> {
    quiet(Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]);
    if let Some(suite) = suite {
        install.args(["--target-release", suite]);
    }
    quiet(install.args(packages))
}

/// Downloads a package of another suite, as `name=version` with wildcards, and unpacks it into `folder`.
///
/// apt uses a separate folder next to it, with only that suite: the system is not changed, and root is not needed.
pub fn unpack(package: &str, suite: &str, folder: &Path) -> Result<(), String> {
    let source = source(suite)
        .ok_or_else(|| format!("no apt source of this machine to derive the suite {suite} from"))?;
    let apt = folder.with_extension("apt");
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", apt.display());
    remove(&apt)?;
    for part in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(apt.join(part)).map_err(failed)?;
    }
    let entry = apt.join("suite.sources");
    fs::write(&entry, source).map_err(failed)?;
    let option = |name: &str, value: &Path| format!("{name}={}", value.display());
    let call = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.current_dir(&apt);
        for option in [
            option("Dir::Etc::sourcelist", &entry),
            option("Dir::Etc::sourceparts", Path::new("-")),
            option("Dir::State::lists", &apt.join("lists")),
            option("Dir::Cache", &apt.join("cache")),
            // apt downloads as another user, who cannot access root's files.
            "APT::Sandbox::User=root".to_owned(),
        ] {
            command.args(["-o", &option]);
        }
        quiet(command.arg("--quiet").args(arguments))
    };
    call(&["update"])?;
    call(&["download", package])?;
    let is_package = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "deb");
    let archive = files(&apt).into_iter().find(is_package);
    let archive = archive.ok_or_else(|| format!("apt-get download {package} left no package"))?;
    // An existing folder is complete.
    let whole = apt.join("unpacked");
    quiet(Command::new("dpkg-deb").arg("-x").arg(archive).arg(&whole))?;
    fs::rename(whole, folder).map_err(failed)?;
    fs::remove_dir_all(&apt).map_err(failed)
}

/// Removes a folder, if it exists.
pub fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Runs a command of a package system, and shows its output only if it fails.
pub fn quiet(command: &mut Command) -> Result<(), String> {
    let line = cargo::line(command);
    err_line!("{line}");
    let output = command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .output()
        .map_err(|error| format!("cannot run {line}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{line} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
    }
}

/// A source of `suite` with the mirror and key that the machine already uses for its release.
pub fn source(suite: &str) -> Option<String> {
    let release = release()?;
    let mut sources = files(Path::new(SOURCES));
    sources.push("/etc/apt/sources.list".into());
    sources.sort();
    sources
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| derive(&text, &release, suite))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// The first source of `release` in `text`, in either of apt's two formats, turned into one of `suite`.
fn derive(text: &str, release: &str, suite: &str) -> Option<String> {
    let is_release = |word: &str| word == release;
    for stanza in text.split("\n\n") {
        let lines = || stanza.lines().filter(|line| !line.starts_with('#'));
        let has_release = lines()
            .filter_map(|line| line.strip_prefix("Suites:"))
            .any(|suites| suites.split_whitespace().any(is_release));
        if has_release {
            let replaced = lines().map(|line| match line.starts_with("Suites:") {
                true => format!("Suites: {suite}"),
                false => line.to_owned(),
            });
            return Some(replaced.collect::<Vec<_>>().join("\n") + "\n");
        }
    }
    let line = text
        .lines()
        .find(|line| line.starts_with("deb ") && line.split_whitespace().any(is_release))?;
    let mut options = line.split(|c: char| c.is_whitespace() || "[]".contains(c));
    let signed = options.find_map(|option| option.strip_prefix("signed-by="));
    let signed = signed.map(|key| format!("Signed-By: {key}\n"));
    let signed = signed.unwrap_or_default();
    let uri = line.split_whitespace().find(|word| word.contains("://"))?;
    Some(format!(
        "Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: main\n{signed}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_suite_uses_the_same_mirror_and_key() {
        let text = "# a comment\nTypes: deb\n# http://other.example/\nURIs: http://mirror.example/debian\n\
                    Suites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/a.gpg\n\n\
                    Types: deb\nURIs: http://mirror.example/security\nSuites: bookworm-security\nComponents: main\n";
        let backports = |text| derive(text, "bookworm", "bookworm-backports");
        assert_eq!(
            backports(text).unwrap(),
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\nComponents: main\n\
             Signed-By: /usr/share/keyrings/a.gpg\n"
        );
        assert_eq!(
            backports(
                "deb [arch=amd64 signed-by=/b.gpg] http://mirror.example/debian bookworm main\n"
            )
            .unwrap(),
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\nComponents: main\nSigned-By: /b.gpg\n"
        );
        assert_eq!(
            backports("deb http://mirror.example/debian trixie main\n"),
            None
        );
    }
}
