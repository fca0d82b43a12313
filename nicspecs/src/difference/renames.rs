//! Things that have another name and are otherwise the same.

use std::collections::BTreeSet;

use super::change::{Change, Difference, Fact, Kind, Sort, Subject};
use super::facts::Item;
use super::flat::{Flat, flatten};
use crate::ir::{Action, Nic};

/// Names that differ between two states of a spec, although everything else about the thing is the same.
///
/// A comparison gives the old state the new names first: a use of the thing under its new name is no change then.
#[derive(Debug, Default)]
pub(super) struct Renames(Vec<Rename>);

#[derive(Debug)]
struct Rename {
    /// What it is now.
    subject: Subject,
    /// What it was.
    was: Subject,
    /// The old and the new name of a value, if it is the value of a field that has another name.
    value: Option<(String, String)>,
}

/// Chapters whose names stand alone in expressions and facts.
const ALONE: [&str; 6] = [
    "variants",
    "spaces",
    "constants",
    "options",
    "registers",
    "descriptors",
];

/// Those among them that steps name.
const IN_STEPS: [&str; 4] = ["variants", "constants", "options", "registers"];

impl Renames {
    /// Finds all of them, in the order of the language: a thing is compared by facts that have the new names already.
    pub(super) fn between(old: (&Nic, &[Item]), new: (&Nic, &[Item])) -> Self {
        let mut renames = Self::default();
        let is_in = |items: &[Item], subject: &Subject| items.iter().any(|i| i.subject == *subject);
        for item in new.1.iter().filter(|item| !is_in(old.1, &item.subject)) {
            // A field of a register with another name is found with the register.
            let parent = item.subject.parent();
            let inside = parent.is_some_and(|parent| !is_in(old.1, &parent));
            // An order rule has no name of its own.
            if inside || item.subject.chapter == "order" {
                continue;
            }
            let mut gone = old.1.iter().filter(|was| {
                !is_in(new.1, &was.subject)
                    && was.subject.chapter == item.subject.chapter
                    && was.subject.parent() == item.subject.parent()
                    && !renames.0.iter().any(|known| known.was == was.subject)
            });
            let found = gone.find_map(|was| renames.same((old, was), (new, item)));
            renames.0.extend(found.unwrap_or_default());
        }
        for item in new.1 {
            if let Some(was) = old.1.iter().find(|was| was.subject == item.subject) {
                let values = renames.values(was, item);
                renames.0.extend(values);
            }
        }
        renames
    }

    /// A change for each of them.
    pub(super) fn changes(&self) -> impl Iterator<Item = Change> {
        self.0.iter().map(|rename| Change {
            subject: rename.subject.clone(),
            kind: match &rename.value {
                Some((from, to)) => Kind::RenamedValue {
                    from: from.clone(),
                    to: to.clone(),
                },
                None => Kind::Renamed {
                    from: rename.was.to_string(),
                },
            },
            meaning: Vec::new(),
            mentions: Vec::new(),
        })
    }

    /// Its old name.
    pub(super) fn old_name<'a>(&'a self, chapter: &str, name: &'a str) -> &'a str {
        let whole = self.items().filter(|each| each.subject.field.is_none());
        let mut same = whole.filter(|each| each.subject.chapter == chapter);
        same.find(|each| each.subject.name.as_deref() == Some(name))
            .and_then(|each| each.was.name.as_deref())
            .unwrap_or(name)
    }

    /// The items of the old state, by their new names.
    pub(super) fn apply(&self, items: Vec<Item>) -> Vec<Item> {
        if self.0.is_empty() {
            return items;
        }
        let renamed = items.into_iter().map(|item| Item {
            facts: self.facts(&item),
            subject: self.subject(&item.subject),
        });
        renamed.collect()
    }

    /// A step of the old state, by the new names.
    pub(super) fn apply_to_step(&self, step: &mut Flat<'_>) {
        if self.0.is_empty() {
            return;
        }
        let text = |text: &str| self.among(&IN_STEPS, text);
        step.head = text(&step.head);
        let register = match &step.step.action {
            Action::Write { place, .. } | Action::Modify { place, .. } => {
                Some(place.register.name.as_str())
            }
            _ => None,
        };
        for part in &mut step.parts {
            part.value = text(&part.value);
            if let Some(register) = register {
                let field = Subject::field("registers", register, &part.aspect);
                part.value = self.value_of(&field, &part.value);
                part.aspect = self.field(register, &part.aspect).to_owned();
            }
        }
    }

