//! The failure of a check.

use std::fmt::Display;
use std::io;

/// Why a check did not pass.
pub enum Failure {
    /// The check ran and failed.
    Failed(String),
    /// The check cannot run here.
    Cannot(String),
}

/// The failure to do `what`.
pub fn failed(what: impl Display) -> impl FnOnce(io::Error) -> Failure {
    move |error| Failure::Failed(format!("cannot {what}: {error}"))
}

impl From<Failure> for miette::Report {
    fn from(failure: Failure) -> miette::Report {
        match failure {
            Failure::Failed(why) | Failure::Cannot(why) => miette::miette!("{why}"),
        }
    }
}

impl From<miette::Report> for Failure {
    fn from(report: miette::Report) -> Failure {
        let causes: Vec<_> = report.chain().map(ToString::to_string).collect();
        let help = report.help().map(|help| format!("; {help}"));
        Failure::Failed(causes.join(": ") + &help.unwrap_or_default())
    }
}
