//! Texts used by both output formats.

use nicspecs::difference::{
    Change, Difference, Fact, Kind, Mention, Sort, StepChange, StepKind, Where,
};
use nicspecs::ir::Line;

use crate::compare::{Committed, Comparison, Shown, SpecChange, SpecKind, Why};
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

/// A change in short: the facts about the hardware with their old and new values, and texts by their keys.
pub fn headline(change: &Change, arrow: &str) -> String {
    match &change.kind {
        Kind::Added(facts) | Kind::Removed(facts) => facts_in_short(facts),
        Kind::Renamed { from } => format!("new name, was {from}"),
        Kind::RenamedValue { from, to } => format!("value {from} has the new name {to}"),
        Kind::Changed(differences) => {
            let words = differences
                .iter()
                .filter(|each| each.sort != Sort::Hardware);
            let words: Vec<&Difference> = words.collect();
            let hardware = Some(hardware(change, arrow)).filter(|text| !text.is_empty());
            let all: Vec<String> = hardware.into_iter().chain(texts(&words)).collect();
            all.join("; ")
        }
        Kind::Steps(steps) => steps_in_short(steps),
    }
}

/// `1 step added, 2 changed`.
fn steps_in_short(steps: &[StepChange]) -> String {
    let what = |step: &StepChange| match step.kind {
        StepKind::Added => "added",
        StepKind::Removed => "removed",
        StepKind::Moved(_) => "moved",
        StepKind::Changed(_) => "changed",
        StepKind::Words => "in other words",
    };
    let number = |all: &str| steps.iter().filter(|step| what(step) == all).count();
    let all = ["added", "removed", "moved", "changed", "in other words"];
    let counted = all.iter().map(|what| (what, number(what)));
    let counted = counted.filter(|(_, number)| *number > 0).enumerate();
    let counted: Vec<String> = counted
        .map(|(place, (what, number))| match place {
            0 => format!("{} {what}", count(number, "step")),
            _ => format!("{number} {what}"),
        })
        .collect();
    counted.join(", ")
}

/// The facts about the hardware that differ, without the texts.
fn hardware(change: &Change, arrow: &str) -> String {
    let Kind::Changed(differences) = &change.kind else {
        return headline(change, arrow);
    };
    let hardware = differences
        .iter()
        .filter(|each| each.sort == Sort::Hardware);
    let hardware: Vec<String> = hardware.map(|each| difference(each, arrow)).collect();
    hardware.join("; ")
}

