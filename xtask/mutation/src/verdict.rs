//! The verdict on a changed fact.

use miette::miette;
use nicspecs::SpecFile;
use nicspecs::mutants::Kind;

use super::suite::{Answer, Baseline, Suite};
use crate::candidate::Candidate;

/// The result of one change.
pub struct Outcome {
    /// Index of the change.
    pub index: usize,
    pub verdict: Verdict,
}

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
    spec: &SpecFile,
    candidate: &Candidate,
    suite: &Suite,
    baseline: &Baseline,
    thorough: bool,
) -> miette::Result<Option<Verdict>> {
    let mutant = &candidate.mutant;
    let changed = mutant.file(spec);
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
    if !is_asked && let Some(reason) = excuse(spec, candidate)? {
        return Ok(Some(Verdict::Apart(reason)));
    }
    let subject = suite.interpreted(&changed)?;
    let answer = suite.attempt(&subject, baseline, thorough)?;
    of_answer(spec, candidate, answer).map(Some)
}

/// The verdict from the suite's result for a changed driver.
pub fn of_answer(
    spec: &SpecFile,
    candidate: &Candidate,
    answer: Answer,
) -> miette::Result<Verdict> {
    Ok(match answer {
        Answer::Caught { by, why } => Verdict::Suite { by, why },
        Answer::Survived => match excuse(spec, candidate)? {
            Some(reason) => Verdict::Apart(reason),
            None => Verdict::Survived,
        },
    })
}

/// The spec's reason why no model can notice the change, if it covers the whole change.
fn excuse(spec: &SpecFile, candidate: &Candidate) -> miette::Result<Option<String>> {
    let mutant = &candidate.mutant;
    if mutant.subjects.is_empty() {
        return Ok(None);
    }
    let nic = spec.compile()?;
    let covers = |subject: &String| {
        let mut entries = nic.model().unobservable.iter();
        entries
            .find(|entry| entry.covers(subject))
            .map(|entry| entry.why.clone())
    };
    let reasons: Option<Vec<_>> = mutant.subjects.iter().map(covers).collect();
    Ok(reasons.and_then(|reasons| reasons.into_iter().next()))
}
