//! Steps of sequences: taken out, exchanged, and with other values.

use std::sync::Arc;

use super::maker::{Kind, Maker};
use super::order;
use super::scalars::{flipped, flipped_in, number, numbers, without_highest, without_highest_in};
use crate::diagnostic::NodeId;
use crate::ir::Field;
use crate::tree::{Entry, Kind as NodeKind};

/// Keys whose values are sentences.
const PROSE: [&str; 4] = ["why", "section", "otherwise", "fail"];

/// Verbs that wait for time to pass or for writes to arrive.
pub(super) const WAITS: [&str; 3] = ["delay", "sleep", "flush"];

/// Verbs that change registers and do nothing else.
const WRITES: [&str; 5] = ["write", "modify", "set", "clear", "write_each"];

pub(super) fn all(maker: &mut Maker<'_>) {
    let Some(sequences) = maker.node(&["sequences"]) else {
        return;
    };
    for sequence in maker.tree.map(sequences).unwrap_or_default() {
        if let Some(steps) = maker.tree.get(sequence.value, "steps") {
            list(maker, &format!("sequences.{}", sequence.key), steps);
        }
    }
}

fn list(maker: &mut Maker<'_>, at: &str, node: NodeId) {
    let Some(items) = maker.tree.list(node) else {
        return;
    };
    for (index, &item) in items.iter().enumerate() {
        let at = format!("{at}[{index}]");
        step(maker, &at, items, item);
        if let Some(&next) = items.get(index + 1) {
            exchange(maker, &at, item, next);
        }
    }
}

/// The verb of a step, and the registers and fields that it affects.
fn verb<'t>(maker: &Maker<'t>, step: NodeId) -> Option<&'t Entry> {
    let entries = maker.tree.map(step)?;
    entries.iter().find(|entry| {
        let key = entry.key.as_str();
        WAITS.contains(&key)
            || WRITES.contains(&key)
            || [
                "let", "poll", "barrier", "if", "for", "run", "guard", "verify", "fail", "return",
            ]
            .contains(&key)
    })
}

fn step(maker: &mut Maker<'_>, at: &str, items: &[NodeId], step: NodeId) {
    let Some(verb) = verb(maker, step) else {
        return;
    };
    let (name, value) = (verb.key.as_str(), verb.value);
    let at = format!("{at}.{name}");
    let subjects = maker.subjects(step);
    if let Some(edit) = maker.without_item(items, step) {
        let mut subjects = subjects.clone();
        if WAITS.contains(&name) {
            subjects = vec![name.to_owned()];
        }
        if name == "write" {
            let zeros = zeros(maker, value);
            subjects.retain(|subject| !zeros.contains(subject));
        }
        maker.add(
            Kind::Step,
            &at,
            "left out".to_owned(),
            &subjects,
            vec![edit],
        );
    }
    let subjects = maker.subjects(value);
    match name {
        "write" | "modify" | "write_each" => writes(maker, &at, name, value),
        "set" | "clear" => {
            let other = if name == "set" { "clear" } else { "set" };
            let key = verb.key_span.start..verb.key_span.end;
            let change = format!("{name} -> {other}");
            maker.add(
                Kind::Value,
                &at,
                change,
                &subjects,
                vec![(key, other.to_owned())],
            );
        }
        "if" | "verify" => {
            // A condition that does not read the device affects only the steps that depend on it.
            let subjects = match subjects.is_empty() {
                true => maker.subjects(step),
                false => subjects,
            };
            maker.negate(Kind::Value, &at, value, &subjects);
            maker.change_numbers(Kind::Value, &at, value, &subjects);
        }
        "poll" => {
            if let Some(until) = maker.tree.get(value, "until") {
                maker.negate(Kind::Value, &at, until, &subjects);
                maker.change_numbers(Kind::Value, &at, until, &subjects);
            }
        }
        "for" | "let" => {
            // A loop affects what its steps affect.
            let subjects = maker.subjects(if name == "for" { step } else { value });
            for entry in maker.tree.map(value).unwrap_or_default() {
                let at = format!("{at}.{}", entry.key);
                maker.change_numbers(Kind::Value, &at, entry.value, &subjects);
            }
        }
        "return" => match maker.tree.list(value) {
            Some(octets) => {
                for (index, &octet) in octets.iter().enumerate() {
                    maker.change_numbers(Kind::Value, &format!("{at}[{index}]"), octet, &subjects);
                }
            }
            None => maker.change_numbers(Kind::Value, &at, value, &subjects),
        },
        "run" => {
            let with = maker.tree.get(step, "with");
            for entry in with
                .and_then(|with| maker.tree.map(with))
                .unwrap_or_default()
            {
                let at = format!("{at}.with.{}", entry.key);
                maker.change_numbers(Kind::Value, &at, entry.value, &subjects);
            }
        }
        _ => {}
    }
    for key in ["then", "else", "do"] {
        if let Some(steps) = maker.tree.get(step, key) {
            list(maker, &format!("{at}.{key}"), steps);
        }
    }
    for key in ["enter", "body", "leave"] {
        if let Some(steps) = maker.tree.get(value, key)
            && name == "guard"
        {
            list(maker, &format!("{at}.{key}"), steps);
        }
    }
}

