//! Changes of specs and of their heirs: a change that heirs inherit is shown once, under the base spec, with their names.

use std::collections::BTreeMap;

use nicspecs::difference::{Change, Difference, Fact, Kind, Side, Sort, StepKind, between};
use nicspecs::schema;

use crate::compare::{Pair, Shown, SpecChange, SpecKind};
use crate::summary;

/// Every spec that changed, by file, with the changes that it does not inherit.
pub fn specs(pairs: &[Pair]) -> Vec<SpecChange> {
    let changes: BTreeMap<&str, Vec<Change>> = pairs.iter().filter_map(all).collect();
    let inherits = |pair: &Pair, change: &Change| {
        let [Some(old), Some(new)] = &pair.like else {
            return false;
        };
        let theirs = changes.get(new.as_str()).filter(|_| old == new);
        theirs.is_some_and(|theirs| theirs.iter().any(|their| is_same(change, their)))
    };
    let mut found = Vec::new();
    for pair in pairs {
        let kind = match &pair.sides {
            [None, Some(Ok(new))] => SpecKind::Added(summary::added(new, parent(pairs, pair))),
            [Some(Ok(old)), None] => {
                SpecKind::Removed(summary::removed(old, pair.like[0].as_deref()))
            }
            [Some(Ok(_)), Some(Ok(_))] if pair.same => continue,
            [Some(Ok(_)), Some(Ok(_))] => {
                let name = pair.name.as_deref().unwrap_or_default();
                let all = changes.get(name).map_or(&[][..], Vec::as_slice);
                let own = all.iter().filter(|change| !inherits(pair, change));
                let own: Vec<Shown> = own
                    .map(|change| shown(change, name, pairs, &changes))
                    .collect();
                match (own.is_empty(), all.is_empty()) {
                    // Then only the form of its base spec changed.
                    (true, true) if pair.own_is_same && pair.like[0] == pair.like[1] => continue,
                    (true, true) => SpecKind::Form,
                    (true, false) => SpecKind::Inherits,
                    (false, _) => SpecKind::Changed(own),
                }
            }
            _ if pair.same => continue,
            _ => SpecKind::Unreadable,
        };
        found.push(SpecChange {
            file: pair.file.clone(),
            like: pair.like.clone(),
            kind,
        });
    }
    found
}

/// The name of a spec that both states have, and all of its changes, also those that it inherits.
fn all(pair: &Pair) -> Option<(&str, Vec<Change>)> {
    match &pair.sides {
        [Some(Ok(old)), Some(Ok(new))] if !pair.same => {
            Some((pair.name.as_deref()?, between(old, new)))
        }
        _ => None,
    }
}

/// The base spec of a spec in the new state.
fn parent<'a>(pairs: &'a [Pair], heir: &Pair) -> Option<(&'a str, &'a Side)> {
    let name = heir.like[1].as_ref()?;
    let pair = pairs.iter().find(|pair| pair.name.as_ref() == Some(name))?;
    match &pair.sides[1] {
        Some(Ok(read)) => Some((pair.name.as_deref()?, read)),
        _ => None,
    }
}

/// A change of the spec `name`, with the names of its heirs: those that have the same change, directly or through another
/// heir, and those that do not.
fn shown(
    change: &Change,
    name: &str,
    pairs: &[Pair],
    changes: &BTreeMap<&str, Vec<Change>>,
) -> Shown {
    let (mut heirs, mut others) = (Vec::new(), Vec::new());
    let key = schema::spec().key(change.subject.chapter);
    let is_own = key.is_some_and(|key| key.own);
    let mut open = if is_own { Vec::new() } else { vec![name] };
    while let Some(base) = open.pop() {
        let is_heir = |pair: &&Pair| {
            let [old, new] = &pair.like;
            old == new && new.as_deref() == Some(base)
        };
        for heir in pairs.iter().filter(is_heir) {
            let Some(name) = heir.name.as_deref() else {
                continue;
            };
            let theirs = changes.get(name);
            match theirs.is_some_and(|theirs| theirs.iter().any(|other| is_same(other, change))) {
                true => {
                    heirs.push(name.to_owned());
                    open.push(name);
                }
                false => others.push(name.to_owned()),
            }
        }
    }
    heirs.sort();
    others.sort();
    Shown {
        change: change.clone(),
        heirs,
        others,
    }
}

/// Whether a change of an heir is the one of its base spec. Lines and texts are not compared: an inherited section names
/// the base spec, and an inherited step has another line.
fn is_same(heir: &Change, base: &Change) -> bool {
    if heir.subject != base.subject || heir.meaning != base.meaning {
        return false;
    }
    let hardware = |facts: &[Fact]| -> Vec<Fact> {
        let facts = facts.iter().filter(|fact| fact.sort == Sort::Hardware);
        facts.cloned().collect()
    };
    let differing = |all: &[Difference]| -> Vec<Difference> {
        let mut all = all.to_vec();
        let words = all.iter_mut().filter(|each| each.sort != Sort::Hardware);
        words.for_each(|each| (each.old, each.new) = (None, None));
        all
    };
    match (&heir.kind, &base.kind) {
        (Kind::Added(heir), Kind::Added(base)) | (Kind::Removed(heir), Kind::Removed(base)) => {
            hardware(heir) == hardware(base)
        }
        (Kind::Changed(heir), Kind::Changed(base)) => differing(heir) == differing(base),
        (Kind::Steps(heir), Kind::Steps(base)) => {
            heir.len() == base.len()
                && heir.iter().zip(base).all(|(heir, base)| {
                    let is_words = heir.kind == StepKind::Words;
                    (&heir.number, &heir.text, &heir.kind, &heir.touches)
                        == (&base.number, &base.text, &base.kind, &base.touches)
                        || is_words && base.kind == StepKind::Words
                })
        }
        (heir, base) => heir == base,
    }
}
