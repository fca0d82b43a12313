//! What is wrong with specs, as a terminal shows it.

use crate::output;
use miette::GraphicalReportHandler;
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
        text.push_str(&long(error, None));
    }
    text.extend(report.others());
    let Some((next, others)) = gaps.split_first() else {
        return text;
    };
    for other in others.iter().rev() {
        text.push_str(&format!("{}\n", other.short()));
    }
    text.push_str(&long(next, None));
    text
}

/// A finding with its lines, as the terminal can show it or as `handler` does.
pub fn long(finding: &Finding, handler: Option<&GraphicalReportHandler>) -> String {
    let mut text = String::new();
    match handler.map(|handler| handler.render_report(&mut text, finding)) {
        None => text = format!("{:?}", miette::Report::new(finding.clone())),
        Some(Ok(())) => {}
        // A string takes everything; a place that cannot be quoted leaves the line.
        Some(Err(_)) => text = finding.short(),
    }
    format!("Error: {text}\n")
}
