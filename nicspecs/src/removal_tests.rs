//! Whatever key is removed from whatever spec, an error names it; what may be absent is listed in the language reference.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::Findings;
use crate::tree::{File, Kind, NodeId, Tree};
use crate::{SpecFile, check, lower, tree};

/// A key of a spec.
struct Key {
    /// Keys and places in lists that lead to it, from the top.
    path: Vec<String>,
    map: NodeId,
    name: String,
    value: NodeId,
    /// Whether nothing else stands in the same map.
    alone: bool,
}

fn keys(tree: &Tree, node: NodeId, path: &mut Vec<String>, found: &mut Vec<Key>) {
    let below = match tree.kind(node) {
        Kind::Scalar { .. } => return,
        Kind::List(items) => (0..)
            .map(|at: usize| at.to_string())
            .zip(items.iter().copied())
            .collect::<Vec<_>>(),
        Kind::Map(entries) => {
            found.extend(entries.iter().map(|entry| Key {
                path: path.iter().chain([&entry.key]).cloned().collect(),
                map: node,
                name: entry.key.clone(),
                value: entry.value,
                alone: entries.len() == 1,
            }));
            entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.value))
                .collect()
        }
    };
    for (segment, value) in below {
        path.push(segment);
        keys(tree, value, path, found);
        path.pop();
    }
}

/// What is said of a spec without one of its keys; nothing if it compiles.
fn said_without(stem: &str, tree: &mut Tree, key: &Key) -> Option<String> {
    tree.without(key.map, &key.name, |mutant| {
        let mut findings = Findings::default();
        let draft = lower::lower(mutant, stem, &mut findings);
        check::run(&draft, &mut findings);
        let compiles = lower::finish(draft).is_some() && findings.is_empty();
        (!compiles).then(|| findings.said())
    })
}

/// The words of a text: names, numbers, and bits such as `63:0`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let joins = |c: char| c.is_alphanumeric() || "_:.".contains(c);
    let whole = text
        .split(move |c: char| !joins(c))
        .map(|word| word.trim_matches([':', '.']));
    whole.flat_map(|word| [word].into_iter().chain(word.split('.')))
}

/// Everything that stands below a key, as words.
fn content<'a>(tree: &'a Tree, node: NodeId, found: &mut BTreeSet<&'a str>) {
    match tree.kind(node) {
        Kind::Scalar { text, .. } => found.extend(words(text)),
        Kind::List(items) => items.iter().for_each(|&item| content(tree, item, found)),
        Kind::Map(entries) => {
            let prose = ["doc", "why", "title", "section"];
            for entry in entries
                .iter()
                .filter(|entry| !prose.contains(&entry.key.as_str()))
            {
                found.extend(words(&entry.key));
                content(tree, entry.value, found);
            }
        }
    }
}

/// Whether what is said names a key: by itself; by what it held, where that is what is missed now; or, if nothing else
/// stood in its map, by the key of that map.
fn names(said: &str, tree: &Tree, key: &Key) -> bool {
    let said: BTreeSet<&str> = words(said).collect();
    let mut own: BTreeSet<&str> = words(&key.name).collect();
    content(tree, key.value, &mut own);
    // A number names nothing but a bit of a descriptor, which somebody has to have.
    let is_bits = key.path.first().is_some_and(|part| part == "descriptors");
    own.retain(|word| is_bits || word.len() > 1 && word.parse::<u32>().is_err());
    let above = key.path.iter().rev().nth(1).filter(|_| key.alone);
    own.iter().any(|word| said.contains(word))
        || said.contains(key.name.as_str())
        || above.is_some_and(|above| words(above).any(|word| said.contains(word)))
}

/// Paths of keys that may be absent, from the table in the language reference.
fn optional() -> Vec<Vec<&'static str>> {
    let page = include_str!("../../docs/src/spec-language.md");
    let (_, section) = page
        .split_once("\n## Keys that may be absent\n")
        .expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap_or_default());
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(|path| path.split(" / ").collect())
        .collect()
}

/// Whether a pattern fits a path: `*` stands for one key or place in a list, `**` for any number of them.
fn fits(pattern: &[&str], path: &[String]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            fits(rest, path)
                || path
                    .split_first()
                    .is_some_and(|(_, path)| fits(pattern, path))
        }
        (Some((wanted, rest)), Some((key, path))) => {
            (*wanted == "*" || wanted == key) && fits(rest, path)
        }
        _ => false,
    }
}

/// What was found out about some keys of one spec.
#[derive(Default)]
struct Outcome {
    named: usize,
    absent: BTreeMap<usize, usize>,
    wrong: Vec<String>,
}

fn examine(spec: &SpecFile, tree: &Tree, keys: &[Key], optional: &[Vec<&str>]) -> Outcome {
    let (mut outcome, mut tree, stem) = (Outcome::default(), tree.clone(), spec.stem());
    for key in keys {
        let path = key.path.join(" / ");
        match said_without(&stem, &mut tree, key) {
            Some(said) if names(&said, &tree, key) => outcome.named += 1,
            Some(said) => outcome
                .wrong
                .push(format!("{}: {path}: nobody names it:\n{said}", spec.stem())),
            None => match optional.iter().position(|pattern| fits(pattern, &key.path)) {
                Some(pattern) => *outcome.absent.entry(pattern).or_default() += 1,
                None => outcome
                    .wrong
                    .push(format!("{}: {path}: nobody misses it", spec.stem())),
            },
        }
    }
    outcome
}

#[test]
fn removing_any_key_from_any_spec_is_an_error_that_names_it() {
    let mut specs = crate::load_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    specs.push(SpecFile::new("toy.yaml", crate::TOY));
    let optional = optional();
    let (mut named, mut absent, mut wrong) = (0, BTreeMap::new(), Vec::new());
    for spec in &specs {
        // A spec that is like another one answers for its own keys; a key that its parent has is inherited instead.
        if spec.parent().is_some() {
            continue;
        }
        let tree = tree::scan(&spec.text, File::Own, &mut Findings::default()).unwrap();
        let mut all = Vec::new();
        keys(&tree, tree.root(), &mut Vec::new(), &mut all);
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let work = all.chunks(all.len().div_ceil(workers));
            let (tree, optional) = (&tree, &optional);
            let threads: Vec<_> = work
                .map(|keys| scope.spawn(move || examine(spec, tree, keys, optional)))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        for outcome in outcomes {
            named += outcome.named;
            wrong.extend(outcome.wrong);
            for (pattern, keys) in outcome.absent {
                *absent.entry(pattern).or_default() += keys;
            }
        }
    }
    let few: Vec<_> = wrong.iter().take(40).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} keys:\n{}",
        wrong.len(),
        few.join("\n")
    );
    let idle: Vec<_> = (0..optional.len())
        .filter(|pattern| !absent.contains_key(pattern))
        .map(|pattern| optional[pattern].join(" / "))
        .collect();
    assert!(idle.is_empty(), "no spec needs these exceptions: {idle:#?}");
    let absent: usize = absent.values().sum();
    println!("{named} keys are named, {absent} may be absent");
    assert!(
        named > 2 * absent,
        "{named} keys are named, {absent} may be absent"
    );
}
