//! Sequences compared step by step.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::change::{PartChange, StepChange, StepKind};
use super::meaning::registers::whereabouts;
use super::mentions::expressions;
use super::spell::Speller;
use crate::ir::{Action, Assign, Binding, Nic, OnTimeout, Step, Written};

/// A step without the steps inside it, which follow it in the list.
pub(super) struct Flat<'a> {
    pub(super) step: &'a Step,
    /// `6`, or `6.then.1` inside step 6.
    pub(super) number: String,
    /// Where it is inside other steps: what of its number is no position.
    depth: String,
    /// The verb and what it is done to.
    head: String,
    /// What else there is to it, each under the name of a field or a key.
    parts: Vec<(String, String)>,
}

impl Flat<'_> {
    /// The step in one line.
    pub(super) fn text(&self) -> String {
        let head = &self.head;
        match (&self.step.action, self.parts.as_slice()) {
            (_, []) => head.clone(),
            (Action::Poll { .. }, parts) => {
                let parts = parts.iter().map(|(name, value)| format!("{name} {value}"));
                format!("{head} {}", parts.collect::<Vec<_>>().join(", "))
            }
            (_, [(name, value)]) if name == VALUE => format!("{head} = {value}"),
            (_, parts) => {
                let parts = parts.iter().map(|(name, value)| format!("{name}: {value}"));
                format!("{head} {{ {} }}", parts.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// The part of a step that has no name of its own.
const VALUE: &str = "value";

/// All steps of a list in the order of the spec, whatever they are inside of.
pub(super) fn flatten<'a>(steps: &'a [Step], spell: Speller<'_>) -> Vec<Flat<'a>> {
    let mut flat = Vec::new();
    inside(steps, "", "", spell, &mut flat);
    flat
}

fn inside<'a>(
    steps: &'a [Step],
    before: &str,
    depth: &str,
    spell: Speller<'_>,
    flat: &mut Vec<Flat<'a>>,
) {
    for (index, step) in steps.iter().enumerate() {
        let number = format!("{before}{}", index + 1);
        let (head, parts) = take_apart(&step.action, spell);
        flat.push(Flat {
            step,
            number: number.clone(),
            depth: depth.to_owned(),
            head,
            parts,
        });
        for (name, body) in bodies(&step.action) {
            let (before, depth) = (format!("{number}.{name}."), format!("{depth}{name}."));
            inside(body, &before, &depth, spell, flat);
        }
    }
}

/// The lists of steps inside a step, by their keys.
fn bodies(action: &Action) -> Vec<(&'static str, &[Step])> {
    match action {
        Action::If {
            then, otherwise, ..
        } => vec![("then", then), ("else", otherwise)],
        Action::For { body, .. } => vec![("do", body)],
        Action::Guard { enter, body, leave } => {
            vec![("enter", enter), ("body", body), ("leave", leave)]
        }
        _ => Vec::new(),
    }
}

/// What a step does to what, and the parts in which two steps that do so may differ.
fn take_apart(action: &Action, spell: Speller<'_>) -> (String, Vec<(String, String)>) {
    let value = |text: String| vec![(VALUE.to_owned(), text)];
    match action {
        Action::Write {
            place,
            value: written,
        } => {
            let parts = match written {
                Written::Number(num) => value(spell.num(num)),
                Written::Fields(fields) => assigned(fields, spell),
            };
            (format!("write {}", spell.place(place)), parts)
        }
        Action::Modify { place, fields } => (
            format!("modify {}", spell.place(place)),
            assigned(fields, spell),
        ),
        Action::WriteEach {
            register,
            value: each,
        } => (
            format!("write_each {}", register.name),
            value(spell.num(each)),
        ),
        Action::Let { name, value: bound } => {
            let bound = match bound {
                Binding::Value(value) => spell.value(value),
                Binding::Register(place) => spell.place(place),
            };
            (format!("let {name}"), value(bound))
        }
        Action::Poll {
            until,
            every,
            within,
            on_timeout,
        } => {
            let mut parts = vec![
                ("until".to_owned(), spell.cond(until)),
                ("every".to_owned(), spell.duration(every)),
                ("within".to_owned(), spell.duration(within)),
            ];
            if *on_timeout == OnTimeout::Continue {
                parts.push(("on_timeout".to_owned(), "continue".to_owned()));
            }
            ("poll".to_owned(), parts)
        }
        Action::Delay(duration) => ("delay".to_owned(), value(spell.duration(duration))),
        Action::Sleep(duration) => ("sleep".to_owned(), value(spell.duration(duration))),
        Action::Flush(place) => (format!("flush {}", spell.place(place)), Vec::new()),
        Action::Publish => ("barrier publish".to_owned(), Vec::new()),
        Action::If { cond, .. } => (format!("if {}", spell.cond(cond)), Vec::new()),
        Action::For {
            name, first, end, ..
        } => {
            let range = format!("{}..{}", spell.num(first), spell.num(end));
            (format!("for {name}"), value(range))
        }
        Action::Run { callee, args, bind } => {
            let passed = args
                .iter()
                .map(|passed| (passed.name.clone(), spell.num(&passed.value)));
            let bound = bind.iter().map(|name| ("let".to_owned(), name.clone()));
            (
                format!("run {}", callee.name),
                passed.chain(bound).collect(),
            )
        }
        Action::Guard { .. } => ("guard".to_owned(), Vec::new()),
        Action::Verify { cond, otherwise } => {
            let otherwise = ("otherwise".to_owned(), otherwise.clone());
            (format!("verify {}", spell.cond(cond)), vec![otherwise])
        }
        Action::Fail(text) => ("fail".to_owned(), value(text.clone())),
        Action::Return(num) => ("return".to_owned(), value(spell.num(num))),
        Action::ReturnMac(octets) => {
            let octets = octets.iter().enumerate();
            let parts = octets.map(|(index, octet)| (format!("octet {index}"), spell.num(octet)));
            ("return".to_owned(), parts.collect())
        }
    }
}

/// Fields by position: the order in which a spec lists them means nothing.
fn assigned(fields: &[Assign], spell: Speller<'_>) -> Vec<(String, String)> {
    let mut fields: Vec<&Assign> = fields.iter().collect();
    fields.sort_by_key(|assign| assign.field.low);
    let part = |assign: &&Assign| (assign.field.name.clone(), spell.value(&assign.value));
    fields.iter().map(part).collect()
}

/// What changed between two lists of steps, in the order of the new one.
pub(super) fn compare(old: (&Nic, &[Step]), new: (&Nic, &[Step])) -> Vec<StepChange> {
    let (before, after) = (Speller::new(old.0), Speller::new(new.0));
    let (old, new) = (flatten(old.1, before), flatten(new.1, after));
    let key = |step: &Flat<'_>| format!("{}{}", step.depth, step.text());
    let keys = |steps: &[Flat<'_>]| steps.iter().map(key).collect::<Vec<_>>();
    let (old_keys, new_keys) = (keys(&old), keys(&new));

    let mut pairs = Pairs {
        of_old: vec![None; old.len()],
        of_new: vec![None; new.len()],
    };
    let operations = capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys);
    for operation in &operations {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = *operation
        {
            (0..len).for_each(|n| pairs.join(old_index + n, new_index + n, Pair::Same));
        }
    }
    // What is gone here and new there has moved.
    for (there, key) in new_keys.iter().enumerate() {
        let gone = |&here: &usize| pairs.of_old[here].is_none() && old_keys[here] == *key;
        if pairs.of_new[there].is_none()
            && let Some(here) = (0..old.len()).find(gone)
        {
            pairs.join(here, there, Pair::Moved);
        }
    }
    // What is left and does something to the same thing at the same place does it in another way.
    for operation in &operations {
        let (there, here) = (operation.new_range(), operation.old_range());
        for there in there {
            let same = |&here: &usize| {
                pairs.of_old[here].is_none()
                    && old[here].depth == new[there].depth
                    && old[here].head == new[there].head
            };
            if pairs.of_new[there].is_none()
                && let Some(here) = here.clone().find(same)
            {
                pairs.join(here, there, Pair::Changed);
            }
        }
    }
    told(&old, &new, &pairs, &operations, (before, after))
}

/// How a step of one list belongs to a step of the other.
#[derive(Clone, Copy, PartialEq)]
enum Pair {
    Same,
    Moved,
    Changed,
}

/// The steps that belong together, by index.
struct Pairs {
    of_old: Vec<Option<usize>>,
    of_new: Vec<Option<(usize, Pair)>>,
}

impl Pairs {
    fn join(&mut self, old: usize, new: usize, pair: Pair) {
        self.of_old[old] = Some(new);
        self.of_new[new] = Some((old, pair));
    }
}

fn told(
    old: &[Flat<'_>],
    new: &[Flat<'_>],
    pairs: &Pairs,
    operations: &[DiffOp],
    (before, after): (Speller<'_>, Speller<'_>),
) -> Vec<StepChange> {
    let mut changes = Vec::new();
    for operation in operations {
        for here in operation.old_range() {
            if pairs.of_old[here].is_none() {
                changes.push(change(&old[here], StepKind::Removed, before));
            }
        }
        for there in operation.new_range() {
            let step = &new[there];
            let kind = match pairs.of_new[there] {
                None => StepKind::Added,
                Some((here, Pair::Moved)) => StepKind::Moved(old[here].number.clone()),
                Some((here, Pair::Changed)) => {
                    StepKind::Changed(differing(&old[here].parts, &step.parts))
                }
                Some((here, Pair::Same)) => {
                    let Step { why, section, .. } = old[here].step;
                    match (why, section) == (&step.step.why, &step.step.section) {
                        true => continue,
                        false => StepKind::Words,
                    }
                }
            };
            changes.push(change(step, kind, after));
        }
    }
    changes
}

fn change(step: &Flat<'_>, kind: StepKind, spell: Speller<'_>) -> StepChange {
    let touches = match kind {
        StepKind::Words => Vec::new(),
        _ => touched(step.step, spell),
    };
    StepChange {
        number: step.number.clone(),
        line: step.step.line,
        text: step.text(),
        kind,
        touches,
    }
}

/// The registers that a step writes or reads, with their places.
fn touched(step: &Step, spell: Speller<'_>) -> Vec<String> {
    let mut touched: Vec<String> = Vec::new();
    for name in expressions(step).registers() {
        let place = spell.register(name).map(|register| whereabouts(register));
        if let Some(place) = place.filter(|place| !touched.contains(place)) {
            touched.push(place);
        }
    }
    touched
}

/// Parts that are not the same on both sides, in the order of the new one.
fn differing(old: &[(String, String)], new: &[(String, String)]) -> Vec<PartChange> {
    let value = |parts: &[(String, String)], name: &str| {
        let part = parts.iter().find(|(other, _)| other == name);
        part.map(|(_, value)| value.clone())
    };
    let gone = old.iter().filter(|(name, _)| value(new, name).is_none());
    let names = new.iter().chain(gone).map(|(name, _)| name);
    let change = |name: &String| PartChange {
        part: name.clone(),
        old: value(old, name),
        new: value(new, name),
    };
    names
        .map(change)
        .filter(|change| change.old != change.new)
        .collect()
}
