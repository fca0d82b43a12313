//! A table of what was built and checked, and what was not.

use std::path::Path;

use super::inspect::Check;
use crate::failure::Failure;
use xtask_workspace::out_line;
use xtask_workspace::specs::{self, count};

/// Most findings shown for one check.
const SHOWN: usize = 20;

#[derive(Default)]
pub struct Report {
    lines: Vec<String>,
    findings: usize,
}

impl Report {
    pub fn built(&mut self, what: &str, file: &Path, how: &str) {
        let file = file.strip_prefix(specs::root()).unwrap_or(file).display();
        self.lines
            .push(format!("{what:<10} {file}\n{:10} {how}", ""));
    }

    pub fn checked(&mut self, checks: Vec<Check>) {
        for Check {
            name,
            counted,
            findings,
        } in checks
        {
            let verdict = if findings.is_empty() { "ok" } else { "FAILED" };
            self.lines
                .push(format!("  {verdict:<12} {name:<46} {counted}"));
            let shown = findings.iter().take(SHOWN);
            self.lines
                .extend(shown.map(|finding| format!("{:15}{finding}", "")));
            if let Some(more) = findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                self.lines.push(format!("{:15}and {more} more", ""));
            }
            self.findings += findings.len();
        }
    }

    pub fn unchecked(&mut self, what: &str, why: &str) {
        self.lines.push(format!("  not checked  {what}: {why}"));
    }

    /// Prints the report; an error if there are findings.
    pub fn finish(self) -> Result<(), Failure> {
        out_line!("{}", self.lines.join("\n"));
        match self.findings {
            0 => Ok(()),
            number => Err(Failure::Failed(format!(
                "{} in the kernel module",
                count(number, "finding")
            ))),
        }
    }
}
