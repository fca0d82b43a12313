//! The changes that a comparison finds.

use std::fmt;

use crate::ir::{Line, Nic};
use crate::schema::{self, Map, Shape};

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
    /// Whether only titles, reasons and section numbers changed, which neither driver nor hardware sees.
    pub fn is_words(&self) -> bool {
        match &self.kind {
            Kind::Added(_) | Kind::Removed(_) | Kind::Renamed { .. } => false,
            Kind::Changed(differences) => differences.iter().all(|each| each.sort == Sort::Words),
            Kind::Steps(steps) => steps.iter().all(|step| step.kind == StepKind::Words),
        }
    }
}

/// Something that has a name in a spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The spec itself: its titles.
    Identity,
    /// A part that it covers.
    Variant(String),
    /// A window of registers.
    Space(String),
    /// A named number.
    Constant(String),
    /// What a user may choose.
    Choice(String),
    /// A register or an array.
    Register(String),
    /// A field of a register.
    Field {
        /// The register.
        register: String,
        /// The field.
        field: String,
    },
    /// A descriptor format.
    Descriptor(String),
    /// A field of a descriptor.
    DescriptorField {
        /// The format.
        format: String,
        /// The field.
        field: String,
    },
    /// The transmit rings.
    Tx,
    /// The receive rings.
    Rx,
    /// Interrupts.
    Interrupts,
    /// The state of the link.
    Link,
    /// Address filters.
    Filters,
    /// Receive-side scaling.
    Rss,
    /// A counter.
    Counter(String),
    /// An order rule, by its `then`.
    Order(String),
    /// A sequence.
    Sequence(String),
    /// What the simulated device needs.
    Model,
}

impl Subject {
    /// The key of the spec that contains it.
    pub fn chapter(&self) -> &'static str {
        match self {
            Self::Identity => "nic",
            Self::Variant(_) => "variants",
            Self::Space(_) => "spaces",
            Self::Constant(_) => "constants",
            Self::Choice(_) => "options",
            Self::Register(_) | Self::Field { .. } => "registers",
            Self::Descriptor(_) | Self::DescriptorField { .. } => "descriptors",
            Self::Tx => "tx",
            Self::Rx => "rx",
            Self::Interrupts => "interrupts",
            Self::Link => "link",
            Self::Filters => "filters",
            Self::Rss => "rss",
            Self::Counter(_) => "statistics",
            Self::Order(_) => "order",
            Self::Sequence(_) => "sequences",
            Self::Model => "model",
        }
    }

    /// The map of the language that says it.
    pub(super) fn map(&self) -> &'static Shape {
        match self {
            Self::Identity => schema::Nic::shape(),
            Self::Variant(_) => schema::Variant::shape(),
            Self::Space(_) => schema::Space::shape(),
            Self::Constant(_) => schema::Constant::shape(),
            Self::Choice(_) => schema::UserOption::shape(),
            Self::Register(_) => schema::Register::shape(),
            Self::Field { .. } => schema::Field::shape(),
            Self::Descriptor(_) => schema::Descriptor::shape(),
            Self::DescriptorField { .. } => schema::DescriptorField::shape(),
            Self::Tx => schema::Tx::shape(),
            Self::Rx => schema::Rx::shape(),
            Self::Interrupts => schema::Interrupts::shape(),
            Self::Link => schema::Link::shape(),
            Self::Filters => schema::Filters::shape(),
            Self::Rss => schema::Rss::shape(),
            Self::Counter(_) => schema::Counter::shape(),
            Self::Order(_) => schema::Order::shape(),
            Self::Sequence(_) => schema::Sequence::shape(),
            Self::Model => schema::Model::shape(),
        }
    }

    /// Where a spec says it: `registers.CTRL`; nowhere under one name if its name is made up.
    pub(super) fn part(&self, nic: &Nic) -> Option<String> {
        let chapter = self.chapter();
        Some(match self {
            Self::Variant(name) => {
                let place = nic.variants.iter().position(|known| known.name == *name);
                format!("{chapter}.{}", place?)
            }
            Self::Order(_) => return None,
            Self::Field { register, field } => format!("{chapter}.{register}.fields.{field}"),
            Self::DescriptorField { format, field } => format!("{chapter}.{format}.fields.{field}"),
            _ if self.to_string() == chapter => chapter.to_owned(),
            _ => format!("{chapter}.{self}"),
        })
    }

    /// The register or format of a field.
    pub fn parent(&self) -> Option<Self> {
        match self {
            Self::Field { register, .. } => Some(Self::Register(register.clone())),
            Self::DescriptorField { format, .. } => Some(Self::Descriptor(format.clone())),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variant(name)
            | Self::Space(name)
            | Self::Constant(name)
            | Self::Choice(name)
            | Self::Register(name)
            | Self::Descriptor(name)
            | Self::Counter(name)
            | Self::Order(name)
            | Self::Sequence(name) => f.write_str(name),
            Self::Field { register, field } => write!(f, "{register}.{field}"),
            Self::DescriptorField { format, field } => write!(f, "{format}.{field}"),
            Self::Identity
            | Self::Tx
            | Self::Rx
            | Self::Interrupts
            | Self::Link
            | Self::Filters
            | Self::Rss
            | Self::Model => f.write_str(self.chapter()),
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
    /// These facts of it changed.
    Changed(Vec<Difference>),
    /// These steps of a sequence changed.
    Steps(Vec<StepChange>),
}

/// Whether a fact is about the hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// It is.
    Hardware,
    /// Titles, reasons, sections of the datasheet: what people read.
    Words,
}

/// One fact of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// What the fact is about: `offset`, `value m10`.
    pub aspect: String,
    /// What it says, as a spec would; empty for an element of a list, whose name is in `aspect`.
    pub value: String,
    /// Whether it is about the hardware.
    pub sort: Sort,
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
    /// These parts of it differ.
    Changed(Vec<PartChange>),
    /// Only its reason or its section differs.
    Words,
}

/// A part of a step that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartChange {
    /// The field that is written, or the step's key: `until`, `within`.
    pub part: String,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
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
