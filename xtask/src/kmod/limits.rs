//! The limits of lines of C.

use std::fs;
use std::path::{Path, PathBuf};

use super::c_half;
use super::makefile::FOLDER;
use crate::failure::Failure;

/// Lines written by hand, for all NICs together.
const BY_HAND: usize = 1200;
/// Lines of a file that is compiled only with a source tree.
const UNCHECKED: usize = 200;
/// Lines generated for a NIC.
const GENERATED: usize = 200;

/// Counted lines of C.
#[derive(Debug, PartialEq, Eq)]
pub struct Counted {
    pub by_hand: usize,
    pub longest_generated: usize,
    pub findings: Vec<String>,
}

/// Counts the lines of the C half: `files` and headers.
pub fn check(root: &Path, files: &[PathBuf]) -> Result<Counted, Failure> {
    let lines = |folder: &Path| -> Result<Vec<(String, usize)>, Failure> {
        let failed = |error| Failure::Failed(format!("cannot read {}: {error}", folder.display()));
        let mut lines = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|e| e == "c" || e == "h") {
                let text = fs::read_to_string(&path).map_err(failed)?;
                lines.push((c_half::name(&path), text.lines().count()));
            }
        }
        Ok(lines)
    };
    let mut unchecked = Vec::new();
    for file in files {
        if c_half::needs_a_tree(file)?.is_some() {
            unchecked.push(c_half::name(file));
        }
    }
    let by_hand = lines(&root.join(FOLDER).join("sys"))?;
    let generated = lines(&root.join("generated/freebsd"))?;
    Ok(count(&by_hand, &generated, &unchecked))
}

fn count(
    by_hand: &[(String, usize)],
    generated: &[(String, usize)],
    unchecked: &[String],
) -> Counted {
    let total = by_hand.iter().map(|(_, lines)| lines).sum();
    let mut findings = Vec::new();
    if total >= BY_HAND {
        findings.push(format!(
            "{total} lines of C are written by hand; it has to be fewer than {BY_HAND}"
        ));
    }
    let kept = by_hand.iter().filter(|(name, _)| unchecked.contains(name));
    let limits = kept
        .map(|each| (each, UNCHECKED))
        .chain(generated.iter().map(|each| (each, GENERATED)));
    for ((name, lines), limit) in limits {
        if *lines >= limit {
            findings.push(format!(
                "{name} has {lines} lines; it has to have fewer than {limit}"
            ));
        }
    }
    Counted {
        by_hand: total,
        longest_generated: generated.iter().map(|(_, lines)| *lines).max().unwrap_or(0),
        findings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_too_many_is_found() {
        let named = |name: &str, lines| (name.to_owned(), lines);
        let by_hand = |a, b| [named("a.c", a), named("netmap.c", b)];
        let findings = |a, b, c| {
            count(
                &by_hand(a, b),
                &[named("nic.c", c)],
                &["netmap.c".to_owned()],
            )
            .findings
        };
        assert_eq!(findings(1000, 199, 199), [""; 0]);
        assert_eq!(
            findings(1001, 199, 199),
            ["1200 lines of C are written by hand; it has to be fewer than 1200"]
        );
        assert_eq!(
            findings(0, 200, 199),
            ["netmap.c has 200 lines; it has to have fewer than 200"]
        );
        assert_eq!(
            findings(0, 0, 200),
            ["nic.c has 200 lines; it has to have fewer than 200"]
        );
    }
}
