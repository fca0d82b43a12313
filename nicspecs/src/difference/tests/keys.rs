//! Another value of every key of the language is reported.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::super::{Side, between, facts};
use super::{files, shortest, side, specs};
use crate::diagnostic::{File, Findings, Span};
use crate::load::SpecFile;
use crate::schema::{self, Key, Type};
use crate::tree;

/// The text of every scalar and of every key of a text, with its place.
fn scalars(text: &str) -> Vec<(Span, String)> {
    let tree = tree::scan(text, File::Own, &mut Findings::default()).unwrap();
    let mut scalars: Vec<(Span, String)> = tree
        .maps()
        // Other keys are words of the language.
        .filter(|entry| entry.key.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|entry| (entry.key_span, entry.key.clone()))
        .collect();
    let mut open = vec![tree.root()];
    while let Some(node) = open.pop() {
        if let Some(text) = tree.text(node) {
            scalars.push((tree.span(node), text.to_owned()));
        }
        open.extend(tree.list(node).unwrap_or_default());
        open.extend(
            tree.map(node)
                .unwrap_or_default()
                .iter()
                .map(|entry| entry.value),
        );
    }
    scalars.sort_by_key(|(span, _)| span.start);
    scalars
}

/// Replacements for a scalar: each number in it changed, each name in it replaced by others of its kind, or
/// other words.
fn others(scalar: &str, names: &BTreeSet<String>) -> Vec<String> {
    const WORDS: [&[&str]; 16] = [
        &["rw", "ro", "wo", "rc", "w1c", "w1s"],
        &["host", "nic", "both"],
        &["true", "false"],
        &["queue", "device"],
        &["intx", "msi", "msix"],
        &["read", "write"],
        &["init", "start"],
        &["slot.address", "slot.length", "frame.length"],
        &["slot", "frame"],
        &["fail", "continue"],
        &["u8", "u16", "u32"],
        &[
            "rx_frames",
            "rx_bytes",
            "tx_frames",
            "tx_bytes",
            "rx_missed",
        ],
        &["set", "clear"],
        &["done_bit", "owner_bit"],
        &["ipv4", "tcp_ipv4", "udp_ipv4"],
        &["and", "or"],
    ];
    let mut others = Vec::new();
    let parts: Vec<(usize, &str)> = parts(scalar);
    for (at, part) in &parts {
        let mut replace = |with: &str| {
            let mut other = scalar.to_owned();
            other.replace_range(*at..at + part.len(), with);
            others.push(other);
        };
        let hex = part
            .strip_prefix("0x")
            .and_then(|digits| u64::from_str_radix(digits, 16).ok());
        if let Some(number) = hex {
            [number.wrapping_add(4), number ^ 1, number / 2]
                .iter()
                .for_each(|other| replace(&format!("{other:#x}")));
        } else if let Ok(number) = part.parse::<u64>() {
            [number + 1, number.saturating_sub(1), number * 2, number / 2]
                .iter()
                .for_each(|other| replace(&other.to_string()));
        } else if let Some(unit) = ["us", "ms"].iter().find(|unit| part.ends_with(**unit))
            && let Ok(count) = part[..part.len() - unit.len()].parse::<u64>()
        {
            replace(&format!("{}{unit}", count + 1));
            replace(&format!("{}{unit}", count / 2));
        } else if let Some(words) = WORDS.iter().find(|words| words.contains(part)) {
            words
                .iter()
                .filter(|word| *word != part)
                .for_each(|word| replace(word));
        } else if names.contains(*part) {
            names
                .range((*part).to_owned()..)
                .skip(1)
                .take(4)
                .for_each(|name| replace(name));
            names
                .range(..(*part).to_owned())
                .rev()
                .take(4)
                .for_each(|name| replace(name));
        }
    }
    // Conditions, whatever they name.
    others.push(format!("not ({scalar})"));
    // Sentences and free names.
    others.push(format!("{scalar} again"));
    others.push(format!("{scalar}1"));
    others
}

