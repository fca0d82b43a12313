//! Removes each key of each spec in turn. Each time, either a rule must report an error that names the key, or
//! `gen --check` must show a stale line that contains it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use nicspecs::SpecFile;
use nicspecs::ir::Nic;
use nicspecs::removal::{Key, Removal};
use similar::{ChangeTag, TextDiff};
use xtask_generator::outputs::Outputs;
use xtask_generator::{pages, render, rustfmt};
use xtask_workspace::specs;

/// The words of a text: names, numbers, and bits such as `63:0`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let joins = |c: char| c.is_alphanumeric() || "_:.".contains(c);
    let whole = text
        .split(move |c: char| !joins(c))
        .map(|word| word.trim_matches([':', '.']));
    let parts = whole.flat_map(|word| [word].into_iter().chain(word.split('.')));
    parts.filter(|word| !word.is_empty())
}

/// The value of a word that is a number.
fn number(word: &str) -> Option<u64> {
    let digits = word.replace('_', "");
    match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    }
}

/// The common form of a word in specs and generated code: that of `RX_MISSED`, `RxMissed` and `with_rx_missed` is the
/// same, and so is that of `0x10` and `16`.
fn spelt(word: &str) -> String {
    match number(word) {
        Some(number) => number.to_string(),
        None => {
            let bare = word.strip_prefix("with_").unwrap_or(word);
            bare.replace('_', "").to_lowercase()
        }
    }
}

/// The words of generated text, in their common form.
fn generated_words(text: &str) -> impl Iterator<Item = String> {
    text.split("::").flat_map(words).map(spelt)
}

/// Whether the message of a rule names a key: by the key itself; by its value, if the rule misses the value; or, if it
/// was the only key of its map, by the key of that map.
fn said_names(said: &str, key: &Key) -> bool {
    let said: BTreeSet<&str> = words(said).collect();
    let mut own: BTreeSet<&str> = key.facts.iter().flat_map(|text| words(text)).collect();
    own.extend(words(key.name()));
    // A number names only a bit of a descriptor, which must belong to a field.
    let is_bits = key.path.first().is_some_and(|part| part == "descriptors");
    own.retain(|word| is_bits || word.len() > 1 && word.parse::<u32>().is_err());
    let above = key.path.iter().rev().nth(1).filter(|_| key.alone);
    own.iter().any(|word| said.contains(word))
        || said.contains(key.name())
        || above.is_some_and(|above| words(above).any(|word| said.contains(word)))
}

/// The words of the lines of a diff.
struct Shown {
    /// On removed lines.
    gone: BTreeSet<String>,
    /// On removed and added lines.
    all: BTreeSet<String>,
}

impl Shown {
    /// Whether they name a key. Of a sentence, every word must be on a removed line.
    fn names(&self, key: &Key) -> bool {
        let facts = key.facts.iter().flat_map(|text| words(text));
        if key.name() == "like" {
            // Any line may show what is no longer inherited.
            return !self.gone.is_empty();
        }
        let inherited = key.inherited.as_ref();
        if inherited.is_some_and(|inherited| self.shows_instead(key, inherited)) {
            return true;
        }
        if key.is_prose() {
            let mut prose = key.prose.iter().flat_map(|text| words(text));
            return prose.all(|word| self.gone.contains(&spelt(word)));
        }
        let above = key.path.iter().rev().nth(1).filter(|_| key.alone);
        let mut names = facts.chain(above.into_iter().flat_map(|above| words(above)));
        let near = || {
            let near = key.path.iter().rev().take(2);
            near.flat_map(|key| words(key))
                .any(|word| self.all.contains(&spelt(word)))
        };
        words(key.name()).any(|word| number(word).is_none() && self.all.contains(&spelt(word)))
            || names.any(|word| match number(word) {
                // A large number that has disappeared is the removed one. Small numbers are frequent, so they must
                // disappear from a line with their key, or with the key above it.
                Some(number) => self.gone.contains(&spelt(word)) && (number >= 100 || near()),
                None => word.len() > 1 && self.all.contains(&spelt(word)),
            })
    }
}

