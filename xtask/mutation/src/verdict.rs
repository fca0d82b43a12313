//! The verdict on a changed fact.

use miette::miette;
use nicspecs::mutants::Kind;

use super::suite::{Baseline, Caught, Suite};
use crate::Candidate;

/// The verdict on a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A rule of the spec language refuses it.
    Rule(&'static str),
    /// A behaviour fails, or the device records a violation.
    Suite { by: String, why: String },
    /// Nothing notices it.
    Survived,
    /// No model can notice it, for a reason.
    Apart(String),
}

impl Verdict {
    /// Its name in JSON reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rule(_) => "rule",
            Self::Suite { .. } => "suite",
            Self::Survived => "survived",
            Self::Apart(_) => "apart",
        }
    }
}

/// Steps whose removal no model can notice, by their verbs.
const WAITS: [(&str, &str); 3] = [
    ("delay", "time is simulated, so no wait is too short"),
    ("sleep", "time is simulated, so no wait is too short"),
    (
        "flush",
        "models apply writes at once, so a flush has no effect",
    ),
];

/// Checks the rules first, then the suite if no rule reports an error; `None` if the suite needs a compiled driver.
pub fn of(
    candidate: &Candidate<'_>,
    suite: &Suite,
    baseline: &Baseline,
    thorough: bool,
) -> miette::Result<Option<Verdict>> {
    let mutant = &candidate.mutant;
    let changed = candidate.changed();
    if let Err(report) = changed.compile() {
        let first = report.findings().first();
        let rule = first.map(|finding| finding.rule().code);
        let rule = rule.ok_or_else(|| miette!("a report without a finding"))?;
        return Ok(Some(Verdict::Rule(rule)));
    }
    if let [only] = mutant.subjects.as_slice()
        && let Some((_, why)) = WAITS.iter().find(|(verb, _)| verb == only)
    {
        return Ok(Some(Verdict::Apart((*why).to_owned())));
    }
    if mutant.kind == Kind::Ring {
        return Ok(None);
    }
    // Only a thorough run checks whether unobservable facts are noticed after all. The offset of a register is always
    // tried, because another register may be at the changed one.
    let is_asked = thorough || mutant.kind == Kind::Register;
    if !is_asked && let Some(reason) = excuse(candidate)? {
        return Ok(Some(Verdict::Apart(reason)));
    }
    let subject = suite.interpreted(&changed)?;
    let answer = suite.attempt(&subject, baseline, thorough)?;
    of_answer(candidate, answer).map(Some)
}

/// The verdict from what the suite has caught of a changed driver.
pub fn of_answer(candidate: &Candidate<'_>, caught: Option<Caught>) -> miette::Result<Verdict> {
    Ok(match caught {
        Some(Caught { by, why }) => Verdict::Suite { by, why },
        None => excuse(candidate)?.map_or(Verdict::Survived, Verdict::Apart),
    })
}

/// The spec's reason why no model can notice the change, if it covers the whole change.
fn excuse(candidate: &Candidate<'_>) -> miette::Result<Option<String>> {
    let mutant = &candidate.mutant;
    if mutant.subjects.is_empty() {
        return Ok(None);
    }
    let nic = candidate.spec.compile()?;
    let covers = |subject: &String| {
        let mut entries = nic.model().unobservable.iter();
        let entry = entries.find(|entry| entry.covers(subject));
        entry.map(|entry| entry.why.clone())
    };
    let reasons: Option<Vec<_>> = mutant.subjects.iter().map(covers).collect();
    Ok(reasons.and_then(|reasons| reasons.into_iter().next()))
}
