//! Checks the chapters in which a NIC is written: runs their commands in a scratch workspace and compares the output.

use std::fs;
use std::iter;
use std::path::Path;

use clap::Parser;
use nicspecs::SpecFile;

use crate::{Task, lint, new_nic};
use xtask_generator::{Plan, render};
use xtask_workspace::specs;

/// A chapter in which a NIC is written.
struct Chapter {
    page: &'static str,
    /// For each run of lint, the top-level key up to which the spec is written, the rest being that of `new-nic`.
    written_up_to: &'static [Option<&'static str>],
}

const WITH_LIKE: Chapter = Chapter {
    page: "nic-in-an-afternoon.md",
    written_up_to: &[None, Some("constants"), Some("sequences"), Some("")],
};

const FROM_NOTHING: Chapter = Chapter {
    page: "nic-from-nothing.md",
    written_up_to: &[None, Some("descriptors"), Some("")],
};

impl Chapter {
    fn text(&self) -> String {
        fs::read_to_string(specs::root().join("docs/src").join(self.page)).unwrap()
    }
}

/// The NIC that a chapter writes.
struct Written {
    name: String,
    /// The finished spec.
    text: String,
    /// Whether it is one of the NICs with a driver, and not a toy of the tests.
    is_supported: bool,
}

impl Written {
    /// The NIC that the chapter begins by `new-nic`. If the chapter says which toy of the tests has its spec, that has
    /// another name and PCI id: whoever follows the chapter meets no NIC that is there already.
    fn by(chapter: &str) -> Self {
        let begun = commands(chapter);
        let mut begun = begun.iter().map(|(command, _)| command);
        let begun = begun.find(|command| command.contains("new-nic")).unwrap();
        let words: Vec<&str> = begun.split_whitespace().collect();
        let name = words[3].to_owned();
        let pci = words.iter().position(|word| *word == "--pci").unwrap();
        let specs = specs::with_toys().unwrap();
        let toy = specs.iter().find(|spec| {
            let path = format!("`{}`", spec.path.display());
            spec.is_toy() && chapter.contains(&path)
        });
        let Some(toy) = toy else {
            let spec = specs.into_iter().find(|spec| spec.stem() == name);
            return Self {
                name,
                text: spec.expect("a spec").text,
                is_supported: true,
            };
        };
        let [claim] = toy.claims().try_into().expect("one PCI id");
        let named = |name: &str| format!("name: {name}\n");
        let text = toy.text.replace(&named(&toy.stem()), &named(&name));
        Self {
            text: text.replace(&claim.id.to_string(), words[pci + 1]),
            name,
            is_supported: false,
        }
    }
}

/// The code blocks of a kind.
fn blocks<'a>(chapter: &'a str, kind: &str) -> Vec<&'a str> {
    let fence = format!("```{kind}\n");
    let blocks = chapter.split(&fence).skip(1);
    let blocks: Vec<_> = blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(!blocks.is_empty(), "no block of {kind}");
    blocks
}

/// The commands of the chapter, each with the output shown there.
fn commands(chapter: &str) -> Vec<(&str, Vec<&str>)> {
    let lines = blocks(chapter, "console").into_iter().flat_map(str::lines);
    lines.fold(Vec::new(), |mut found: Vec<(&str, Vec<&str>)>, line| {
        match line.strip_prefix("$ ") {
            Some(command) => found.push((command, Vec::new())),
            None => found.last_mut().expect("a command").1.push(line),
        }
        found
    })
}

/// Compares text in the chapter with the actual text. A line `...`, also as a comment, matches any lines.
fn assert_shows(shown: &[&str], there: &str) {
    let all = there;
    let mut there = all.lines().map(without_place);
    let mut any = false;
    for line in shown.iter().map(|line| without_place(line)) {
        if line.trim().trim_start_matches(['#', '/', ' ']) == "..." {
            any = true;
            continue;
        }
        let found = match any {
            true => there.any(|there| there == line),
            false => there.next().is_some_and(|there| there == line),
        };
        assert!(
            found,
            "the chapter shows a line that does not exist: {line}\nactual text:\n{all}"
        );
        any = false;
    }
    assert!(
        any || there.next().is_none(),
        "the chapter shows less than there is"
    );
}

/// A line of lint's output without the position, which changes whenever something is added above.
fn without_place(line: &str) -> String {
    let mut parts = line.splitn(4, ':');
    let (file, number) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    match file.ends_with(".yaml") && number.parse::<u32>().is_ok() {
        true => format!("{file}:{}", parts.nth(1).unwrap_or_default()),
        false => line.to_owned(),
    }
}

