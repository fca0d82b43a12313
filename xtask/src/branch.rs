//! The branch that is checked out.

use std::path::Path;
use std::process::Command;

/// The commit at which the branch left the main branch, if there is one to compare with.
pub fn start(root: &Path) -> Option<String> {
    let mut bases = ["main", "origin/main", "origin/HEAD"].into_iter();
    let base = bases.find_map(|main| git(root, &["merge-base", "HEAD", main]))?;
    Some(base.trim().to_owned())
}

/// What git prints, if it succeeds.
pub fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    let output = git.current_dir(root).args(arguments).output();
    let output = output.ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}
