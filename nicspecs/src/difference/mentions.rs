//! The parts of a spec that use a register, a field, a constant or an option.

use super::change::{Mention, Sort, Where};
use super::facts::Item;
use super::flat::flatten;
use super::named::{Target, expressions};
use crate::ir::{Nic, OrderEvent};

/// Every part of a spec that uses the target: steps, order rules, then other facts.
pub(super) fn find(nic: &Nic, items: &[Item], target: &Target<'_>) -> Vec<Mention> {
    let mut mentions = in_steps(nic, target);
    mentions.extend(in_order(nic, target));
    for item in items {
        let parent = item.subject.parent();
        let itself = [Some(&item.subject), parent.as_ref()].contains(&Some(target.subject));
        if itself || item.subject.chapter == "order" {
            continue;
        }
        let hardware = item.facts.iter().filter(|fact| fact.sort == Sort::Hardware);
        for fact in hardware {
            let element = fact.aspect.split_once(' ').unwrap_or_default().1;
            if names(&fact.value, target) || names(element, target) {
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

fn in_steps(nic: &Nic, target: &Target<'_>) -> Vec<Mention> {
    let mut mentions = Vec::new();
    for sequence in &nic.sequences {
        for flat in flatten(nic, &sequence.steps) {
            if let Some(does) = expressions(flat.step).does(target) {
                mentions.push(Mention {
                    place: Where::Step {
                        sequence: sequence.signature.name.clone(),
                        step: flat.number.clone(),
                        line: flat.step.line.clone(),
                    },
                    does,
                    text: flat.text(),
                });
            }
        }
    }
    mentions
}

fn in_order(nic: &Nic, target: &Target<'_>) -> Vec<Mention> {
    let mut mentions = Vec::new();
    for rule in &nic.order {
        let then = rule.then.name();
        let first: Vec<_> = rule.first.iter().map(OrderEvent::name).collect();
        if names(&then, target) || first.iter().any(|first| names(first, target)) {
            mentions.push(Mention {
                place: Where::Order {
                    line: rule.line.clone(),
                },
                does: "orders",
                text: format!("{} before {then}", first.join(", ")),
            });
        }
    }
    mentions
}

/// Whether a text in the words of the spec names the target.
fn names(text: &str, target: &Target<'_>) -> bool {
    let Target { subject, values } = target;
    // Other names may be English words, so only steps are searched for them.
    if !["registers", "descriptors"].contains(&subject.chapter) {
        return false;
    }
    let mut after_name = words(text, subject.name.as_deref().unwrap_or_default());
    let is_named = match &subject.field {
        None => after_name.next().is_some(),
        Some(field) => after_name.any(|after| {
            let after = match after.strip_prefix('[') {
                Some(index) => index.split_once(']').map_or("", |(_, after)| after),
                None => after,
            };
            let field = after
                .strip_prefix('.')
                .and_then(|after| after.strip_prefix(field.as_str()));
            field.is_some_and(|after| !after.starts_with(within_a_word))
        }),
    };
    let is_value = |value: &&str| words(text, value).next().is_some();
    is_named
        && values
            .as_ref()
            .is_none_or(|values| values.iter().any(is_value))
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
