//! What names a register, a field, a constant or an option.

use super::change::{Mention, Sort, Subject, Where};
use super::facts::{Item, order};
use super::spell::Speller;
use super::steps::flatten;
use crate::ir::visit::{self, Visitor};
use crate::ir::{
    Action, Assign, Binding, Cond, Field, Nic, Num, NumKind, Place, Register, Step, Value, Written,
};

/// What is looked for.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Register(String),
    Field(String, String),
    /// Named values of a field.
    Values(String, String, Vec<String>),
    Constant(String),
    Choice(String),
    DescriptorField(String, String),
    Descriptor(String),
    Sequence(String),
}

/// Something that a step names, and what the step does with it.
#[derive(Debug, PartialEq)]
enum Named {
    Register(String),
    Field(String, String),
    Value(String, String, String),
    Constant(String),
    Choice(String),
}

/// What a step itself names, without the steps inside it.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    names: Vec<(Named, &'static str)>,
    /// The register that the step writes as a whole, and with it fields that it does not name.
    whole: Option<String>,
    /// What is done with whatever is found in an expression.
    reads: &'static str,
}

impl Expressions {
    /// The registers among it.
    pub(super) fn registers(&self) -> impl Iterator<Item = &str> {
        self.names.iter().filter_map(|(named, _)| match named {
            Named::Register(name) => Some(name.as_str()),
            _ => None,
        })
    }

    fn register(&mut self, register: &Register, does: &'static str) {
        self.names
            .push((Named::Register(register.name.clone()), does));
    }

    fn field(&mut self, register: &Register, field: &Field, does: &'static str) {
        self.names.push((
            Named::Field(register.name.clone(), field.name.clone()),
            does,
        ));
    }

    fn assigned(&mut self, place: &Place, fields: &[Assign], does: &'static str) {
        self.register(&place.register, does);
        visit::place(self, place);
        for assign in fields {
            self.field(&place.register, &assign.field, does);
            match &assign.value {
                Value::Num(num) => self.num(num),
                Value::Cond(cond) => self.cond(cond),
            }
        }
    }

    /// What is done with the target; the first that fits.
    fn does(&self, target: &Target) -> Option<&'static str> {
        let fits = |named: &Named| match (target, named) {
            (Target::Register(name), Named::Register(other))
            | (Target::Constant(name), Named::Constant(other))
            | (Target::Choice(name), Named::Choice(other)) => name == other,
            (Target::Field(register, field), Named::Field(other, of_other)) => {
                (register, field) == (other, of_other)
            }
            (Target::Values(register, field, values), Named::Value(other, of_other, value)) => {
                (register, field) == (other, of_other) && values.contains(value)
            }
            _ => false,
        };
        let named = self
            .names
            .iter()
            .find(|(named, _)| fits(named))
            .map(|(_, does)| *does);
        named.or_else(|| match target {
            Target::Field(register, _) if self.whole.as_ref() == Some(register) => {
                Some("writes over")
            }
            _ => None,
        })
    }
}

impl Visitor for Expressions {
    fn steps(&mut self, _: &[Step]) {
        // Steps inside are steps of their own.
    }

    fn num(&mut self, num: &Num) {
        match &num.kind {
            NumKind::Named {
                register,
                field,
                value,
            } => {
                let named = Named::Value(
                    register.name.clone(),
                    field.name.clone(),
                    value.name.clone(),
                );
                self.names.push((named, "uses"));
            }
            NumKind::Constant(constant) => {
                self.names
                    .push((Named::Constant(constant.name.clone()), "uses"));
            }
            NumKind::Choice(choice) => {
                self.names
                    .push((Named::Choice(choice.name.clone()), "follows"));
            }
            NumKind::LocalField {
                register, field, ..
            } => self.field(register, field, "uses"),
            NumKind::Field(field) => self.field(&field.place.register, &field.field, self.reads),
            _ => {}
        }
        visit::num(self, num);
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::Bit(field) => self.field(&field.place.register, &field.field, self.reads),
            Cond::LocalBit {
                register, field, ..
            } => self.field(register, field, "uses"),
            Cond::Choice(choice) => {
                self.names
                    .push((Named::Choice(choice.name.clone()), "follows"));
            }
            _ => {}
        }
        visit::cond(self, cond);
    }

    fn place(&mut self, place: &Place) {
        self.register(&place.register, self.reads);
        visit::place(self, place);
    }
}