/// The keys of texts that changed, and of lists with another order: `other words: title, doc`.
fn texts(words: &[&Difference]) -> Option<String> {
    let (order, words): (Vec<_>, Vec<_>) = words.iter().partition(|each| each.sort == Sort::Order);
    let names = |all: &[&&Difference]| -> Vec<String> {
        all.iter().map(|each| each.aspect.clone()).collect()
    };
    let mut said = Vec::new();
    if !words.is_empty() {
        said.push(format!("other words: {}", names(&words).join(", ")));
    }
    if !order.is_empty() {
        said.push(format!("{}, which has no effect", names(&order).join(", ")));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// Up to so many things that changed without effect are named; more are counted.
const NAMED: usize = 8;

/// What changed without effect, in one line: each register, step and so on with the keys of its texts, or their number.
pub fn without_effect(changes: &[Shown]) -> Option<String> {
    let changes = changes.iter().filter(|shown| shown.change.is_words());
    let said: Vec<String> = changes
        .map(|Shown { change, .. }| {
            let subject = &change.subject;
            match &change.kind {
                Kind::Changed(differences) => {
                    let names = differences.iter().map(|each| each.aspect.as_str());
                    format!("`{subject}` ({})", names.collect::<Vec<_>>().join(", "))
                }
                Kind::Steps(steps) => {
                    let steps = steps.iter().map(|step| step.number.as_str());
                    let steps = steps.collect::<Vec<_>>().join(", ");
                    format!("`{subject}` (reason or section of step {steps})")
                }
                _ => format!("`{subject}`"),
            }
        })
        .collect();
    match said.len() {
        0 => None,
        few if few <= NAMED => Some(format!(
            "Without effect on driver and device: {}.",
            said.join(", ")
        )),
        many => Some(format!(
            "Without effect on driver and device: titles, reasons, section numbers or orders of lists, of {many} things."
        )),
    }
}

/// Which specs inherit the change, and which heirs of the changed spec do not.
pub fn heirs(shown: &Shown) -> Option<String> {
    let names = |names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let verb = |names: &[String]| {
        if names.len() == 1 {
            "inherits"
        } else {
            "inherit"
        }
    };
    let (heirs, others) = (&shown.heirs, &shown.others);
    let not = match others.len() {
        1 => "does not: it has its own",
        _ => "do not: they have their own",
    };
    match (heirs.is_empty(), others.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{} {} this change.", names(heirs), verb(heirs))),
        (true, false) => Some(format!(
            "No spec inherits this change; {} {not}.",
            names(others)
        )),
        (false, false) => Some(format!(
            "{} {} this change; {} {not}.",
            names(heirs),
            verb(heirs),
            names(others)
        )),
    }
}

fn facts_in_short(facts: &[Fact]) -> String {
    let hardware = facts
        .iter()
        .filter(|fact| fact.sort == Sort::Hardware && fact.stated);
    let facts = hardware.map(|fact| match fact.value.as_str() {
        "" => fact.aspect.clone(),
        value => format!("{} {value}", fact.aspect),
    });
    facts.collect::<Vec<_>>().join(", ")
}

/// The sign before a change: `+` added, `-` removed, `~` changed, `=` only renamed.
pub fn sign(change: &Change) -> char {
    match change.kind {
        Kind::Added(_) => '+',
        Kind::Removed(_) => '-',
        // The same thing by another name.
        Kind::Renamed { .. } | Kind::RenamedValue { .. } => '=',
        Kind::Changed(_) | Kind::Steps(_) => '~',
    }
}

/// The sign of a changed step, what happened to it with its number and line, and a line for each part that differs.
pub fn step(step: &StepChange, arrow: &str) -> (char, String, Vec<String>) {
    let StepChange { number, line, .. } = step;
    let at = format!("step {number} ({line})");
    let mut differing = Vec::new();
    let (sign, text) = match &step.kind {
        StepKind::Added => ('+', format!("{at} added")),
        StepKind::Removed => ('-', format!("step {number} (was {line}) removed")),
        StepKind::Moved(from) => ('~', format!("{at} moved, was step {from}")),
        StepKind::Words => (
            '~',
            format!("{at}: other words for its reason or section, and no other effect"),
        ),
        StepKind::Changed(parts) => {
            differing.extend(parts.iter().map(|each| part(&step.text, each, arrow)));
            ('~', format!("{at} changed"))
        }
    };
    let why = step.why.iter().filter(|_| step.kind == StepKind::Added);
    differing.extend(why.map(|why| format!("reason: {why}")));
    (sign, text, differing)
}

/// A part of a step that differs.
fn part(step: &str, part: &Difference, arrow: &str) -> String {
    let unnamed = match step.split(' ').next() {
        Some("write") => "not named, so it is written as zero",
        Some("modify") => "not named, so it is kept",
        _ => "not stated",
    };
    let [old, new] = [&part.old, &part.new].map(|text| text.as_deref().unwrap_or(unnamed));
    match part.aspect.as_str() {
        "until" => format!("it waits until {new}, and waited until {old}"),
        "within" => format!("it gives up after {new} instead of {old}"),
        "every" => format!("it reads every {new} instead of every {old}"),
        "on_timeout" if part.new.is_some() => {
            "after a timeout, the sequence now continues, and failed before".to_owned()
        }
        "on_timeout" => "after a timeout, the sequence now fails, and continued before".to_owned(),
        aspect => format!("{aspect}: {old} {arrow} {new}"),
    }
}

/// Where an item is used, and how.
pub fn place(mention: &Mention, gone: bool) -> String {
    let line = |line: &Line| match gone {
        true => format!("was {line}"),
        false => line.to_string(),
    };
    match &mention.place {
        Where::Step {
            sequence,
            step,
            line: at,
        } => {
            let (at, does) = (line(at), mention.does);
            format!("`{sequence}`, step {step} ({at}), {does} it")
        }
        Where::Order { line: at } => format!("order rule ({})", line(at)),
        Where::Fact { subject, aspect } => match subject.to_string() == subject.chapter {
            true => format!("{subject}, `{aspect}`, names it"),
            false => format!("{}, `{subject}`, `{aspect}`, names it", subject.chapter),
        },
    }
}

/// Whether a change's mentions are in the old state.
pub fn is_gone(change: &Change) -> bool {
    matches!(change.kind, Kind::Removed(_))
}

/// The first line of the report: how much changed between which states.
pub fn first_line(comparison: &Comparison) -> String {
    let (old, new) = &comparison.between;
    let form = comparison.form_only();
    let counted = comparison.specs.iter().map(|spec| match &spec.kind {
        SpecKind::Changed(changes) => changes
            .iter()
            .filter(|shown| !shown.change.is_words() && !shown.change.is_rename())
            .count(),
        SpecKind::Inherits | SpecKind::Form => 0,
        SpecKind::Added(_) | SpecKind::Removed(_) | SpecKind::Unreadable => 1,
    });
    let mut specs = comparison.specs.iter();
    if specs.any(|spec| matches!(spec.kind, SpecKind::Unreadable)) {
        return format!(
            "From {old} to {new}: not everything can be compared, because a spec has errors."
        );
    }
    match (comparison.has_changes(), counted.sum(), form.as_slice()) {
        (true, 0, _) => format!("From {old} to {new}: nothing changes for the hardware."),
        (true, 1, _) => format!("From {old} to {new}: 1 change."),
        (true, changes, _) => format!("From {old} to {new}: {changes} changes."),
        (false, _, []) => format!("No spec changed from {old} to {new}."),
        (false, _, files) => format!(
            "From {old} to {new}: nothing changes for the hardware. Only comments, layout or the notation of numbers differ in {}.",
            files.join(", ")
        ),
    }
}

/// What is said of a spec, in the words of both formats.
pub struct SpecText<'c> {
    /// Its file.
    pub file: &'c str,
    /// See [`whole`].
    pub whole: Option<(char, Vec<String>)>,
    /// What happened to its key `like`.
    pub like: Option<String>,
    /// Its changes, if they are listed one by one.
    pub changes: &'c [Shown],
}

/// The specs of which there is something to say.
pub fn specs(comparison: &Comparison) -> impl Iterator<Item = SpecText<'_>> {
    let texts = comparison.specs.iter().map(|spec| SpecText {
        file: &spec.file,
        whole: whole(&spec.kind),
        like: like(spec),
        changes: match &spec.kind {
            SpecKind::Changed(changes) => changes,
            _ => &[],
        },
    });
    texts.filter(|text| text.whole.is_some() || text.like.is_some() || !text.changes.is_empty())
}

