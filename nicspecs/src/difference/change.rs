//! The changes that a comparison finds.

use std::fmt;

use crate::ir::Line;
use crate::number;

/// A change of one thing that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// What changed.
    pub subject: Subject,
    /// How.
    pub kind: Kind,
    /// The consequences for the hardware, one sentence each.
    pub meaning: Vec<String>,
    /// Other parts of the spec that use it, in the state where it exists: steps first.
    pub mentions: Vec<Mention>,
}

impl Change {
    /// Whether neither the driver nor the hardware sees it: only titles, reasons and section numbers changed, or the
    /// order of a list without an order.
    pub fn is_words(&self) -> bool {
        match &self.kind {
            Kind::Added(_) | Kind::Removed(_) => false,
            Kind::Renamed { .. } | Kind::RenamedValue { .. } => false,
            Kind::Changed(differences) => {
                differences.iter().all(|each| each.sort != Sort::Hardware)
            }
            Kind::Steps(steps) => steps.iter().all(|step| step.kind == StepKind::Words),
        }
    }

    /// Whether only a name changed.
    pub fn is_rename(&self) -> bool {
        matches!(self.kind, Kind::Renamed { .. } | Kind::RenamedValue { .. })
    }
}

/// Something that has a name in a spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Subject {
    /// The key of the spec under which it stands: `registers`.
    pub chapter: &'static str,
    /// Its name, unless it is the whole chapter; that of an order rule is its `then`.
    pub name: Option<String>,
    /// The field, if it is one of the register or descriptor format of that name.
    pub field: Option<String>,
}

impl Subject {
    pub(super) fn chapter(chapter: &'static str) -> Self {
        Self {
            chapter,
            name: None,
            field: None,
        }
    }

    pub(super) fn named(chapter: &'static str, name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..Self::chapter(chapter)
        }
    }

    pub(super) fn field(chapter: &'static str, name: &str, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::named(chapter, name)
        }
    }

    /// The register or format of a field.
    pub fn parent(&self) -> Option<Self> {
        self.field.as_ref()?;
        Some(Self {
            field: None,
            ..self.clone()
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_deref().unwrap_or(self.chapter))?;
        match &self.field {
            Some(field) => write!(f, ".{field}"),
            None => Ok(()),
        }
    }
}

/// How something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is new; these are its facts.
    Added(Vec<Fact>),
    /// It is gone; these were its facts.
    Removed(Vec<Fact>),
    /// It has another name and the same facts.
    Renamed {
        /// The old name.
        from: String,
    },
    /// A value of the field has another name for the same number.
    RenamedValue {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// These facts of it changed.
    Changed(Vec<Difference>),
    /// These steps of a sequence changed.
    Steps(Vec<StepChange>),
}

impl Kind {
    /// The facts about the hardware that differ.
    pub(super) fn differing(&self) -> Vec<&Difference> {
        let Self::Changed(differences) = self else {
            return Vec::new();
        };
        let differences = differences.iter();
        differences
            .filter(|each| each.sort == Sort::Hardware)
            .collect()
    }
}

/// Whether a fact is about the hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// It is.
    Hardware,
    /// Titles, reasons, sections of the datasheet: what people read.
    Words,
    /// The order of a list, which has no effect.
    Order,
}

/// One fact of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// What the fact is about: `offset`, `values m10`.
    pub aspect: String,
    /// What the spec says; empty for an element of a list, whose name is in `aspect`.
    pub value: String,
    /// Whether it is about the hardware.
    pub sort: Sort,
    /// Whether the spec states it; otherwise it is a default, or follows from other facts.
    pub stated: bool,
}

/// One fact that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// What the fact is about.
    pub aspect: String,
    /// What it said, if it was there.
    pub old: Option<String>,
    /// What it says, if it is there.
    pub new: Option<String>,
    /// Whether it is about the hardware.
    pub sort: Sort,
}

impl Fact {
    pub(super) fn hardware(aspect: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            aspect: aspect.into(),
            value: value.into(),
            sort: Sort::Hardware,
            stated: true,
        }
    }
}

impl Difference {
    /// Facts that differ between two sides, in the order of the new one. The notation of numbers is no difference.
    pub(super) fn between(old: &[Fact], new: &[Fact]) -> Vec<Self> {
        let find = |facts: &[Fact], aspect: &str| {
            let aspect = canonical(aspect);
            let fact = facts.iter().find(|fact| canonical(&fact.aspect) == aspect);
            fact.map(|fact| fact.value.clone())
        };
        let gone = old.iter().filter(|fact| find(new, &fact.aspect).is_none());
        let difference = |fact: &Fact| Self {
            aspect: fact.aspect.clone(),
            old: find(old, &fact.aspect),
            new: find(new, &fact.aspect),
            sort: fact.sort,
        };
        let differs = |each: &Self| {
            let same = match each.sort {
                Sort::Hardware => canonical,
                Sort::Words => str::to_owned,
                // Another order of other elements is no change of its own.
                Sort::Order => return is_reordered(each.old.as_deref(), each.new.as_deref()),
            };
            let [old, new] = [&each.old, &each.new].map(|text| text.as_deref().map(same));
            old != new
        };
        let all = new.iter().chain(gone).map(difference);
        all.filter(differs).collect()
    }
}

/// Whether two lists have the same elements in another order.
fn is_reordered(old: Option<&str>, new: Option<&str>) -> bool {
    let sorted = |list: Option<&str>| {
        let mut elements: Vec<String> = list
            .unwrap_or_default()
            .split(", ")
            .map(canonical)
            .collect();
        elements.sort_unstable();
        elements
    };
    let texts = |list: Option<&str>| list.map(canonical);
    texts(old) != texts(new) && sorted(old) == sorted(new)
}

/// A text with each of its numbers in decimal.
fn canonical(text: &str) -> String {
    let outside = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let part = |part: &str| {
        let word = part.trim_end_matches(outside);
        match number::fitting::<u64>(word) {
            Some(number) => format!("{number}{}", &part[word.len()..]),
            None => part.to_owned(),
        }
    };
    text.split_inclusive(outside).map(part).collect()
}

/// A change of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepChange {
    /// Its number in the new state, or in the old one if it was removed: `6`, or `6.then.1` inside step 6.
    pub number: String,
    /// Its line in that state.
    pub line: Line,
    /// What it does there.
    pub text: String,
    /// How it changed.
    pub kind: StepKind,
    /// Registers that it writes or reads, with their offsets.
    pub touches: Vec<String>,
    /// The reason that the spec gives for it.
    pub why: Option<String>,
}

/// How a step changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has moved; this was its number.
    Moved(String),
    /// These parts of it differ: fields that are written, or keys such as `until` and `within`.
    Changed(Vec<Difference>),
    /// Only its reason or its section differs.
    Words,
}

/// A part of the spec that uses a register, a field, a constant or an option.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mention {
    /// Where.
    pub place: Where,
    /// What is done with it: `writes`, `polls`, `needs it before`.
    pub does: &'static str,
    /// The step or fact.
    pub text: String,
}

/// A place in a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// A step.
    Step {
        /// Name of the sequence.
        sequence: String,
        /// Number of the step.
        step: String,
        /// Line of the spec.
        line: Line,
    },
    /// An order rule.
    Order {
        /// Line of the spec.
        line: Line,
    },
    /// A fact of something else.
    Fact {
        /// Whose.
        subject: Subject,
        /// Which.
        aspect: String,
    },
}
