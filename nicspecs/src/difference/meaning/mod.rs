//! What a change means for the hardware, in sentences.

mod descriptors;
mod fields;
pub(super) mod registers;
mod rest;
mod rings;

use super::change::{Change, Kind, Sort, Subject};
use crate::ir::Nic;

/// A sentence for each thing that the driver or the NIC does in another way.
pub(super) fn of(change: &Change, old: &Nic, new: &Nic) -> Vec<String> {
    if change.is_words() {
        return Vec::new();
    }
    match &change.subject {
        Subject::Register(name) => registers::of(change, old.register(name), new.register(name)),
        Subject::Field { register, field } => fields::of(
            change,
            (old.register(register), new.register(register)),
            field,
        ),
        Subject::Descriptor(name) => descriptors::of_format(change, name),
        Subject::DescriptorField { format, field } => {
            let find = |nic: &Nic| {
                let format = nic.descriptors.iter().find(|each| each.name == *format)?;
                format.field(field).cloned()
            };
            descriptors::of_field(change, find(old).as_deref(), find(new).as_deref())
        }
        Subject::Tx => rings::of(change, "transmit"),
        Subject::Rx => rings::of(change, "receive"),
        _ => rest::of(change, old, new),
    }
}

/// One differing fact about the hardware.
struct Differs<'a> {
    aspect: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

impl Differs<'_> {
    /// The old value, or `nothing`.
    fn was(&self) -> &str {
        self.old.unwrap_or("nothing")
    }

    /// The new value, or `nothing`.
    fn is(&self) -> &str {
        self.new.unwrap_or("nothing")
    }
}

/// The facts about the hardware that differ.
fn differing(change: &Change) -> Vec<Differs<'_>> {
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
struct Uses {
    writes: bool,
    reads: bool,
    /// The verbs: `writes and polls`.
    verbs: String,
    /// Whether nothing but rules and the simulated device names it.
    by_nobody: bool,
}

fn uses(change: &Change) -> Uses {
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
    // Who writes it anyway says more.
    if verbs
        .iter()
        .any(|verb| ["writes", "modifies"].contains(verb))
    {
        verbs.retain(|verb| *verb != "writes over");
    }
    let named = change.mentions.iter().any(|mention| {
        use super::change::Where;
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
        by_nobody: verbs.is_empty() && !named,
        verbs: listed(&verbs),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
