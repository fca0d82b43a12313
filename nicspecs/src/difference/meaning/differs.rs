//! What differs, and what steps do with it.

use crate::difference::change::{Change, Kind, Sort, Subject, Where};

/// One differing fact about the hardware.
pub(super) struct Differs<'a> {
    pub(super) aspect: &'a str,
    pub(super) old: Option<&'a str>,
    pub(super) new: Option<&'a str>,
}

impl Differs<'_> {
    /// The old value, or `nothing`.
    pub(super) fn was(&self) -> &str {
        self.old.unwrap_or("nothing")
    }

    /// The new value, or `nothing`.
    pub(super) fn is(&self) -> &str {
        self.new.unwrap_or("nothing")
    }
}

/// The facts about the hardware that differ.
pub(super) fn differing(change: &Change) -> Vec<Differs<'_>> {
    let Kind::Changed(differences) = &change.kind else {
        return Vec::new();
    };
    let hardware = differences
        .iter()
        .filter(|each| each.sort == Sort::Hardware);
    let differs = hardware.map(|each| Differs {
        aspect: &each.aspect,
        old: each.old.as_deref(),
        new: each.new.as_deref(),
    });
    differs.collect()
}

/// What steps do with the subject.
pub(super) struct Uses {
    pub(super) writes: bool,
    pub(super) reads: bool,
    /// The verbs: `writes and polls`.
    pub(super) verbs: String,
    /// Whether only rules and the simulated device use it.
    pub(super) unused: bool,
}

pub(super) fn uses(change: &Change) -> Uses {
    let mut verbs: Vec<&str> = Vec::new();
    for verb in [
        "writes",
        "modifies",
        "writes over",
        "polls",
        "tests",
        "reads",
        "uses",
    ] {
        if change.mentions.iter().any(|mention| mention.does == verb) {
            verbs.push(verb);
        }
    }
    // `writes` makes `writes over` redundant.
    if verbs
        .iter()
        .any(|verb| ["writes", "modifies"].contains(verb))
    {
        verbs.retain(|verb| *verb != "writes over");
    }
    let named = change.mentions.iter().any(|mention| {
        matches!(&mention.place, Where::Fact { subject, .. } if *subject != Subject::Model)
    });
    let writes = verbs
        .iter()
        .any(|verb| ["writes", "modifies", "writes over"].contains(verb));
    let reads = verbs
        .iter()
        .any(|verb| !["writes", "modifies", "writes over"].contains(verb));
    Uses {
        writes,
        reads,
        unused: verbs.is_empty() && !named,
        verbs: listed(&verbs),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