/// Names the files of specs that changed in form only, if others changed their meaning.
pub fn form(comparison: &Comparison, name: impl Fn(&str) -> String) -> Option<String> {
    let files: Vec<String> = comparison.form_only().into_iter().map(name).collect();
    let is_there = comparison.has_changes() && !files.is_empty();
    is_there.then(|| format!("Only comments or layout differ in {}.", files.join(", ")))
}

/// A note if the generator changed.
pub fn generator(comparison: &Comparison) -> Option<String> {
    let files = comparison.generator.len();
    (files > 0).then(|| {
        format!(
            "The generator itself changed ({}). What follows from the specs is written by the current one on both sides.",
            count(files, "file")
        )
    })
}

/// The sign and the lines about a spec whose changes are not listed one by one: it was added or removed, cannot be
/// compared, or only inherits changes. `None` if they are listed.
pub fn whole(kind: &SpecKind) -> Option<(char, Vec<String>)> {
    let line = |text: &str| vec![text.to_owned()];
    match kind {
        SpecKind::Added(summary) if summary.is_empty() => Some(('+', line("new NIC, with errors"))),
        SpecKind::Removed(summary) if summary.is_empty() => {
            Some(('-', line("NIC removed; the old spec has errors")))
        }
        SpecKind::Added(summary) => Some(('+', summary.clone())),
        SpecKind::Removed(summary) => Some(('-', summary.clone())),
        SpecKind::Inherits => Some((
            '~',
            line("inherits changes, which are shown under its base spec"),
        )),
        SpecKind::Unreadable => Some((
            '!',
            line("cannot be compared, because its errors leave open what it means"),
        )),
        SpecKind::Changed(_) | SpecKind::Form => None,
    }
}