impl Shown {
    /// Whether they show an inherited value in the place of that of a key: words that only the key's value has are on
    /// removed lines and, unless it is prose, words that only the inherited value has are on lines that differ, or the key
    /// or what has it.
    fn shows_instead(&self, key: &Key, inherited: &[String]) -> bool {
        let own: Vec<&String> = key.facts.iter().chain(&key.prose).collect();
        let only_theirs = inherited.iter().filter(|text| !own.contains(text));
        let only_own = own.iter().filter(|text| !inherited.contains(text));
        let mut only_theirs = only_theirs.flat_map(|text| words(text)).map(spelt);
        let mut only_own = only_own.flat_map(|text| words(text)).map(spelt);
        if key.is_prose() {
            let theirs: BTreeSet<String> = inherited
                .iter()
                .flat_map(|text| words(text))
                .map(spelt)
                .collect();
            return !self.gone.is_empty()
                && only_own.all(|word| theirs.contains(&word) || self.gone.contains(&word));
        }
        let near = key.path.iter().rev().take(2).flat_map(|key| words(key));
        let mut near = near.map(spelt).filter(|word| number(word).is_none());
        near.any(|word| self.all.contains(&word))
            || only_own.any(|word| self.gone.contains(&word))
                && only_theirs.any(|word| self.all.contains(&word))
    }
}

/// Everything that is generated for one NIC, before rustfmt.
fn rendered(nic: &Nic) -> Outputs {
    let nics = std::slice::from_ref(nic);
    let mut outputs = render::unformatted(nics).unwrap();
    outputs.extend(render::freebsd(nics, true).unwrap());
    outputs.extend(pages::of(nics).unwrap());
    outputs
}

/// The old and new texts of files that differ; the text of a missing file is empty.
fn different<'a>(
    old: &'a Outputs,
    new: &'a Outputs,
) -> impl Iterator<Item = (&'a PathBuf, &'a str, &'a str)> {
    let paths: BTreeSet<&PathBuf> = old.keys().chain(new.keys()).collect();
    let text = |outputs: &'a Outputs, path| outputs.get(path).map_or("", String::as_str);
    paths
        .into_iter()
        .map(move |path| (path, text(old, path), text(new, path)))
        .filter(|(_, old, new)| old != new)
}

/// Two texts without their common first and last lines.
fn trimmed<'a>(mut old: &'a str, mut new: &'a str) -> (&'a str, &'a str) {
    while let (Some((a, rest_old)), Some((b, rest_new))) =
        (old.split_once('\n'), new.split_once('\n'))
        && a == b
    {
        (old, new) = (rest_old, rest_new);
    }
    while let (Some((rest_old, a)), Some((rest_new, b))) =
        (old.rsplit_once('\n'), new.rsplit_once('\n'))
        && a == b
    {
        (old, new) = (rest_old, rest_new);
    }
    (old, new)
}

/// Words whose number has changed. However rustfmt breaks the lines, these words are on lines that differ.
fn counted(old: &Outputs, new: &Outputs) -> Shown {
    let mut counts: BTreeMap<String, i32> = BTreeMap::new();
    for (_, old, new) in different(old, new) {
        let (old, new) = trimmed(old, new);
        for word in generated_words(old) {
            *counts.entry(word).or_default() -= 1;
        }
        for word in generated_words(new) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let words = |wanted: fn(i32) -> bool| {
        let words = counts.iter().filter(|(_, count)| wanted(**count));
        words.map(|(word, _)| word.clone()).collect()
    };
    Shown {
        gone: words(|count| count < 0),
        all: words(|count| count != 0),
    }
}

/// The words on the lines that differ in formatted files.
fn lines(old: &Outputs, new: &Outputs) -> Shown {
    let mut shown = Shown {
        gone: BTreeSet::new(),
        all: BTreeSet::new(),
    };
    for (_, old, new) in different(old, new) {
        let diff = TextDiff::from_lines(old, new);
        for change in diff.iter_all_changes() {
            if change.tag() != ChangeTag::Equal {
                shown.all.extend(generated_words(change.value()));
            }
            if change.tag() == ChangeTag::Delete {
                shown.gone.extend(generated_words(change.value()));
            }
        }
    }
    shown
}

/// Results for some keys of a spec.
#[derive(Default)]
struct Outcome<'k> {
    by_rules: usize,
    by_lines: usize,
    /// Keys that need formatted lines, with the files that differ.
    open: Vec<(&'k Key, Outputs)>,
    wrong: Vec<String>,
}

fn examine<'k>(
    removal: &mut Removal,
    whole: &Outputs,
    keys: impl Iterator<Item = &'k Key>,
) -> Outcome<'k> {
    let mut outcome = Outcome::default();
    for key in keys {
        let nic = match removal.without(key) {
            Ok(nic) => nic,
            Err(said) if said.is_near || said_names(&said.text, key) => {
                outcome.by_rules += 1;
                continue;
            }
            Err(said) => {
                let path = key.path.join(" / ");
                outcome
                    .wrong
                    .push(format!("{path}: no rule names it:\n{}", said.text));
                continue;
            }
        };
        let new = rendered(&nic);
        if counted(whole, &new).names(key) {
            outcome.by_lines += 1;
            continue;
        }
        let changed = different(whole, &new).map(|(path, _, new)| (path.clone(), new.to_owned()));
        outcome.open.push((key, changed.collect()));
    }
    outcome
}