/// Compares a part of a file: any text may be before and after it.
fn assert_quotes(block: &str, file: &str) {
    let lines: Vec<_> = iter::once("...")
        .chain(block.lines())
        .chain(["..."])
        .collect();
    assert_shows(&lines, file);
}

fn spec(root: &Path, name: &str) -> SpecFile {
    let mut specs = specs::of(root).unwrap();
    let at = specs.iter().position(|spec| spec.stem() == name);
    specs.swap_remove(at.expect("the new spec"))
}

/// A spec that is written up to a top-level key, and begun after it.
fn written(whole: &str, begun: &str, key: &str) -> String {
    let rest = |text: &str| {
        let at = text.find(&format!("\n{key}:")).filter(|_| !key.is_empty());
        at.map_or(text.len(), |at| at + 1)
    };
    format!("{}{}", &whole[..rest(whole)], &begun[rest(begun)..])
}

fn runs(chapter: &Chapter) {
    let text = chapter.text();
    let scratch = tempfile::tempdir().unwrap();
    let (root, real) = (scratch.path(), specs::root());
    fs::create_dir(root.join("nicspecs")).unwrap();
    let mut stages = chapter.written_up_to.iter();
    let Written {
        name,
        text: whole,
        is_supported,
    } = Written::by(&text);
    let file = root.join(format!("nicspecs/{name}.yaml"));
    let mut begun = String::new();
    for (command, shown) in commands(&text) {
        let Some(arguments) = command.strip_prefix("cargo xtask ") else {
            continue;
        };
        let arguments = iter::once("cargo xtask").chain(arguments.split_whitespace());
        let task = Task::try_parse_from(arguments).unwrap_or_else(|error| panic!("{error}"));
        match task {
            Task::NewNic(task) => {
                let others = specs::all().unwrap().into_iter();
                for other in others.filter(|other| other.stem() != name) {
                    let file = format!("nicspecs/{}.yaml", other.stem());
                    fs::write(root.join(file), other.text).unwrap();
                }
                assert_shows(&shown, &new_nic::begin(root, &task).unwrap());
                begun = fs::read_to_string(&file).unwrap();
            }
            Task::Lint(_) => {
                if let Some(key) = stages.next().expect("as many stages as lints") {
                    fs::write(&file, written(&whole, &begun, key)).unwrap();
                }
                let (reports, verdict) = lint::checked(&[spec(root, &name)]);
                let mut there: String = reports.iter().map(|report| report.short()).collect();
                there.push_str(match reports.is_empty() {
                    true => "",
                    false => "Error:   × ",
                });
                assert_shows(&shown, &(there + &verdict));
            }
            Task::Gen(_) => {
                let plan = Plan::new(root, &[spec(root, &name)], true).unwrap();
                let plan = plan.unwrap_or_else(|_| panic!("the spec has errors"));
                assert_shows(&shown, &plan.write().unwrap());
                assert!(!plan.differences.is_empty());
                for file in plan.differences.iter().filter(|_| is_supported) {
                    let [ours, theirs] =
                        [root, &real].map(|root| fs::read_to_string(root.join(&file.path)));
                    assert_eq!(ours.unwrap(), theirs.unwrap(), "{}", file.path.display());
                }
            }
            _ => {}
        }
    }
    assert!(
        stages.next().is_none(),
        "a stage that the chapter leaves out"
    );
}

/// Compares the parts of the spec and of the driver in the chapter with these.
fn quotes(chapter: &Chapter) {
    let text = chapter.text();
    let Written {
        name, text: whole, ..
    } = Written::by(&text);
    for block in blocks(&text, "yaml") {
        assert_quotes(block, &whole);
    }
    let file = SpecFile::new(format!("{name}.yaml"), whole);
    let nic = file.among(&specs::all().unwrap()).compile().unwrap();
    let files = render::one(&nic).unwrap();
    let driver = files.iter().find(|(path, _)| path.ends_with("driver.rs"));
    let (_, driver) = driver.expect("a driver");
    for block in blocks(&text, "rust,ignore") {
        assert_quotes(block, driver);
    }
}

#[test]
fn the_commands_of_the_chapter_with_like_print_its_output() {
    runs(&WITH_LIKE);
}

#[test]
fn the_commands_of_the_chapter_from_nothing_print_its_output() {
    runs(&FROM_NOTHING);
}

#[test]
fn the_chapters_quote_their_specs_and_drivers() {
    quotes(&WITH_LIKE);
    quotes(&FROM_NOTHING);
}
