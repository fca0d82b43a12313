//! What differs, and what steps do with it.

use crate::difference::change::{Change, Difference, Where};

impl Difference {
    /// The old value, or `nothing`.
    pub(super) fn was(&self) -> &str {
        self.old.as_deref().unwrap_or("nothing")
    }

    /// The new value, or `nothing`.
    pub(super) fn is(&self) -> &str {
        self.new.as_deref().unwrap_or("nothing")
    }

    /// The key, and the element of its list or map if it has one.
    pub(super) fn key(&self) -> (&str, &str) {
        self.aspect.split_once(' ').unwrap_or((&self.aspect, ""))
    }

    /// Whether it no longer holds, in words.
    pub(super) fn now(&self) -> &'static str {
        match self.new {
            Some(_) => "now",
            None => "no longer",
        }
    }
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
    let is_there = |verb: &&str| change.mentions.iter().any(|each| each.does == *verb);
    let writes = ["writes", "modifies", "writes over"].into_iter();
    let mut writes: Vec<&str> = writes.filter(is_there).collect();
    let reads = ["polls", "tests", "reads", "uses"].into_iter();
    let reads: Vec<&str> = reads.filter(is_there).collect();
    // `writes` makes `writes over` redundant.
    if writes.len() > 1 {
        writes.retain(|verb| *verb != "writes over");
    }
    let named = change.mentions.iter().any(|mention| {
        matches!(&mention.place, Where::Fact { subject, .. } if subject.chapter != "model")
    });
    let verbs = [writes.as_slice(), &reads].concat();
    Uses {
        writes: !writes.is_empty(),
        reads: !reads.is_empty(),
        unused: verbs.is_empty() && !named,
        verbs: listed(&verbs),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        words => words.concat(),
    }
}