/// Whole registers, or fields of one.
fn writes(maker: &mut Maker<'_>, at: &str, verb: &str, value: NodeId) {
    for register in maker.tree.map(value).unwrap_or_default() {
        let name = register
            .key
            .split('[')
            .next()
            .unwrap_or_default()
            .to_owned();
        // The index into an array is part of the key.
        for (range, number) in numbers(&register.key) {
            let start = register.key_span.start
                + usize::from(maker.text[register.key_span.start..].starts_with('"'));
            let place = start + range.start..start + range.end;
            if maker.text.get(place.clone()) == Some(&register.key[range.clone()]) {
                let word = &register.key[range];
                let other = flipped(word, number);
                let change = format!("element {word} -> {other}");
                maker.add(
                    Kind::Value,
                    &format!("{at}.{}", register.key),
                    change,
                    std::slice::from_ref(&name),
                    vec![(place, other)],
                );
            }
        }
        match maker.tree.map(register.value) {
            None => {
                let at = format!("{at}.{}", register.key);
                match whole_number(maker, &name, register.value) {
                    Some(others) => {
                        for other in others {
                            let subjects = std::slice::from_ref(&name);
                            maker.replace(Kind::Value, &at, register.value, other, subjects);
                        }
                    }
                    None => other_values(maker, &at, register.value, &[name]),
                }
            }
            Some(fields) => {
                for (index, field) in fields.iter().enumerate() {
                    let subjects = [format!("{name}.{}", field.key)];
                    let at = format!("{at}.{}.{}", register.key, field.key);
                    if !is_zero_by_name(maker, &name, field) {
                        other_values(maker, &at, field.value, &subjects);
                    }
                    other_name(maker, &at, &name, field, &subjects);
                    // A write of a whole register sets the fields that it does not name to zero.
                    let is_said = verb == "modify" || !is_zero(maker, &name, field);
                    if fields.len() > 1
                        && is_said
                        && let Some(range) = maker.without_entry(fields, index)
                    {
                        maker.add(
                            Kind::Value,
                            &at,
                            "left out".to_owned(),
                            &subjects,
                            vec![(range, String::new())],
                        );
                    }
                }
            }
        }
    }
}

/// Other numbers for a whole register with fields: bits outside of fields are no facts.
fn whole_number(maker: &Maker<'_>, register: &str, value: NodeId) -> Option<Vec<String>> {
    let register = maker.nic.register(register)?;
    let interrupts = maker.nic.interrupts();
    // A mask has the bits of the causes, whether or not it names them.
    let is_mask = [interrupts.mask.set(), interrupts.mask.clear()].map(|mask| &mask.name);
    let of = match register.fields.is_empty() && is_mask.contains(&&register.name) {
        true => &interrupts.cause.fields,
        false => &register.fields,
    };
    // A cause that the driver never unmasks need not be masked.
    let unmasked = |field: &&Arc<Field>| {
        let set = &interrupts.mask.set().name;
        !is_mask.contains(&&register.name) || maker.touched.has_field(set, &field.name)
    };
    let of = of.iter().filter(unmasked);
    let named = of.fold(0, |named, field| named | field.mask());
    let text = maker.tree.text(value)?;
    let number = number(text).filter(|_| named != 0)?;
    let others = [
        flipped_in(text, number, named),
        without_highest_in(text, number, named),
    ];
    Some(others.into_iter().flatten().collect())
}

fn other_values(maker: &mut Maker<'_>, at: &str, value: NodeId, subjects: &[String]) {
    let Some(text) = maker.tree.text(value) else {
        return;
    };
    match numbers(text).is_empty() {
        true => maker.replace(Kind::Value, at, value, "0".to_owned(), subjects),
        false => maker.change_numbers(Kind::Value, at, value, subjects),
    }
}

/// Fields that a write of a whole register names only to set them to zero, if other fields have other values.
fn zeros(maker: &Maker<'_>, value: NodeId) -> Vec<String> {
    let mut zeros = Vec::new();
    for register in maker.tree.map(value).unwrap_or_default() {
        let name = register.key.split('[').next().unwrap_or_default();
        let fields = maker.tree.map(register.value).unwrap_or_default();
        let (zero, others): (Vec<_>, Vec<_>) =
            fields.iter().partition(|field| is_zero(maker, name, field));
        if !others.is_empty() {
            zeros.extend(zero.iter().map(|field| format!("{name}.{}", field.key)));
        }
    }
    zeros
}

/// Whether a field is given zero, by a number or by a name.
fn is_zero(maker: &Maker<'_>, register: &str, field: &Entry) -> bool {
    let text = maker.tree.text(field.value).unwrap_or_default();
    number(text) == Some(0) || is_zero_by_name(maker, register, field)
}