/// What happened to the key `like` of a spec.
pub fn like(spec: &SpecChange) -> Option<String> {
    if matches!(spec.kind, SpecKind::Added(_) | SpecKind::Removed(_)) {
        return None;
    }
    let nothing = match &spec.kind {
        SpecKind::Form => ". Nothing changes for the hardware",
        SpecKind::Changed(changes) if changes.iter().all(|shown| shown.change.is_words()) => {
            ". Nothing changes for the hardware"
        }
        _ => "",
    };
    match &spec.like {
        [old, new] if old == new => None,
        [None, Some(new)] => Some(format!(
            "It now inherits from `{new}` and states only what differs{nothing}."
        )),
        [Some(old), None] => Some(format!(
            "It no longer inherits from `{old}` and states all facts itself{nothing}."
        )),
        [old, new] => Some(format!(
            "It now inherits from `{}` instead of `{}`{nothing}.",
            new.as_deref().unwrap_or_default(),
            old.as_deref().unwrap_or_default()
        )),
    }
}

/// Why committed files differ from what the specs give: a sentence for each reason, with the files that it is about.
pub fn committed(all: &[Committed]) -> Vec<(String, Vec<&str>)> {
    let mut sentences = Vec::new();
    for (why, text) in [
        (
            Why::ByHand,
            "These generated files differ from what the specs give. They were edited by hand, or generated from other specs; `cargo xtask gen` writes them again and undoes the edit:",
        ),
        (
            Why::NoSpec,
            "No spec generates these files; `cargo xtask gen` removes them:",
        ),
        (
            Why::Stale,
            "These files are not generated again yet: run `cargo xtask gen` and commit them too:",
        ),
        (
            Why::Generator,
            "These generated files changed although no spec did, because the generator writes them in another way:",
        ),
    ] {
        let files = all.iter().filter(|each| each.why == why);
        let files: Vec<&str> = files.map(|each| each.path.as_str()).collect();
        if !files.is_empty() {
            sentences.push((text.to_owned(), files));
        }
    }
    sentences
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
    if let (Some(name), Some(old)) = (&item.renamed, &item.old) {
        return format!("{old}, is now called `{name}`");
    }
    match (&item.old, &item.new) {
        (Some(old), Some(new)) => format!("{old} {arrow} {new}"),
        (Some(old), None) => format!("{old} removed"),
        (None, Some(new)) => match item.effect {
            Effect::Breaking => format!("{new}, which code that lists all of them has to add"),
            _ => new.clone(),
        },
        (None, None) => String::new(),
    }
}

/// Shown in place of the generated files that change, if there are none because of errors.
pub const NOTHING_GENERATED: &str = "A spec has errors, so nothing would be generated.";