/// Determines the output of `gen --check` for the open keys, with one run of rustfmt for all of them.
fn decide(outcome: &mut Outcome<'_>, whole: &Outputs) {
    // rustfmt follows module declarations. Files with some are not formatted, since they nearly are already.
    let place = |folder: &str, path: &PathBuf| match path.ends_with("mod.rs") {
        true => PathBuf::from(folder).join(path).with_extension("txt"),
        false => PathBuf::from(folder).join(path),
    };
    let mut formatted = Outputs::new();
    let mut add = |folder: &str, files: &Outputs| {
        let files = files.iter().filter(|(_, text)| !text.is_empty());
        formatted.extend(files.map(|(path, text)| (place(folder, path), text.clone())));
    };
    let concerned: BTreeSet<&PathBuf> = outcome
        .open
        .iter()
        .flat_map(|(_, files)| files.keys())
        .collect();
    let whole = whole.iter().filter(|(path, _)| concerned.contains(path));
    let whole = whole.map(|(path, text)| (path.clone(), text.clone()));
    add("whole", &whole.collect());
    for (at, (_, files)) in outcome.open.iter().enumerate() {
        add(&at.to_string(), files);
    }
    rustfmt::format(&mut formatted).unwrap();
    let text = |folder: &str, path: &PathBuf| {
        let text = formatted.get(&place(folder, path));
        (path.clone(), text.cloned().unwrap_or_default())
    };
    for (at, (key, files)) in std::mem::take(&mut outcome.open).into_iter().enumerate() {
        let old = files.keys().map(|path| text("whole", path)).collect();
        let new = files
            .keys()
            .map(|path| text(&at.to_string(), path))
            .collect();
        let path = key.path.join(" / ");
        if files.is_empty() {
            outcome
                .wrong
                .push(format!("{path}: neither a rule nor `gen --check` notices"));
        } else if lines(&old, &new).names(key) {
            outcome.by_lines += 1;
        } else {
            let shown = lines(&old, &new);
            outcome.wrong.push(format!(
                "{path}: no stale line names it: {:?}",
                shown.all.iter().take(20).collect::<Vec<_>>()
            ));
        }
    }
}

#[test]
fn removing_any_key_from_any_spec_is_reported() {
    let mut specs = specs::with_toys().unwrap();
    specs.push(SpecFile::new("toy.yaml", nicspecs::TOY));
    let (mut by_rules, mut by_lines, mut wrong) = (0, 0, Vec::new());
    for spec in &specs {
        let removal = Removal::new(spec).unwrap();
        let whole = rendered(&spec.compile().unwrap());
        let keys = removal.keys();
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let outcomes: Vec<Outcome<'_>> = std::thread::scope(|scope| {
            // Keys of a chapter take alike long, so each thread has some of every chapter.
            let threads = (0..workers).map(|worker| {
                let (mut removal, whole) = (removal.clone(), &whole);
                let keys = keys.iter().skip(worker).step_by(workers);
                scope.spawn(move || {
                    let mut outcome = examine(&mut removal, whole, keys);
                    decide(&mut outcome, whole);
                    outcome
                })
            });
            let threads: Vec<_> = threads.collect();
            let done = threads.into_iter().map(|thread| thread.join().unwrap());
            done.collect()
        });
        for outcome in outcomes {
            by_rules += outcome.by_rules;
            by_lines += outcome.by_lines;
            let named = |wrong| format!("{}: {wrong}", spec.stem());
            wrong.extend(outcome.wrong.into_iter().map(named));
        }
    }
    println!("{by_rules} keys are named by rules, {by_lines} by stale lines");
    assert!(
        wrong.is_empty(),
        "{} keys:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(by_rules > 0 && by_lines > 0);
}
