//! A flat list of steps, each in the words of the spec.

use super::change::Fact;
use crate::ir::{Action, Assign, Binding, Nic, OnTimeout, Step, Written};
use crate::printer::Printer;

/// A step without the steps inside it, which follow it in the list.
pub(super) struct Flat<'a> {
    pub(super) step: &'a Step,
    /// `6`, or `6.then.1` inside step 6.
    pub(super) number: String,
    /// Where it is inside other steps: what of its number is no position.
    pub(super) depth: String,
    /// The verb and what it is done to.
    pub(super) head: String,
    /// What else there is to it, each under the name of a field or a key.
    pub(super) parts: Vec<Fact>,
}

impl Flat<'_> {
    /// What the step does, and where it is inside other steps. Fields that exchange their bits make no other step.
    pub(super) fn key(&self) -> String {
        let parts = self.parts.iter();
        let mut parts: Vec<String> = parts
            .map(|Fact { aspect, value, .. }| format!("{aspect}: {value}"))
            .collect();
        parts.sort_unstable();
        format!("{}{} {}", self.depth, self.head, parts.join(", "))
    }

    /// The step in one line.
    pub(super) fn text(&self) -> String {
        let head = &self.head;
        let joined = |between: &str| {
            let parts = self.parts.iter();
            let parts = parts.map(|Fact { aspect, value, .. }| format!("{aspect}{between}{value}"));
            parts.collect::<Vec<_>>().join(", ")
        };
        match (&self.step.action, self.parts.as_slice()) {
            (_, []) => head.clone(),
            (Action::Poll { .. }, _) => format!("{head} {}", joined(" ")),
            (_, [part]) if part.aspect == VALUE => format!("{head} = {}", part.value),
            _ => format!("{head} {{ {} }}", joined(": ")),
        }
    }
}

/// The part of a step that has no name of its own.
const VALUE: &str = "value";

/// All steps of a list in the order of the spec, whatever they are inside of.
pub(super) fn flatten<'a>(nic: &Nic, steps: &'a [Step]) -> Vec<Flat<'a>> {
    let mut flat = Vec::new();
    inside(steps, "", "", Printer::new(&nic.variants), &mut flat);
    flat
}

fn inside<'a>(
    steps: &'a [Step],
    before: &str,
    depth: &str,
    spell: Printer<'_>,
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
fn take_apart(action: &Action, spell: Printer<'_>) -> (String, Vec<Fact>) {
    let value = |text: String| vec![Fact::hardware(VALUE, text)];
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
                Fact::hardware("until", spell.cond(until)),
                Fact::hardware("every", spell.duration(every)),
                Fact::hardware("within", spell.duration(within)),
            ];
            if *on_timeout == OnTimeout::Continue {
                parts.push(Fact::hardware("on_timeout", "continue"));
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
            let passed = args.iter();
            let passed =
                passed.map(|passed| Fact::hardware(&passed.name, spell.num(&passed.value)));
            let bound = bind.iter().map(|name| Fact::hardware("let", name));
            (
                format!("run {}", callee.name),
                passed.chain(bound).collect(),
            )
        }
        Action::Guard { .. } => ("guard".to_owned(), Vec::new()),
        Action::Verify { cond, otherwise } => {
            let otherwise = Fact::hardware("otherwise", otherwise);
            (format!("verify {}", spell.cond(cond)), vec![otherwise])
        }
        Action::Fail(text) => ("fail".to_owned(), value(text.clone())),
        Action::Return(num) => ("return".to_owned(), value(spell.num(num))),
        Action::ReturnMac(octets) => {
            let octets = octets.iter().enumerate();
            let parts = octets
                .map(|(index, octet)| Fact::hardware(format!("octet {index}"), spell.num(octet)));
            ("return".to_owned(), parts.collect())
        }
    }
}

/// Fields by position: the order in which a spec lists them means nothing.
fn assigned(fields: &[Assign], spell: Printer<'_>) -> Vec<Fact> {
    let mut fields: Vec<&Assign> = fields.iter().collect();
    fields.sort_by_key(|assign| assign.field.low);
    let part = |assign: &&Assign| Fact::hardware(&assign.field.name, spell.value(&assign.value));
    fields.iter().map(part).collect()
}