/// Whether a field is given a value by a name that stands for zero.
fn is_zero_by_name(maker: &Maker<'_>, register: &str, field: &Entry) -> bool {
    let known = maker.nic.register(register);
    let known = known.and_then(|register| register.field(&field.key));
    let values = known.map_or([].as_slice(), |field| field.values.as_slice());
    let text = maker.tree.text(field.value).unwrap_or_default();
    let named = values.iter().find(|value| value.name == text);
    named.is_some_and(|value| value.value == 0)
}

/// Another of the names that a field's values have.
fn other_name(maker: &mut Maker<'_>, at: &str, register: &str, field: &Entry, subjects: &[String]) {
    let known = maker.nic.register(register);
    let known = known.and_then(|register| register.field(&field.key));
    let values = known
        .map(|field| field.values.as_slice())
        .unwrap_or_default();
    let text = maker.tree.text(field.value).unwrap_or_default();
    if values.iter().any(|value| value.name == text)
        && let Some(other) = values.iter().find(|value| value.name != text)
    {
        maker.replace(Kind::Value, at, field.value, other.name.clone(), subjects);
    }
}

/// Two steps in the other order, where the order is a fact.
fn exchange(maker: &mut Maker<'_>, at: &str, step: NodeId, next: NodeId) {
    let (Some(first), Some(second)) = (verb(maker, step), verb(maker, next)) else {
        return;
    };
    if [first, second]
        .iter()
        .any(|verb| WAITS.contains(&verb.key.as_str()))
    {
        return;
    }
    if !order::is_fact(maker, [(first, step), (second, next)]) {
        return;
    }
    if let (Some(a), Some(b)) = (maker.lines_of(step), maker.lines_of(next)) {
        let (upper, lower) = (
            maker.text[a.clone()].to_owned(),
            maker.text[b.clone()].to_owned(),
        );
        let change = format!("after {}", second.key);
        let at = format!("{at}.{}", first.key);
        let about = [maker.subjects(step), maker.subjects(next)].concat();
        let edits = vec![(a, lower), (b, upper)];
        maker.add(Kind::Order, &at, change, &about, edits);
    }
}

impl Maker<'_> {
    /// The opposite of a condition.
    pub(super) fn negate(&mut self, kind: Kind, at: &str, node: NodeId, subjects: &[String]) {
        if let Some(text) = self.tree.text(node) {
            let opposite = format!("not ({text})");
            self.replace(kind, at, node, opposite, subjects);
        }
    }

    /// Every number in an expression, its lowest bit changed, and without its highest.
    pub(super) fn change_numbers(
        &mut self,
        kind: Kind,
        at: &str,
        node: NodeId,
        subjects: &[String],
    ) {
        let Some(text) = self.tree.text(node) else {
            return;
        };
        for (range, number) in numbers(text) {
            let word = &text[range.clone()];
            let others = [Some(flipped(word, number)), without_highest(word, number)];
            for other in others.into_iter().flatten() {
                let mut changed = text.to_owned();
                changed.replace_range(range.clone(), &other);
                self.replace(kind, at, node, changed, subjects);
            }
        }
    }

    /// Registers and fields that a part of the spec affects.
    pub(super) fn subjects(&self, node: NodeId) -> Vec<String> {
        let mut found = Vec::new();
        self.collect(node, None, &mut found);
        found.sort();
        found.dedup();
        found
    }

    fn collect(&self, node: NodeId, register: Option<&str>, found: &mut Vec<String>) {
        match self.tree.kind(node) {
            NodeKind::Scalar { text, .. } => self.named(text, found),
            NodeKind::List(items) => items
                .iter()
                .for_each(|&item| self.collect(item, None, found)),
            NodeKind::Map(entries) => {
                for entry in entries {
                    if PROSE.contains(&entry.key.as_str()) {
                        continue;
                    }
                    let name = entry.key.split('[').next().unwrap_or_default();
                    if let Some(register) = register {
                        found.push(format!("{register}.{name}"));
                    }
                    let is_register = self.nic.register(name).is_some() && register.is_none();
                    let of_fields = is_register && self.tree.map(entry.value).is_some();
                    if is_register && !of_fields {
                        found.push(name.to_owned());
                    }
                    self.collect(entry.value, of_fields.then_some(name), found);
                }
            }
        }
    }

    /// Registers, with the field where one is named, in an expression.
    fn named(&self, text: &str, found: &mut Vec<String>) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut rest = text;
        while let Some(start) = rest.find(is_name) {
            rest = &rest[start..];
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            rest = after;
            let Some(register) = self.nic.register(word) else {
                continue;
            };
            // The element is between an array and its field.
            let after = match after.strip_prefix('[').and_then(|inside| inside.find(']')) {
                Some(close) => &after[close + 2..],
                None => after,
            };
            let field = after.strip_prefix('.').unwrap_or_default();
            let field = &field[..field.find(|c| !is_name(c)).unwrap_or(field.len())];
            found.push(match register.field(field) {
                Some(field) => format!("{word}.{}", field.name),
                None => word.to_owned(),
            });
        }
    }
}
