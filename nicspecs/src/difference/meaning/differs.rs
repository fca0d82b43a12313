//! What differs, and what steps do with it.

use crate::difference::change::{Change, Difference, Mention, Where};
use crate::ir::Access;

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

/// What the driver does with the subject, a register or a field of one with that access.
pub(super) fn uses(change: &Change, access: Access) -> Uses {
    let done: Vec<&str> = change.mentions.iter().flat_map(does).collect();
    let is_there = |verb: &&str| done.contains(verb);
    let writes = ["writes", "modifies", "writes over"].into_iter();
    let mut writes: Vec<&str> = writes.filter(is_there).collect();
    let reads = ["polls", "tests", "reads", "uses"].into_iter();
    let reads: Vec<&str> = reads.filter(is_there).collect();
    // `writes` makes `writes over` redundant.
    if writes.len() > 1 {
        writes.retain(|verb| *verb != "writes over");
    }
    let named = change.mentions.iter().any(|mention| {
        matches!(&mention.place, Where::Fact { subject, .. } if !OF_MODELS.contains(&subject.chapter))
    });
    let mut verbs = [writes.as_slice(), &reads].concat();
    let unused = verbs.is_empty() && !named;
    // A register that only a fact names is used in the way that it allows.
    if verbs.is_empty() && named {
        verbs = match (access.can_read(), access.can_write()) {
            (true, false) => vec!["reads"],
            (false, _) => vec!["writes"],
            (true, true) => vec!["uses"],
        };
    }
    Uses {
        writes: !writes.is_empty() || verbs == ["writes"],
        reads: !reads.is_empty() || verbs == ["reads"],
        unused,
        verbs: listed(&verbs),
    }
}

/// Chapters that only rules and the simulated device read.
const OF_MODELS: [&str; 3] = ["rss", "order", "model"];

/// What a step does with the subject, or what the driver does because a fact names it.
fn does(mention: &Mention) -> Vec<&'static str> {
    let Where::Fact { subject, aspect } = &mention.place else {
        return vec![mention.does];
    };
    let key = aspect.split(' ').next().unwrap_or_default();
    match (subject.chapter, key) {
        ("tx" | "rx", "doorbell.register" | "doorbell.set" | "registers.tail") => vec!["writes"],
        ("tx" | "rx", "registers.head") => vec!["reads"],
        ("interrupts", "cause.register") => vec!["reads"],
        ("link" | "variants" | "statistics", _) => vec!["reads"],
        _ => vec![],
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
