//! Public items of the generated crate that changed.

mod read;

use std::collections::BTreeMap;

use miette::Result;

use xtask_generator::outputs::Outputs;

/// The effect of a change on an item's users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Code that uses the item may no longer compile.
    Breaking,
    /// Code that uses the item compiles and behaves differently.
    Other,
    /// The item is new and breaks nothing.
    Added,
}

/// A public item that differs between the states.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemChange {
    /// The effect on its users.
    pub effect: Effect,
    /// Its path: `nic::regs::Ctrl::rst`.
    pub path: String,
    /// The old item, if there was one.
    pub old: Option<String>,
    /// The new item, if there is one.
    pub new: Option<String>,
    /// Its new name, if that is all that changed.
    pub renamed: Option<String>,
}

/// A public item of one side.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    /// Its signature: what code that uses it needs to compile.
    signature: String,
    /// Its value or position.
    value: String,
    /// Its parent, if adding a part breaks code that lists all parts.
    listed_in: Option<String>,
}

impl Entry {
    /// Whether code that uses it sees no difference: the notation of a number is none.
    fn is_same(&self, other: &Self) -> bool {
        let plain = |entry: &Self| Self {
            signature: entry.signature.clone(),
            value: plain_numbers(&entry.value),
            listed_in: entry.listed_in.clone(),
        };
        plain(self) == plain(other)
    }

    /// The item in short.
    fn summary(&self) -> String {
        let parts = [self.signature.as_str(), self.value.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        cut(&parts.join(", "))
    }
}

/// A text whose hexadecimal numbers have no leading zeros and no separators.
fn plain_numbers(text: &str) -> String {
    let outside = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let part = |part: &str| match part.strip_prefix("0x") {
        Some(digits) => {
            let end = digits.find(outside).unwrap_or(digits.len());
            let number = digits[..end].replace('_', "");
            format!("0x{}{}", number.trim_start_matches('0'), &digits[end..])
        }
        None => part.to_owned(),
    };
    text.split_inclusive(outside).map(part).collect()
}

/// Longest text shown for an item.
const LONGEST: usize = 100;

/// The differing parts of two long texts, each with one word before it.
fn apart(old: &str, new: &str) -> (String, String) {
    if old.len().max(new.len()) <= LONGEST {
        return (old.to_owned(), new.to_owned());
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let start = old.iter().zip(&new).take_while(same).count();
    let rest = old.len().min(new.len()) - start;
    let end = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(rest)
        .take_while(same)
        .count();
    let part = |words: &[&str]| {
        let part = words[start.saturating_sub(2)..words.len() - end].join(" ");
        cut(&format!("... {part} ..."))
    };
    (part(&old), part(&new))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{} ...", &text[..at]),
        None => text.to_owned(),
    }
}

/// All public items of one side, by path.
type Entries = BTreeMap<String, Entry>;

/// Every changed public item, breaking ones first. `old` and `new` are all files of the crate.
pub fn compare(old: &Outputs, new: &Outputs) -> Result<Vec<ItemChange>> {
    let (old, new) = (read::entries(old)?, read::entries(new)?);
    let mut changes = Vec::new();
    for (path, was) in &old {
        let effect = match new.get(path) {
            Some(is) if is.is_same(was) => continue,
            Some(is) if is.signature == was.signature => Effect::Other,
            _ => Effect::Breaking,
        };
        // Parts of a removed item are not listed.
        if !new.contains_key(path) && part_of_another(path, &old, &new) {
            continue;
        }
        let (before, after) = match (effect, new.get(path)) {
            (Effect::Other, Some(is)) => {
                let (before, after) = apart(&was.value, &is.value);
                (before, Some(after))
            }
            (_, is) => (was.summary(), is.map(Entry::summary)),
        };
        changes.push(ItemChange {
            effect,
            path: path.clone(),
            old: Some(before),
            new: after,
            renamed: None,
        });
    }
    for (path, is) in &new {
        if old.contains_key(path) || part_of_another(path, &new, &old) {
            continue;
        }
        let effect = match &is.listed_in {
            Some(whole) if old.contains_key(whole) => Effect::Breaking,
            _ => Effect::Added,
        };
        changes.push(ItemChange {
            effect,
            path: path.clone(),
            old: None,
            new: Some(is.summary()),
            renamed: None,
        });
    }
    join_renamed(&mut changes);
    changes.sort();
    Ok(changes)
}

/// Joins a removed item and a new one of the same parent that is the same otherwise.
fn join_renamed(changes: &mut Vec<ItemChange>) {
    let parent = |path: &str| path.rsplit_once("::").map(|(parent, _)| parent.to_owned());
    let gone = |change: &ItemChange| change.new.is_none();
    let is_new = |change: &ItemChange| change.old.is_none();
    let mut at = 0;
    while at < changes.len() {
        let of = |change: &ItemChange| (parent(&change.path), change.old.clone());
        let twin = gone(&changes[at]).then(|| {
            let was = of(&changes[at]);
            let mut others = changes.iter();
            others
                .position(|other| is_new(other) && (parent(&other.path), other.new.clone()) == was)
        });
        if let Some(Some(twin)) = twin {
            let name = changes[twin].path.rsplit("::").next();
            let name = name.unwrap_or_default().to_owned();
            changes[at].renamed = Some(name);
            changes.remove(twin);
            at -= usize::from(twin < at);
        }
        at += 1;
    }
}

/// Whether a parent of this item exists on this side only.
fn part_of_another(path: &str, here: &Entries, there: &Entries) -> bool {
    let mut parents = path.match_indices("::").map(|(at, _)| &path[..at]);
    parents.any(|above| here.contains_key(above) && !there.contains_key(above))
}
