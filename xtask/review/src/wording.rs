//! Texts used by both output formats.

use nicspecs::difference::{
    Change, Difference, Fact, Kind, Mention, Sort, StepChange, StepKind, Where,
};
use nicspecs::ir::Line;

use crate::compare::{Comparison, SpecKind};
use crate::files::{FileChange, FileKind};
use crate::items::{Effect, ItemChange};
use xtask_workspace::specs::count;

/// A fact that changed: `bits 25 -> 26`.
pub fn difference(difference: &Difference, arrow: &str) -> String {
    let Difference {
        aspect, old, new, ..
    } = difference;
    match (old.as_deref(), new.as_deref()) {
        (None, Some("")) => format!("{aspect} added"),
        (Some(""), None) => format!("{aspect} removed"),
        (None, Some(new)) => format!("{aspect} added: {new}"),
        (Some(old), None) => format!("{aspect} removed: {old}"),
        (old, new) => format!(
            "{aspect} {} {arrow} {}",
            old.unwrap_or_default(),
            new.unwrap_or_default()
        ),
    }
}

/// A change in short. Changed texts are listed by name only.
pub fn headline(change: &Change, arrow: &str) -> String {
    match &change.kind {
        Kind::Added(facts) | Kind::Removed(facts) => facts_in_short(facts),
        Kind::Renamed { from } => format!("renamed, was {from}"),
        Kind::Changed(differences) => {
            let (words, hardware): (Vec<_>, Vec<_>) = differences
                .iter()
                .partition(|each| each.sort == Sort::Words);
            let hardware = hardware.iter().map(|each| difference(each, arrow));
            hardware.chain(texts(&words)).collect::<Vec<_>>().join("; ")
        }
        Kind::Steps(steps) => count(steps.len(), "step"),
    }
}

/// `title and section in other words`.
fn texts(words: &[&Difference]) -> Option<String> {
    let names: Vec<&str> = words.iter().map(|each| each.aspect.as_str()).collect();
    (!names.is_empty()).then(|| format!("in other words: {}", names.join(", ")))
}

fn facts_in_short(facts: &[Fact]) -> String {
    let hardware = facts.iter().filter(|fact| fact.sort == Sort::Hardware);
    let facts = hardware.map(|fact| match fact.value.as_str() {
        "" => fact.aspect.clone(),
        value => format!("{} {value}", fact.aspect),
    });
    facts.collect::<Vec<_>>().join(", ")
}

/// `+`, `-` or `~`.
pub fn sign(change: &Change) -> char {
    match change.kind {
        Kind::Added(_) => '+',
        Kind::Removed(_) => '-',
        Kind::Renamed { .. } | Kind::Changed(_) | Kind::Steps(_) => '~',
    }
}

/// The sign of a step, what happened to it, and the parts that differ.
pub fn step(step: &StepChange, arrow: &str) -> (char, String, Vec<String>) {
    let StepChange { number, line, .. } = step;
    let at = format!("step {number} ({line})");
    let mut differing = Vec::new();
    let (sign, text) = match &step.kind {
        StepKind::Added => ('+', format!("{at} added")),
        StepKind::Removed => ('-', format!("step {number} (was {line}) removed")),
        StepKind::Moved(from) => ('~', format!("{at} moved, was step {from}")),
        StepKind::Words => ('~', format!("{at}: reason or section changed")),
        StepKind::Changed(parts) => {
            differing.extend(parts.iter().map(|part| {
                let [old, new] =
                    [&part.old, &part.new].map(|text| text.as_deref().unwrap_or("not named"));
                format!("{}: {old} {arrow} {new}", part.aspect)
            }));
            ('~', format!("{at} changed"))
        }
    };
    (sign, text, differing)
}

/// Where an item is used, and how.
pub fn place(mention: &Mention, gone: bool) -> String {
    let line = |line: Line| match gone {
        true => format!("was {line}"),
        false => line.to_string(),
    };
    match &mention.place {
        Where::Step {
            sequence,
            step,
            line: at,
        } => {
            let (at, does) = (line(*at), mention.does);
            format!("`{sequence}`, step {step} ({at}) {does} it")
        }
        Where::Order { line: at } => format!("order ({})", line(*at)),
        Where::Fact { subject, aspect } => match subject.to_string() == subject.chapter {
            true => format!("{subject}: `{aspect}`"),
            false => format!("{} `{subject}`: `{aspect}`", subject.chapter),
        },
    }
}

/// Whether a change's mentions are in the old state.
pub fn is_gone(change: &Change) -> bool {
    matches!(change.kind, Kind::Removed(_))
}

/// One line if no meaning changed; otherwise the compared states.
pub fn first_line(comparison: &Comparison) -> String {
    let (old, new) = &comparison.between;
    let form = comparison.form_only();
    match (comparison.has_changes(), form.as_slice()) {
        (true, _) => format!("From {old} to {new}:"),
        (false, []) => format!("No spec changed from {old} to {new}."),
        (false, files) => format!(
            "No change of meaning from {old} to {new}; in form only: {}.",
            files.join(", ")
        ),
    }
}

/// A note if the generator changed.
pub fn generator(comparison: &Comparison) -> Option<String> {
    let files = comparison.generator.len();
    (files > 0).then(|| {
        format!(
            "The generator itself changed ({}): both sides below are rendered by the current one.",
            count(files, "file")
        )
    })
}

/// A spec that was added or removed, or cannot be compared, in one line.
pub fn whole(kind: &SpecKind) -> Option<(char, String)> {
    match kind {
        SpecKind::Added(summary) => Some(('+', format!("new spec: {summary}"))),
        SpecKind::Removed(summary) => Some(('-', format!("spec removed: {summary}"))),
        SpecKind::Unreadable => Some(('!', "cannot be compared: see its errors".to_owned())),
        SpecKind::Changed(_) | SpecKind::Form => None,
    }
}

/// `+3 -1`, and whether the file is new or removed.
pub fn file(file: &FileChange) -> String {
    let lines = format!("+{} -{}", file.added, file.removed);
    match file.kind {
        FileKind::Added => format!("{lines}, new"),
        FileKind::Removed => format!("{lines}, gone"),
        FileKind::Changed => lines,
    }
}

/// The effect of an item's change on its users.
pub fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Breaking => "breaking",
        Effect::Other => "other value",
        Effect::Added => "new",
    }
}

/// The old and the new item.
pub fn item(item: &ItemChange, arrow: &str) -> String {
    match (&item.old, &item.new) {
        (Some(old), Some(new)) => format!("{old} {arrow} {new}"),
        (Some(old), None) => format!("{old} removed"),
        (None, Some(new)) => new.clone(),
        (None, None) => String::new(),
    }
}

/// Why there is no list of files.
pub const NOTHING_GENERATED: &str = "A spec has errors, so nothing would be generated.";
