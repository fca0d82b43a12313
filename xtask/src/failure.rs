//! The failure of a check.

/// Why a check did not pass.
pub enum Failure {
    /// The check ran and failed.
    Failed(String),
    /// The check cannot run here.
    Cannot(String),
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
        Failure::Failed(format!("{report:?}"))
    }
}
