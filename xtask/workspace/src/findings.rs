//! What is wrong with specs, as a terminal shows it.

use crate::output;
use nicspecs::{Finding, Report};

/// Shows every error with the lines of the specs; of the gaps, which may be hundreds, the first one.
pub fn show(reports: &[Report]) {
    reports.iter().for_each(|report| output::say(shown(report)));
}

/// A report as it is read from top to bottom: what is wrong, what is to be filled in, and what comes next.
fn shown(report: &Report) -> String {
    let (gaps, errors): (Vec<&Finding>, Vec<_>) = report
        .findings()
        .iter()
        .partition(|finding| finding.is_gap());
    let mut text = String::new();
    for error in errors {
        text.push_str(&long(error));
    }
    text.extend(report.others());
    let Some((next, others)) = gaps.split_first() else {
        return text;
    };
    for other in others.iter().rev() {
        text.push_str(&format!("{}\n", other.short()));
    }
    text.push_str(&long(next));
    text
}

/// A finding with its lines.
fn long(finding: &Finding) -> String {
    format!("Error: {:?}\n", miette::Report::new(finding.clone()))
}
