//! A table of what was built and checked, and what was not.

use std::path::Path;

use super::inspect::Check;
use super::limits::Counted;
use crate::failure::Failure;
use crate::specs::{self, count};

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
        for check in checks {
            self.line(check.name, &check.counted, &check.findings);
        }
    }

    pub fn counted(&mut self, counted: &Counted) {
        let lines = format!("{}, {}", counted.by_hand, counted.longest_generated);
        self.lines.push("C".to_owned());
        self.line(
            "lines by hand, in the longest generated file",
            &lines,
            &counted.findings,
        );
    }

    pub fn unchecked(&mut self, what: &str, why: &str) {
        self.lines.push(format!("  not checked  {what}: {why}"));
    }

    fn line(&mut self, name: &str, counted: &str, findings: &[String]) {
        let verdict = if findings.is_empty() { "ok" } else { "FAILED" };
        self.lines
            .push(format!("  {verdict:<12} {name:<46} {counted}"));
        let shown = findings
            .iter()
            .take(SHOWN)
            .map(|finding| format!("{:15}{finding}", ""));
        self.lines.extend(shown);
        if let Some(more) = findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            self.lines.push(format!("{:15}and {more} more", ""));
        }
        self.findings += findings.len();
    }

    /// Prints the report; an error if there are findings.
    pub fn finish(self) -> Result<(), Failure> {
        println!("{}", self.lines.join("\n"));
        match self.findings {
            0 => Ok(()),
            number => Err(Failure::Failed(format!(
                "{} in the kernel module",
                count(number, "finding")
            ))),
        }
    }
}
