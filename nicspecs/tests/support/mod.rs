//! Reports as a terminal without colours shows them.
#![allow(dead_code, reason = "each test file uses a part of it")]

use miette::{GraphicalReportHandler, GraphicalTheme};
use nicspecs::{Finding, Report};

/// A finding, without blanks at the ends of lines.
pub fn finding(finding: &Finding) -> String {
    let handler =
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    let mut text = String::new();
    handler.render_report(&mut text, finding).unwrap();
    let lines = text.lines().map(|line| format!("{}\n", line.trim_end()));
    lines.collect()
}

/// What a report says in short, and then each of its findings.
pub fn report(report: &Report) -> String {
    let findings = report.findings().iter();
    let findings = findings.map(|found| format!("\n{}", finding(found)));
    let text = report.short() + &findings.collect::<String>();
    text.trim_end_matches('\n').to_owned()
}