/// What a step names.
pub(super) fn expressions(step: &Step) -> Expressions {
    let mut found = Expressions {
        names: Vec::new(),
        whole: match &step.action {
            Action::Write { place, .. } => Some(place.register.name.clone()),
            Action::WriteEach { register, .. } => Some(register.name.clone()),
            _ => None,
        },
        reads: match step.action {
            Action::Poll { .. } => "polls",
            Action::If { .. } | Action::Verify { .. } => "tests",
            _ => "reads",
        },
    };
    match &step.action {
        Action::Write {
            place,
            value: Written::Number(num),
        } => {
            found.assigned(place, &[], "writes");
            found.num(num);
        }
        Action::Write {
            place,
            value: Written::Fields(fields),
        } => found.assigned(place, fields, "writes"),
        Action::Modify { place, fields } => found.assigned(place, fields, "modifies"),
        Action::WriteEach { register, value } => {
            found.register(register, "writes");
            found.num(value);
        }
        Action::Let {
            value: Binding::Register(place),
            ..
        }
        | Action::Flush(place) => found.place(place),
        _ => visit::step(&mut found, step),
    }
    found
}

/// Everything in a spec that names the target: steps, order rules, then other facts.
pub(super) fn find(nic: &Nic, items: &[Item], target: &Target, subject: &Subject) -> Vec<Mention> {
    let mut mentions = in_steps(nic, target);
    mentions.extend(in_order(nic, target));
    for item in items {
        let itself = item.subject == *subject || item.subject.parent().as_ref() == Some(subject);
        if itself || matches!(item.subject, Subject::Order(_)) {
            continue;
        }
        let hardware = item.facts.iter().filter(|fact| fact.sort == Sort::Hardware);
        for fact in hardware {
            if names(&fact.value, target)
                || (fact.value.is_empty() || names_in_aspect(&fact.aspect))
                    && names(&fact.aspect, target)
            {
                mentions.push(Mention {
                    place: Where::Fact {
                        subject: item.subject.clone(),
                        aspect: fact.aspect.clone(),
                    },
                    does: "names",
                    text: fact.value.clone(),
                });
            }
        }
    }
    mentions
}

/// Whether a fact is about the thing in its own name, as `follows LINKS.LINK_UP` is.
fn names_in_aspect(aspect: &str) -> bool {
    ["follows ", "locks ", "require ", "encode.set ", "arm.set "]
        .iter()
        .any(|start| aspect.starts_with(start))
}

fn in_steps(nic: &Nic, target: &Target) -> Vec<Mention> {
    let mut mentions = Vec::new();
    for sequence in &nic.sequences {
        for flat in flatten(&sequence.steps, Speller::new(nic)) {
            let does = match (target, &flat.step.action) {
                (Target::Sequence(name), Action::Run { callee, .. }) if callee.name == *name => {
                    Some("runs")
                }
                _ => expressions(flat.step).does(target),
            };
            if let Some(does) = does {
                mentions.push(Mention {
                    place: Where::Step {
                        sequence: sequence.signature.name.clone(),
                        step: flat.number.clone(),
                        line: flat.step.line,
                    },
                    does,
                    text: flat.text(),
                });
            }
        }
    }
    mentions
}

fn in_order(nic: &Nic, target: &Target) -> Vec<Mention> {
    let spell = Speller::new(nic);
    let mut mentions = Vec::new();
    for rule in &nic.order {
        let then = order::event(&rule.then, spell);
        let first: Vec<_> = rule
            .first
            .iter()
            .map(|first| order::event(first, spell))
            .collect();
        let does = match names(&then, target) {
            true => "orders",
            false if first.iter().any(|first| names(first, target)) => "orders",
            false => continue,
        };
        mentions.push(Mention {
            place: Where::Order { line: rule.line },
            does,
            text: format!("{} before {then}", first.join(", ")),
        });
    }
    mentions
}

/// Whether a text in the words of the spec names the target.
fn names(text: &str, target: &Target) -> bool {
    match target {
        Target::Register(name) | Target::Descriptor(name) => words(text, name).next().is_some(),
        Target::Field(register, field) | Target::DescriptorField(register, field) => {
            words(text, register).any(|after| {
                let after = match after.strip_prefix('[') {
                    Some(index) => index.split_once(']').map_or("", |(_, after)| after),
                    None => after,
                };
                let after = after
                    .strip_prefix('.')
                    .and_then(|after| after.strip_prefix(field.as_str()));
                after.is_some_and(|after| !after.starts_with(within_a_word))
            })
        }
        Target::Values(register, field, values) => {
            let of_field = Target::Field(register.clone(), field.clone());
            names(text, &of_field)
                && values
                    .iter()
                    .any(|value| words(text, value).next().is_some())
        }
        // Their names are words of English, too; steps are asked for them.
        Target::Constant(_) | Target::Choice(_) | Target::Sequence(_) => false,
    }
}

/// What follows each occurrence of a name that is a word of its own, and no field of something else.
fn words<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(name).filter_map(move |(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let apart = !before.ends_with(|c| within_a_word(c) || c == '.')
            && !after.starts_with(within_a_word);
        apart.then_some(after)
    })
}

fn within_a_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