    /// Whether two things are the same under two names, and the names that differ with it.
    fn same(
        &self,
        (old, was): ((&Nic, &[Item]), &Item),
        (new, is): ((&Nic, &[Item]), &Item),
    ) -> Option<Vec<Rename>> {
        let mut found = vec![Rename {
            subject: is.subject.clone(),
            was: was.subject.clone(),
            value: None,
        }];
        found.extend(self.values(was, is));
        let facts = |facts: &[Fact]| -> Vec<Fact> {
            let facts = facts.iter().filter(|fact| !is_value(fact));
            facts.cloned().collect()
        };
        let same_facts = |was: &Item, is: &Item| {
            let differing = Difference::between(&facts(&self.facts(was)), &facts(&is.facts));
            let mut sorts = differing.iter().map(|each| each.sort);
            sorts.all(|sort| sort != Sort::Hardware) && numbers(was) == numbers(is)
        };
        let mut same = same_facts(was, is);
        if was.subject.chapter == "sequences" {
            same &= self.same_steps((old.0, was), (new.0, is));
        }
        let below = |items: &'_ [Item], parent: &Item| -> Vec<Item> {
            let fields = items
                .iter()
                .filter(|field| field.subject.parent().as_ref() == Some(&parent.subject));
            fields.cloned().collect()
        };
        let (mut theirs, ours) = (below(old.1, was), below(new.1, is));
        same &= theirs.len() == ours.len();
        for field in &ours {
            let at = theirs.iter().position(|was| same_facts(was, field));
            let at = at.filter(|_| same)?;
            let was = theirs.remove(at);
            if was.subject.field != field.subject.field {
                found.push(Rename {
                    subject: field.subject.clone(),
                    was: was.subject.clone(),
                    value: None,
                });
            }
            found.extend(self.values(&was, field));
        }
        same.then_some(found)
    }

    fn same_steps(&self, old: (&Nic, &Item), new: (&Nic, &Item)) -> bool {
        let steps = |(nic, item): (&Nic, &Item), renamed: bool| -> Option<Vec<String>> {
            let sequence = nic.sequence(item.subject.name.as_deref()?)?;
            let mut flat = flatten(nic, &sequence.steps);
            if renamed {
                flat.iter_mut().for_each(|step| self.apply_to_step(step));
            }
            Some(flat.iter().map(Flat::key).collect())
        };
        steps(old, true) == steps(new, false)
    }

    /// The values of a field that have another name for the same number.
    fn values(&self, was: &Item, is: &Item) -> Vec<Rename> {
        let name = |fact: &Fact| fact.aspect.strip_prefix(VALUES).map(str::to_owned);
        let here = |item: &Item| -> Vec<(String, String)> {
            let values = item.facts.iter();
            let values = values.filter_map(|fact| Some((name(fact)?, fact.value.clone())));
            values.collect()
        };
        let (old, new) = (here(was), here(is));
        let has = |values: &[(String, String)], name: &str| values.iter().any(|v| v.0 == name);
        let mut taken = BTreeSet::new();
        let mut found = Vec::new();
        for (to, number) in new.iter().filter(|(name, _)| !has(&old, name)) {
            let mut gone = old.iter().filter(|(from, other)| {
                !has(&new, from) && same_number(other, number) && !taken.contains(from)
            });
            if let Some((from, _)) = gone.next() {
                taken.insert(from.clone());
                found.push(Rename {
                    subject: is.subject.clone(),
                    was: was.subject.clone(),
                    value: Some((from.clone(), to.clone())),
                });
            }
        }
        found
    }

    /// Renamed things, without values.
    fn items(&self) -> impl Iterator<Item = &Rename> {
        self.0.iter().filter(|rename| rename.value.is_none())
    }

    fn subject(&self, subject: &Subject) -> Subject {
        if let Some(rename) = self.items().find(|rename| rename.was == *subject) {
            return rename.subject.clone();
        }
        let Some(name) = &subject.name else {
            return subject.clone();
        };
        let name = match (subject.chapter, &subject.field) {
            // An order rule is called after a register or a field.
            ("order", _) => self.text(name),
            (_, Some(_)) => match self
                .items()
                .find(|each| Some(&each.was) == subject.parent().as_ref())
            {
                Some(parent) => parent.subject.to_string(),
                None => name.clone(),
            },
            _ => name.clone(),
        };
        Subject {
            name: Some(name),
            ..subject.clone()
        }
    }

    fn facts(&self, item: &Item) -> Vec<Fact> {
        let fact = |fact: &Fact| {
            let aspect = match (fact.aspect.split_once(' '), is_value(fact)) {
                (Some((key, name)), true) => {
                    format!("{key} {}", self.value_of(&item.subject, name))
                }
                (Some((key, element)), false) => format!("{key} {}", self.text(element)),
                (None, _) => fact.aspect.clone(),
            };
            let value = match fact.sort {
                Sort::Words => fact.value.clone(),
                Sort::Hardware | Sort::Order => self.text(&fact.value),
            };
            Fact {
                aspect,
                value,
                sort: fact.sort,
                stated: fact.stated,
            }
        };
        item.facts.iter().map(fact).collect()
    }

    /// A text in the words of the spec, with the new names.
    fn text(&self, text: &str) -> String {
        self.among(&ALONE, text)
    }

    /// A text with the new names of things in these chapters.
    fn among(&self, chapters: &[&str], text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(in_word) {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let dotted = rest.find(|c| !in_word(c) && c != '.').unwrap_or(rest.len());
            if let Some(sequence) = self.named(&["sequences"], &rest[..dotted]) {
                out.push_str(sequence);
                rest = &rest[dotted..];
                continue;
            }
            let word = first_word(rest);
            rest = &rest[word.len()..];
            out.push_str(self.named(chapters, word).unwrap_or(word));
            if let Some(end) = rest.starts_with('[').then(|| closing(rest)).flatten() {
                out.push('[');
                out.push_str(&self.among(chapters, &rest[1..end]));
                out.push(']');
                rest = &rest[end + 1..];
            }
            let mut owner = Some(word);
            while let Some(after) = rest
                .strip_prefix('.')
                .filter(|rest| rest.starts_with(in_word))
            {
                let part = first_word(after);
                out.push('.');
                out.push_str(owner.map_or(part, |owner| self.field(owner, part)));
                owner = None;
                rest = &after[part.len()..];
            }
        }
        out.push_str(rest);
        let fields = self.0.iter().filter(|each| each.value.is_some());
        let named = fields.filter(|each| text.contains(each.was.to_string().as_str()));
        let subjects: BTreeSet<&Subject> = named.map(|each| &each.was).collect();
        subjects
            .into_iter()
            .fold(out, |text, field| self.value_of(field, &text))
    }

    /// The new name of something that was called so.
    fn named(&self, chapters: &[&str], name: &str) -> Option<&str> {
        let mut whole = self.items().filter(|each| {
            each.was.field.is_none()
                && chapters.contains(&each.was.chapter)
                && each.was.name.as_deref() == Some(name)
        });
        whole.next()?.subject.name.as_deref()
    }

    /// The new name of a field of a register or descriptor format, or of a local name for a register.
    fn field<'a>(&'a self, owner: &str, field: &'a str) -> &'a str {
        let mut fields = self.items().filter(|each| {
            let is_owner = each.was.name.as_deref() == Some(owner);
            // A name that a `let` binds is in lower case, and that of a register is not.
            let is_local = owner.starts_with(|c: char| c.is_ascii_lowercase());
            each.was.field.as_deref() == Some(field)
                && (is_owner || is_local && each.was.chapter == "registers")
        });
        fields
            .next()
            .and_then(|each| each.subject.field.as_deref())
            .unwrap_or(field)
    }

    /// A text about a field, with the new names of its values.
    fn value_of(&self, field: &Subject, text: &str) -> String {
        let renames = self.0.iter().filter(|each| each.was == *field);
        let values: Vec<_> = renames.filter_map(|each| each.value.as_ref()).collect();
        if values.is_empty() {
            return text.to_owned();
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(in_word) {
            out.push_str(&rest[..start]);
            let word = first_word(&rest[start..]);
            let value = values.iter().find(|(from, _)| from == word);
            out.push_str(value.map_or(word, |(_, to)| to));
            rest = &rest[start + word.len()..];
        }
        out + rest
    }
}

/// How the facts about named values of a field begin.
const VALUES: &str = "values ";

fn is_value(fact: &Fact) -> bool {
    fact.aspect.starts_with(VALUES)
}

/// The numbers that have a name, in order.
fn numbers(item: &Item) -> Vec<Option<u64>> {
    let values = item.facts.iter().filter(|fact| is_value(fact));
    let mut numbers: Vec<_> = values
        .map(|fact| crate::number::fitting(&fact.value))
        .collect();
    numbers.sort_unstable();
    numbers
}

fn same_number(one: &str, other: &str) -> bool {
    crate::number::fitting::<u64>(one) == crate::number::fitting::<u64>(other)
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn first_word(text: &str) -> &str {
    &text[..text.find(|c| !in_word(c)).unwrap_or(text.len())]
}

/// The place of the bracket that closes the first one.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0;
    text.char_indices().find_map(|(at, c)| {
        open += match c {
            '[' => 1,
            ']' => -1,
            _ => 0,
        };
        (open == 0).then_some(at)
    })
}
