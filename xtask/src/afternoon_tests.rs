//! Checks the chapter *A NIC in an afternoon*: runs its commands in a scratch workspace and compares the output.

use std::fs;
use std::iter;
use std::path::Path;

use clap::Parser;
use nicspecs::SpecFile;

use crate::{Task, lint, new_nic};
use xtask_generator::Plan;
use xtask_workspace::specs;

/// For each lint run of the chapter, the top-level key at which the spec ends; for the first, it is the output of
/// `new-nic`.
const WRITTEN_UP_TO: [Option<&str>; 4] = [None, Some("constants"), Some("sequences"), Some("")];

fn chapter() -> String {
    fs::read_to_string(specs::root().join("docs/src/nic-in-an-afternoon.md")).unwrap()
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

#[test]
fn the_commands_of_the_chapter_print_its_output() {
    let chapter = chapter();
    let scratch = tempfile::tempdir().unwrap();
    let (root, real) = (scratch.path(), specs::root());
    fs::create_dir(root.join("nicspecs")).unwrap();
    let mut stages = WRITTEN_UP_TO.into_iter();
    let (mut name, mut whole) = (String::new(), String::new());
    for (command, shown) in commands(&chapter) {
        let Some(arguments) = command.strip_prefix("cargo xtask ") else {
            continue;
        };
        let arguments = iter::once("cargo xtask").chain(arguments.split_whitespace());
        let task = Task::try_parse_from(arguments).unwrap_or_else(|error| panic!("{error}"));
        match task {
            Task::NewNic(task) => {
                name = command.split_whitespace().nth(3).unwrap().to_owned();
                let others = specs::all().unwrap().into_iter();
                for other in others.filter(|other| other.stem() != name) {
                    let file = format!("nicspecs/{}.yaml", other.stem());
                    fs::write(root.join(file), other.text).unwrap();
                }
                whole = spec(&real, &name).text;
                assert_shows(&shown, &new_nic::begin(root, &task).unwrap());
            }
            Task::Lint(_) => {
                if let Some(key) = stages.next().expect("as many stages as lints") {
                    let end = whole.find(&format!("\n{key}:")).filter(|_| !key.is_empty());
                    let written = &whole[..end.map_or(whole.len(), |end| end + 1)];
                    let file = format!("nicspecs/{name}.yaml");
                    fs::write(root.join(file), written).unwrap();
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
                for file in &plan.differences {
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

#[test]
fn the_chapter_quotes_the_spec_and_the_driver() {
    let (chapter, root) = (chapter(), specs::root());
    let begun = commands(&chapter);
    let begun = begun
        .iter()
        .find(|(command, _)| command.contains("new-nic"));
    let name = begun.unwrap().0.split_whitespace().nth(3).unwrap();
    let spec = spec(&root, name);
    for block in blocks(&chapter, "yaml") {
        assert_quotes(block, &spec.text);
    }
    let driver = root.join(format!("generated/src/nic_{name}/driver.rs"));
    let driver = fs::read_to_string(driver).unwrap();
    for block in blocks(&chapter, "rust,ignore") {
        assert_quotes(block, &driver);
    }
}
