//! Names that a base spec no longer has, because another name has their place: a register its offset, a field its bits.

use crate::diagnostic::{File, Findings};
use crate::tree::{self, Entry, Tree};

/// A name that was changed.
struct Renamed {
    /// The name of the map around it, if several may have the name: the register of a field.
    owner: Option<String>,
    old: String,
    new: String,
}

/// Keys that hold maps by name, at the top of a spec and inside of such an entry.
const CHAPTERS: [&str; 6] = [
    "constants",
    "options",
    "registers",
    "descriptors",
    "statistics",
    "sequences",
];
const INSIDE: [&str; 2] = ["fields", "values"];

/// Keys that give something its place.
const PLACES: [&str; 4] = ["space", "offset", "pieces", "bits"];

/// Adds to the findings about names that the base spec called `base` has changed since its text was `earlier` what they
/// are called now. Of an entry that is incomplete only because its name was changed, one finding is left.
pub(crate) fn hint(findings: &mut Findings, base: &str, earlier: &str, now: &Tree) {
    let Some(before) = tree::scan(earlier, File::Base(0), &mut Findings::default()) else {
        return;
    };
    let is_heir = [&before, now].iter().any(|tree| tree.like().is_some());
    let mut renamed = Vec::new();
    for chapter in CHAPTERS {
        let maps = [&before, now].map(|tree| tree.entries(tree.root(), chapter));
        compare(
            (&before, maps[0]),
            (now, maps[1]),
            (None, is_heir),
            &mut renamed,
        );
    }
    let mut seen = Vec::new();
    findings.retain_mut(|draft| {
        let words: Vec<String> = draft
            .message()
            .split('`')
            .skip(1)
            .step_by(2)
            .map(bare)
            .collect();
        let is_own = draft.span().file == File::Own;
        let Some(renamed) = renamed.iter().find(|each| is_own && each.is_meant(&words)) else {
            return true;
        };
        let (old, new) = (&renamed.old, &renamed.new);
        let of = renamed.owner.as_ref();
        let of = of.map_or(String::new(), |owner| format!(" of `{owner}`"));
        let help = format!("`{base}` has renamed `{old}`{of} to `{new}`: write `{new}` here, too");
        draft.set_help(help);
        let entry = (draft.code(), draft.span());
        let is_first = !seen.contains(&entry);
        seen.push(entry);
        is_first
    });
}

/// A name without the index of an element.
fn bare(word: &str) -> String {
    word.split('[').next().unwrap_or_default().to_owned()
}

impl Renamed {
    /// Whether a message that names these words is about the old name.
    fn is_meant(&self, words: &[String]) -> bool {
        let named = |name: &str| words.iter().any(|word| word == name);
        match &self.owner {
            None => {
                let dotted = format!("{}.", self.old);
                named(&self.old) || words.iter().any(|word| word.starts_with(&dotted))
            }
            Some(owner) => {
                let alone = words.len() == 1 && named(&self.old);
                let is_of = |word: &String| word.rsplit('.').next() == Some(owner);
                let inside = words.iter().any(is_of) && named(&self.old);
                alone || inside || named(&format!("{owner}.{}", self.old))
            }
        }
    }
}

/// Compares the entries of a map with what they were: of the entry `owner`, if any, in an heir or not.
fn compare(
    before: (&Tree, &[Entry]),
    now: (&Tree, &[Entry]),
    (owner, is_heir): (Option<&str>, bool),
    renamed: &mut Vec<Renamed>,
) {
    let has = |entries: &[Entry], key: &str| entries.iter().any(|entry| entry.key == key);
    for old in before.1 {
        let same = now.1.iter().find(|new| new.key == old.key).or_else(|| {
            let mut new = now.1.iter().filter(|new| !has(before.1, &new.key));
            let alike = |new: &&Entry| is_alike((before.0, old), (now.0, new), is_heir);
            let only = new.clone().filter(alike).count() == 1;
            new.find(alike).filter(|_| only)
        });
        let Some(new) = same else { continue };
        if new.key != old.key {
            renamed.push(Renamed {
                owner: owner.map(str::to_owned),
                old: old.key.clone(),
                new: new.key.clone(),
            });
        }
        for key in INSIDE {
            let below =
                [(before.0, old), (now.0, new)].map(|(tree, entry)| tree.entries(entry.value, key));
            compare(
                (before.0, below[0]),
                (now.0, below[1]),
                (Some(&new.key), is_heir),
                renamed,
            );
        }
    }
}

/// Whether two entries have the same place; those that have none, the same contents. In an heir only the place counts:
/// entries of different names may change the same of different inherited entries.
fn is_alike(old: (&Tree, &Entry), new: (&Tree, &Entry), in_heir: bool) -> bool {
    let place = |(tree, entry): (&Tree, &Entry)| PLACES.map(|key| tree.get(entry.value, key));
    let (before, now) = (place(old), place(new));
    let pairs = match before.iter().any(Option::is_some) {
        true => before.into_iter().zip(now).collect(),
        false if in_heir => return false,
        false => vec![(Some(old.1.value), Some(new.1.value))],
    };
    pairs.into_iter().all(|pair| match pair {
        (Some(before), Some(now)) => tree::is_equal((old.0, before), (new.0, now), true),
        (before, now) => before.is_none() && now.is_none(),
    })
}
