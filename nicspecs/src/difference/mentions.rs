//! The parts of a spec that use a register, a field, a constant or an option.

use super::change::{Mention, Sort, Subject, Where};
use super::facts::{Item, order};
use super::flat::flatten;
use super::named::{Target, expressions};
use crate::ir::{Action, Nic};
use crate::printer::Printer;

/// Every part of a spec that uses the target: steps, order rules, then other facts.
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
        for flat in flatten(nic, &sequence.steps) {
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
    let spell = Printer::new(&nic.variants);
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
        // Their names may be English words, so only steps are searched for them.
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
