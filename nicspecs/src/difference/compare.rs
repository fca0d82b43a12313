//! Two specs, item by item.

use std::collections::BTreeMap;

use super::change::{Change, Difference, Fact, Kind, Sort, Subject};
use super::facts::{Item, items};
use super::named::Target;
use super::renames::Renames;
use super::side::Side;
use super::{meaning, mentions, steps};
use crate::ir::Nic;
use crate::schema;

/// The changes, in the order of the new state; removed items come last in their chapter.
///
/// Changes of form are not reported: comments, the order of keys, the notation of numbers.
pub fn between(old: &Side, new: &Side) -> Vec<Change> {
    let (was, is) = (items(old), items(new));
    let renames = Renames::between((old.meant(), &was), (new.meant(), &is));
    let sides = Sides {
        old: renames.apply(was),
        new: is,
    };
    let mut changes = sides.compare(|chapter| is_same(chapter, old.meant(), new.meant()));
    changes.extend(renames.changes());
    for sequence in &new.meant().sequences {
        let name = &sequence.signature.name;
        let before = old.meant().sequence(renames.old_name("sequences", name));
        let before = before.map_or(&[][..], |old| &old.steps);
        let steps = steps::compare(
            (old.meant(), before),
            (new.meant(), &sequence.steps),
            &renames,
        );
        if !steps.is_empty() {
            changes.push(change(
                Subject::named("sequences", name),
                Kind::Steps(steps),
            ));
        }
    }
    for change in &mut changes {
        let gone = matches!(change.kind, Kind::Removed(_));
        let (nic, items) = match gone {
            true => (old.meant(), &sides.old),
            false => (new.meant(), &sides.new),
        };
        if !change.is_words() && !change.is_rename() {
            let target = Target {
                subject: &change.subject,
                values: values(&change.kind),
            };
            change.mentions = mentions::find(nic, items, &target);
            let aspects = change.kind.differing();
            let only = |key: &str| {
                !aspects.is_empty() && aspects.iter().all(|each| each.aspect.starts_with(key))
            };
            // Neither changes what the users of the other bits do.
            if only("reserved ") {
                change.mentions.clear();
            } else if only("reset") {
                change.mentions.retain(|mention| mention.does == "modifies");
            }
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
    let chapter = chapters.position(|key| key.name == subject.chapter);
    chapter.unwrap_or(usize::MAX)
}

/// The items of both sides.
struct Sides {
    old: Vec<Item>,
    new: Vec<Item>,
}

impl Sides {
    /// `is_same` is whether a chapter has the same meaning on both sides, however its expressions are written.
    fn compare(&self, is_same: impl Fn(&str) -> bool) -> Vec<Change> {
        let (in_old, in_new) = (by_subject(&self.old), by_subject(&self.new));
        let is_gone = |item: &&Item| !in_new.contains_key(&item.subject);
        let gone = self.old.iter().filter(is_gone);
        let mut changes = Vec::new();
        for item in &self.new {
            let kind = match in_old.get(&item.subject) {
                Some(old) => {
                    let mut differences = Difference::between(&old.facts, &item.facts);
                    if is_same(item.subject.chapter) {
                        differences.retain(|each| each.sort != Sort::Hardware);
                    }
                    if differences.is_empty() {
                        continue;
                    }
                    Kind::Changed(differences)
                }
                // A field of a new register is reported with the register.
                None if is_inside(&item.subject, &in_old) => continue,
                None => Kind::Added(with_fields(item, &self.new)),
            };
            changes.push(change(item.subject.clone(), kind));
        }
        for item in gone {
            if !is_inside(&item.subject, &in_new) {
                let facts = with_fields(item, &self.old);
                changes.push(change(item.subject.clone(), Kind::Removed(facts)));
            }
        }
        changes
    }
}

fn by_subject(items: &[Item]) -> BTreeMap<&Subject, &Item> {
    items.iter().map(|item| (&item.subject, item)).collect()
}

/// Whether this is a field of something that the other side lacks as a whole.
fn is_inside(subject: &Subject, other: &BTreeMap<&Subject, &Item>) -> bool {
    let parent = subject.parent();
    parent.is_some_and(|parent| !other.contains_key(&parent))
}

/// The facts of an item together with the fields in it.
fn with_fields(item: &Item, items: &[Item]) -> Vec<Fact> {
    let mut facts = item.facts.clone();
    let fields = items
        .iter()
        .filter(|field| field.subject.parent().as_ref() == Some(&item.subject));
    for field in fields {
        let name = field.subject.field.as_deref().unwrap_or_default();
        let bits = field.facts.iter().find(|fact| fact.aspect == "bits");
        facts.extend(
            bits.map(|bits| {
                Fact::hardware(format!("field {name}"), format!("bits {}", bits.value))
            }),
        );
    }
    facts
}

/// Whether a chapter with conditions has the same meaning on both sides.
fn is_same(chapter: &str, old: &Nic, new: &Nic) -> bool {
    match chapter {
        "variants" => old.variants == new.variants,
        "interrupts" => old.interrupts == new.interrupts,
        "link" => old.link == new.link,
        "rss" => old.rss == new.rss,
        "model" => old.model == new.model,
        _ => false,
    }
}

/// The named values that changed, if a field changed in nothing else.
fn values(kind: &Kind) -> Option<Vec<&str>> {
    let differing = kind.differing();
    let values = differing.iter();
    let values = values.map(|each| each.aspect.strip_prefix("values "));
    values
        .collect::<Option<Vec<_>>>()
        .filter(|values| !values.is_empty())
}
