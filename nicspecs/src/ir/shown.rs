//! Conditions from the side of a device: what it has to show so that they hold.

use super::builtin::Builtin;
use super::expr::{Cond, Num, NumKind, Relation};
use super::register::FieldPlace;

/// A field and what it holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Shown {
    /// The field.
    pub field: FieldPlace,
    /// Its value, which fits.
    pub is: u64,
}

/// What a device shows.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Showing {
    /// Fields and their values, each field once.
    pub fields: Vec<Shown>,
    /// Values of its PCI configuration space, each once.
    pub pci: Vec<(Builtin, u32)>,
}

impl Showing {
    /// What a device shows for which each condition holds or, if the flag is false, does not; `None` if fields and PCI
    /// values alone cannot make it so.
    ///
    /// Of alternatives that make a condition true, this is the first possible one. Whatever can make one false does, so
    /// that a driver that tests only a part is wrong, too.
    pub(crate) fn of<'c>(wanted: impl IntoIterator<Item = (&'c Cond, bool)>) -> Option<Self> {
        let mut wanted: Vec<_> = wanted.into_iter().collect();
        let mut search = Search::default();
        wanted.iter().for_each(|(cond, _)| search.gather(cond));
        wanted.reverse();
        search.solve(wanted, Self::default())
    }

    fn get(&self, source: Source<'_>) -> Option<u64> {
        match source {
            Source::Field(field) => {
                let mut known = self.fields.iter();
                known
                    .find(|known| known.field == *field)
                    .map(|known| known.is)
            }
            Source::Pci(builtin) => {
                let mut known = self.pci.iter();
                let known = known.find(|(other, _)| *other == builtin);
                known.map(|(_, value)| u64::from(*value))
            }
        }
    }

    fn with(&self, source: Source<'_>, value: u32) -> Self {
        let mut with = self.clone();
        match source {
            Source::Field(field) => with.fields.push(Shown {
                field: field.clone(),
                is: value.into(),
            }),
            Source::Pci(builtin) => with.pci.push((builtin, value)),
        }
        with
    }
}

/// What a device chooses: the value of a field, or of its PCI configuration space.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source<'c> {
    Field(&'c FieldPlace),
    Pci(Builtin),
}

/// A comparison of a source with a number.
struct Comparison<'c> {
    source: Source<'c>,
    relation: Relation,
    value: u32,
    /// The largest value of the source.
    max: u32,
}

impl<'c> Comparison<'c> {
    fn of(relation: Relation, left: &'c Num, right: &'c Num) -> Option<Self> {
        let (relation, source, value) = match (left.constant(), right.constant()) {
            (_, Some(value)) => (relation, left, value),
            (Some(value), None) => (relation.turned(), right, value),
            (None, None) => return None,
        };
        let max = source.range.max;
        let source = match &source.kind {
            NumKind::Field(field) => Source::Field(field),
            NumKind::Builtin {
                builtin,
                index: None,
            } => Source::Pci(*builtin),
            _ => return None,
        };
        Some(Self {
            source,
            relation,
            value,
            max,
        })
    }

    /// Values next to the number, and 0: with the largest value, each range of values that comparisons leave has one.
    fn values(&self) -> impl Iterator<Item = u32> + use<> {
        let Self { value, max, .. } = *self;
        let values = [
            Some(value),
            Some(0),
            value.checked_add(1),
            value.checked_sub(1),
        ];
        let values = values.into_iter().flatten();
        values.filter(move |value| *value <= max)
    }
}

/// A search for values that make conditions true or false.
#[derive(Default)]
struct Search<'c> {
    /// Values that matter, in the order in which the conditions name them.
    values: Vec<(Source<'c>, u32)>,
    steps: u32,
}

impl<'c> Search<'c> {
    /// More than any condition that a person writes takes.
    const STEPS: u32 = 10_000;

    fn gather(&mut self, cond: &'c Cond) {
        match cond {
            Cond::Not(inner) => self.gather(inner),
            Cond::And(left, right) | Cond::Or(left, right) => {
                self.gather(left);
                self.gather(right);
            }
            Cond::Compare {
                relation,
                left,
                right,
            } => {
                if let Some(comparison) = Comparison::of(*relation, left, right) {
                    let source = comparison.source;
                    self.values
                        .extend(comparison.values().map(|value| (source, value)));
                }
            }
            _ => {}
        }
    }

    /// What a device that already shows `shown` shows if it fulfils the conditions, the last one first.
    fn solve(&mut self, mut wanted: Vec<(&'c Cond, bool)>, shown: Showing) -> Option<Showing> {
        self.steps += 1;
        let Some((cond, holds)) = wanted.pop() else {
            return Some(shown);
        };
        if self.steps > Self::STEPS {
            return None;
        }
        let mut and = |more: &[(&'c Cond, bool)]| {
            let more = more.iter().rev().copied();
            let all = wanted.iter().copied().chain(more).collect();
            self.solve(all, shown.clone())
        };
        match (cond, holds) {
            (Cond::Not(inner), _) => and(&[(inner, !holds)]),
            (Cond::And(left, right), true) => and(&[(left, true), (right, true)]),
            (Cond::Or(left, right), false) => and(&[(left, false), (right, false)]),
            (Cond::Or(left, right), true) => and(&[(left, true)]).or_else(|| and(&[(right, true)])),
            (Cond::And(left, right), false) => and(&[(left, false), (right, false)])
                .or_else(|| and(&[(left, false)]))
                .or_else(|| and(&[(right, false)])),
            (Cond::Literal(value), _) => (*value == holds).then(|| and(&[])).flatten(),
            (Cond::Bit(field), _) => {
                let (source, is) = (Source::Field(field), u32::from(holds));
                match shown.get(source) {
                    Some(known) => (known == is.into()).then(|| and(&[])).flatten(),
                    None => self.solve(wanted, shown.with(source, is)),
                }
            }
            (
                Cond::Compare {
                    relation,
                    left,
                    right,
                },
                _,
            ) => {
                let comparison = Comparison::of(*relation, left, right)?;
                let (source, value) = (comparison.source, u64::from(comparison.value));
                let fits = |other: u64| comparison.relation.holds(other, value) == holds;
                if let Some(known) = shown.get(source) {
                    return fits(known).then(|| and(&[])).flatten();
                }
                let others = self.values.iter().filter(|(other, _)| *other == source);
                let others = others.map(|(_, value)| *value);
                let mut tried: Vec<u32> = Vec::new();
                for other in comparison.values().chain(others).chain([comparison.max]) {
                    if fits(other.into()) && !tried.contains(&other) {
                        tried.push(other);
                    }
                }
                tried
                    .into_iter()
                    .find_map(|value| self.solve(wanted.clone(), shown.with(source, value)))
            }
            _ => None,
        }
    }
}
