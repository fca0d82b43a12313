//! Reports on several specs, with each error once.

use super::report::{Finding, Report};

impl Report {
    /// The same reports without repetition. An error that an heir shares with its base spec stays in the report on the base
    /// spec and names the heir; one between two specs stays in the report on the first. A report of which nothing is left
    /// is left out.
    pub fn joined(reports: Vec<Report>) -> Vec<Report> {
        let mut left: Vec<Option<Report>> = reports.into_iter().map(Some).collect();
        let mut done: Vec<(usize, Report)> = Vec::new();
        while let Some(index) = next(&left) {
            let mut report = left[index].take().expect("it is left");
            let findings = std::mem::take(&mut report.findings);
            for finding in findings {
                match known(&mut done, &report, &finding) {
                    Some(known) => known.inherited_by(finding),
                    None => report.findings.push(finding),
                }
            }
            done.push((index, report));
        }
        done.sort_by_key(|(index, _)| *index);
        let reports = done.into_iter().map(|(_, report)| report);
        reports.filter(|report| !report.is_empty()).collect()
    }
}

/// The first report whose base specs have no report that is left: those come before their heirs.
fn next(left: &[Option<Report>]) -> Option<usize> {
    let waits = |report: &Report| {
        let mut others = left.iter().flatten();
        others.any(|other| report.bases.iter().any(|base| base == other.name()))
    };
    let is_next = |report: &Option<Report>| report.as_ref().is_some_and(|report| !waits(report));
    // Two specs that are each other's base do not wait for ever.
    let any = || left.iter().position(Option::is_some);
    left.iter().position(is_next).or_else(any)
}

/// The same finding in an earlier report: in that of a base spec, or of the other spec that has it.
fn known<'r>(
    done: &'r mut [(usize, Report)],
    report: &Report,
    finding: &Finding,
) -> Option<&'r mut Finding> {
    let is_inherited = finding.heirs().next().is_some();
    let earlier = done.iter_mut().map(|(_, earlier)| earlier);
    let earlier = earlier
        .filter(|earlier| !is_inherited || report.bases.iter().any(|base| base == earlier.name()));
    let mut findings = earlier.flat_map(|earlier| &mut earlier.findings);
    findings.find(|known| known.is_same(finding))
}