/// Words and numbers of a scalar with their places.
fn parts(scalar: &str) -> Vec<(usize, &str)> {
    let of_a_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut parts = Vec::new();
    let mut start = None;
    for (at, letter) in scalar.char_indices().chain([(scalar.len(), ' ')]) {
        match (start, of_a_part(letter)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                parts.push((from, &scalar[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    if scalar.contains('.') {
        parts.push((0, scalar));
    }
    parts
}

/// Changes each scalar of a spec in every way that gives another meaning, and returns how many there were. Fails on
/// those that the comparison does not report.
fn every_change_is_seen(name: &str, text: &str) -> usize {
    let old = side(name, text);
    let scalars = scalars(text);
    let names: BTreeSet<String> = scalars
        .iter()
        .map(|(_, text)| text.clone())
        .filter(|text| parts(text).len() == 1)
        .collect();
    let (next, seen) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut silent = Vec::new();
        while let Some((span, scalar)) = scalars.get(next.fetch_add(1, Ordering::Relaxed)) {
            let quoted = text[span.start..].starts_with(['"', '\'']);
            for other in others(scalar, &names) {
                let mut edited = text.to_owned();
                let with = if quoted {
                    format!("\"{other}\"")
                } else {
                    other
                };
                edited.replace_range(span.start..span.end, &with);
                let Ok(new) = Side::read(name, &edited) else {
                    continue;
                };
                if new.meant() == old.meant() {
                    continue;
                }
                seen.fetch_add(1, Ordering::Relaxed);
                if between(&old, &new).is_empty() {
                    let line = text[..span.start].lines().count();
                    silent.push(format!("{name}:{line}: `{scalar}` became `{with}`"));
                }
                // One replacement with another meaning is enough.
                break;
            }
        }
        silent
    };
    let silent: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    assert!(silent.is_empty(), "not reported:\n{}", silent.join("\n"));
    seen.into_inner()
}

#[test]
fn every_change_of_a_scalar_of_the_toy_spec_is_reported() {
    let seen = every_change_is_seen("toy.yaml", crate::diagnostic::TOY);
    assert!(seen > 400, "{seen} changes are too few");
}

#[test]
fn every_change_of_a_scalar_of_a_real_spec_is_reported() {
    let (name, text) = shortest();
    let seen = every_change_is_seen(&name, &text);
    // Whatever the spec is: at least one line of three has a value that can be another one.
    let lines = text.lines().count();
    assert!(
        seen * 3 > lines,
        "{seen} changes of {lines} lines are too few"
    );
}

/// Edits of a spec, each with the key of the language that it is about: for each value another one, for each list of
/// scalars another order, and for each empty list an item.
fn edits(text: &str) -> Vec<((&'static str, &'static str), String)> {
    let tree = tree::scan(text, File::Own, &mut Findings::default()).unwrap();
    let names: BTreeSet<String> = scalars(text)
        .into_iter()
        .map(|(_, text)| text)
        .filter(|text| parts(text).len() == 1)
        .collect();
    let mut edits = Vec::new();
    schema::walk(&tree, &mut |site| {
        let Some(key) = site.nearest_key() else {
            return;
        };
        let named = (key.name, key.doc());
        if let Some(scalar) = tree.text(site.node) {
            let span = tree.span(site.node);
            let quoted = text[span.start..].starts_with(['"', '\'']);
            for other in others(scalar, &names) {
                let mut edited = text.to_owned();
                let with = if quoted {
                    format!("\"{other}\"")
                } else {
                    other
                };
                edited.replace_range(span.start..span.end, &with);
                edits.push((named, edited));
            }
        }
        if tree.list(site.node).is_some_and(<[_]>::is_empty) {
            let key = tree.key_span(site.node).end;
            if let Some(empty) = text[key..].find("[]") {
                let mut edited = text.to_owned();
                edited.insert(key + empty + 1, 'A');
                edits.push((named, edited));
            }
        }
        // Flow collections stand on one line, so their items can be exchanged as texts.
        if let Some([first, .., last]) = tree.list(site.node)
            && let (Some(_), Some(_)) = (tree.text(*first), tree.text(*last))
        {
            let (first, last) = (tree.span(*first), tree.span(*last));
            let (one, other) = (&text[first.start..first.end], &text[last.start..last.end]);
            let mut edited = text.to_owned();
            edited.replace_range(last.start..last.end, one);
            edited.replace_range(first.start..first.end, other);
            edits.push((named, edited));
        }
    });
    edits
}

/// Keys without another value that a comparison could show.
const FIXED: [&str; 4] = [
    // It has one value.
    "barrier", // Steps are compared by their meaning: see the test below.
    "run",
    // These are the identity of a spec: another file, and what it inherits, which is compared as if it were its own.
    "like", "name",
];

/// A key that is added to the language is covered without an edit of this test.
#[test]
fn another_value_of_every_key_is_reported_or_said_to_have_no_effect() {
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut silent = BTreeSet::new();
    let mut specs: Vec<(String, String)> = specs();
    // The toy is the shortest, and has most keys.
    specs.reverse();
    // The others take longer, and show nothing more.
    for (name, text) in [&specs[0], &shortest()] {
        let old = side(name, text);
        for (key, edited) in edits(text) {
            if seen.contains(&key) {
                continue;
            }
            let file = SpecFile::new(name, &edited).among(files());
            let Ok(new) = file.side() else {
                continue;
            };
            if new.meant() == old.meant() {
                continue;
            }
            seen.insert(key);
            if between(&old, &new).is_empty() {
                silent.insert(key);
            }
        }
    }
    // Where no other value is allowed without more edits, the facts show it anyway.
    for (name, text) in &specs {
        let Some(old) = side(name, text).with_text(text) else {
            continue;
        };
        let facts = |side: &Side| format!("{:?}", facts::items(side));
        let before = facts(&old);
        for (key, edited) in edits(text) {
            if seen.contains(&key) {
                continue;
            }
            if old
                .with_text(&edited)
                .is_some_and(|new| facts(&new) != before)
            {
                seen.insert(key);
            }
        }
    }
    assert_eq!(silent, BTreeSet::new(), "not reported");
    // A key that no spec has is added to a map that may have it.
    for (name, text) in &specs {
        let Some(old) = side(name, text).with_text(text) else {
            continue;
        };
        let facts = |side: &Side| format!("{:?}", facts::items(side));
        let before = facts(&old);
        for (key, edited) in additions(text) {
            if !seen.contains(&key)
                && old
                    .with_text(&edited)
                    .is_some_and(|new| facts(&new) != before)
            {
                seen.insert(key);
            }
        }
    }
    let missing: BTreeSet<(&str, &str)> = (specs.iter().flat_map(|(_, text)| possible(text)))
        .filter(|key| is_value(key.ty) && !FIXED.contains(&key.name))
        .map(|key| (key.name, key.doc()))
        .filter(|key| !seen.contains(key))
        .collect();
    assert_eq!(missing, BTreeSet::new());
}

/// The keys that the maps of a spec may have.
fn possible(text: &str) -> Vec<&'static Key> {
    let tree = tree::scan(text, File::Own, &mut Findings::default()).unwrap();
    let mut possible: Vec<&Key> = schema::spec().keys.iter().collect();
    schema::walk(&tree, &mut |site| {
        possible.extend(site.keys(&tree).unwrap_or_default())
    });
    possible
}

/// For each map of a spec and each key that it may have and lacks, the text with that key.
fn additions(text: &str) -> Vec<((&'static str, &'static str), String)> {
    let tree = tree::scan(text, File::Own, &mut Findings::default()).unwrap();
    let mut additions = Vec::new();
    schema::walk(&tree, &mut |site| {
        let Some(first) = tree.map(site.node).and_then(|entries| entries.first()) else {
            return;
        };
        let start = first.key_span.start;
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let is_flow = text[..start].trim_end().ends_with('{');
        let separator = match is_flow {
            true => ", ".to_owned(),
            false => format!("\n{}", " ".repeat(start - line)),
        };
        for key in site.keys(&tree).unwrap_or_default() {
            if tree.get(site.node, key.name).is_some() || !is_value(key.ty) {
                continue;
            }
            let value = match key.ty {
                Type::List(_) => "[A, B]",
                Type::Names(..) => "{ A: 1 }",
                _ => "77",
            };
            let mut with = text.to_owned();
            with.insert_str(start, &format!("{}: {value}{separator}", key.name));
            additions.push(((key.name, key.doc()), with));
        }
    });
    additions
}

/// Whether the value of a key is a scalar, or a list or map of scalars: what else a key has below it are other keys.
fn is_value(ty: Type) -> bool {
    match ty {
        Type::List(ty) | Type::Names(_, ty) => is_value(*ty),
        Type::Either(one, other) => is_value(*one) || is_value(*other),
        Type::Map(_) | Type::Choice(_) => false,
        _ => true,
    }
}

#[test]
fn a_step_that_runs_another_sequence_is_another_step() {
    let start = crate::TOY.find("  phy.read:\n").unwrap();
    let end = crate::TOY.find("  mac.read:\n").unwrap();
    let copy = crate::TOY[start..end].replace("phy.read", "phy.peek");
    let old = crate::TOY.replace("  mac.read:\n", &format!("{copy}  mac.read:\n"));
    let new = old.replace("- run: phy.read", "- run: phy.peek");
    let changes = between(&side("toy.yaml", &old), &side("toy.yaml", &new));
    let said = format!("{changes:?}");
    assert!(
        said.contains("run phy.read") && said.contains("run phy.peek"),
        "{said}"
    );
}
