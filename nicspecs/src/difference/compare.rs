//! Two specs, item by item.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Difference, Fact, Kind, Sort, Subject};
use super::facts::{Item, items};
use super::named::Target;
use super::side::Side;
use super::{meaning, mentions, steps};
use crate::schema;

/// The changes, in the order of the new state; removed items come last in their chapter.
///
/// Changes of form are not reported: comments, the order of keys, the notation of numbers.
pub fn between(old: &Side, new: &Side) -> Vec<Change> {
    let sides = Sides {
        old: items(old),
        new: items(new),
    };
    let mut changes = sides.compare();
    for sequence in &new.meant().sequences {
        let name = &sequence.signature.name;
        let before = old.meant().sequence(name).map_or(&[][..], |old| &old.steps);
        let steps = steps::compare((old.meant(), before), (new.meant(), &sequence.steps));
        if !steps.is_empty() {
            changes.push(change(Subject::Sequence(name.clone()), Kind::Steps(steps)));
        }
    }
    for change in &mut changes {
        let gone = matches!(change.kind, Kind::Removed(_));
        let (nic, items) = match gone {
            true => (old.meant(), &sides.old),
            false => (new.meant(), &sides.new),
        };
        if !change.is_words()
            && let Some(target) = target(change)
        {
            change.mentions = mentions::find(nic, items, &target, &change.subject);
        }
        change.meaning = meaning::of(change, old.meant(), new.meant());
    }
    changes.sort_by_key(|change| chapter(&change.subject));
    changes
}

fn change(subject: Subject, kind: Kind) -> Change {
    Change {
        subject,
        kind,
        meaning: Vec::new(),
        mentions: Vec::new(),
    }
}

/// Position of a chapter in a spec.
fn chapter(subject: &Subject) -> usize {
    let mut chapters = schema::spec().keys.iter();
    let chapter = subject.chapter();
    chapters
        .position(|key| key.name == chapter)
        .unwrap_or(usize::MAX)
}

/// The items of both sides.
struct Sides {
    old: Vec<Item>,
    new: Vec<Item>,
}

impl Sides {
    fn compare(&self) -> Vec<Change> {
        let by_subject = |items: &'_ [Item]| -> BTreeMap<Subject, usize> {
            let indices = items.iter().enumerate();
            indices
                .map(|(index, item)| (item.subject.clone(), index))
                .collect()
        };
        let (in_old, in_new) = (by_subject(&self.old), by_subject(&self.new));
        let gone: Vec<&Item> = self
            .old
            .iter()
            .filter(|item| !in_new.contains_key(&item.subject))
            .collect();
        let mut renamed = BTreeSet::new();
        let mut changes = Vec::new();
        for item in &self.new {
            let kind = match in_old.get(&item.subject) {
                Some(&old) => match differences(&self.old[old].facts, &item.facts) {
                    differences if differences.is_empty() => continue,
                    differences => Kind::Changed(differences),
                },
                // A field of a new register is reported with the register.
                None if is_inside(&item.subject, &in_old) => continue,
                None => match gone
                    .iter()
                    .find(|old| is_renamed(old, item) && !renamed.contains(&old.subject))
                {
                    Some(old) => {
                        renamed.insert(old.subject.clone());
                        Kind::Renamed {
                            from: old.subject.to_string(),
                        }
                    }
                    None => Kind::Added(with_fields(item, &self.new)),
                },
            };
            changes.push(change(item.subject.clone(), kind));
        }
        for item in gone {
            if !renamed.contains(&item.subject) && !is_inside(&item.subject, &in_new) {
                changes.push(change(
                    item.subject.clone(),
                    Kind::Removed(with_fields(item, &self.old)),
                ));
            }
        }
        changes
    }
}

/// Whether this is a field of something that the other side lacks as a whole.
fn is_inside(subject: &Subject, other: &BTreeMap<Subject, usize>) -> bool {
    subject
        .parent()
        .is_some_and(|parent| !other.contains_key(&parent))
}

/// Whether an item has the same facts as an old one under another name in the same chapter. A field keeps its register.
fn is_renamed(old: &Item, new: &Item) -> bool {
    let hardware = |item: &Item| -> Vec<(String, String)> {
        let facts = item.facts.iter().filter(|fact| fact.sort == Sort::Hardware);
        facts
            .map(|fact| (fact.aspect.clone(), fact.value.clone()))
            .collect()
    };
    std::mem::discriminant(&old.subject) == std::mem::discriminant(&new.subject)
        && old.subject.parent() == new.subject.parent()
        && !matches!(
            old.subject,
            Subject::Sequence(_)
                | Subject::Order(_)
                | Subject::Descriptor(_)
                | Subject::Register(_)
        )
        && hardware(old) == hardware(new)
}

/// The facts of an item together with the fields in it.
fn with_fields(item: &Item, items: &[Item]) -> Vec<Fact> {
    let mut facts = item.facts.clone();
    let fields = items
        .iter()
        .filter(|field| field.subject.parent().as_ref() == Some(&item.subject));
    for field in fields {
        let (Subject::Field { field: name, .. } | Subject::DescriptorField { field: name, .. }) =
            &field.subject
        else {
            continue;
        };
        let bits = field.facts.iter().find(|fact| fact.aspect == "bits");
        facts.extend(bits.map(|bits| Fact {
            aspect: format!("field {name}"),
            value: format!("bits {}", bits.value),
            sort: Sort::Hardware,
        }));
    }
    facts
}

/// Facts that differ between the sides, in the order of the new one.
fn differences(old: &[Fact], new: &[Fact]) -> Vec<Difference> {
    let find = |facts: &[Fact], aspect: &str| {
        facts
            .iter()
            .find(|fact| fact.aspect == aspect)
            .map(|fact| fact.value.clone())
    };
    let gone = old.iter().filter(|fact| find(new, &fact.aspect).is_none());
    let difference = |fact: &Fact| Difference {
        aspect: fact.aspect.clone(),
        old: find(old, &fact.aspect),
        new: find(new, &fact.aspect),
        sort: fact.sort,
    };
    let all = new.iter().chain(gone).map(difference);
    all.filter(|each| each.old != each.new).collect()
}

/// Other items that may use the subject of a change.
fn target(change: &Change) -> Option<Target> {
    Some(match &change.subject {
        Subject::Register(name) => Target::Register(name.clone()),
        Subject::Field { register, field } => {
            let (register, field) = (register.clone(), field.clone());
            match values(&change.kind) {
                Some(values) => Target::Values(register, field, values),
                None => Target::Field(register, field),
            }
        }
        Subject::Constant(name) => Target::Constant(name.clone()),
        Subject::Choice(name) => Target::Choice(name.clone()),
        Subject::Descriptor(name) => Target::Descriptor(name.clone()),
        Subject::DescriptorField { format, field } => {
            Target::DescriptorField(format.clone(), field.clone())
        }
        Subject::Sequence(name) => Target::Sequence(name.clone()),
        _ => return None,
    })
}

/// The named values that changed, if a field changed in nothing else.
fn values(kind: &Kind) -> Option<Vec<String>> {
    let Kind::Changed(differences) = kind else {
        return None;
    };
    let hardware = differences
        .iter()
        .filter(|each| each.sort == Sort::Hardware);
    hardware
        .map(|each| each.aspect.strip_prefix("value ").map(str::to_owned))
        .collect()
}
