//! Steps of sequences: taken out, exchanged, and with other values.

use std::sync::Arc;

use super::maker::{Fact, Kind, Maker};
use super::order;
use super::scalars::{flipped, flipped_in, number, numbers, without_highest, without_highest_in};
use crate::diagnostic::NodeId;
use crate::gaps;
use crate::ir::{EnumValue, Field};
use crate::schema::{self, Map};
use crate::tree::{Entry, Kind as NodeKind};

/// Keys whose values are sentences.
const PROSE: [&str; 4] = ["why", "section", "otherwise", "fail"];

/// Verbs that wait for time to pass or for writes to arrive.
const WAITS: [&str; 3] = ["delay", "sleep", "flush"];

pub(super) fn all(maker: &mut Maker<'_>) {
    for sequence in maker.entries(maker.node(&["sequences"])) {
        let at = format!("sequences.{}", sequence.key);
        below(maker, &at, maker.tree.get(sequence.value, "steps"));
    }
}

/// The steps of a list, or those that edits of an inherited list add, and what they change in others.
fn below(maker: &mut Maker<'_>, at: &str, node: Option<NodeId>) {
    list(maker, at, node);
    for edit in maker.entries(node) {
        let at = format!("{at}.{}", edit.key);
        match edit.key.as_str() {
            "add" => list(maker, &at, Some(edit.value)),
            "insert" | "change" => {
                for (index, &each) in maker.items(Some(edit.value)).iter().enumerate() {
                    let at = format!("{at}[{index}]");
                    list(maker, &at, maker.tree.get(each, "items"));
                    if let Some(to) = maker.tree.get(each, "to") {
                        step(maker, &at, &[], to);
                    }
                }
            }
            _ => {}
        }
    }
}

fn list(maker: &mut Maker<'_>, at: &str, node: Option<NodeId>) {
    let items = maker.items(node);
    for (index, &item) in items.iter().enumerate() {
        let at = format!("{at}[{index}]");
        step(maker, &at, items, item);
        if let Some(&next) = items.get(index + 1) {
            exchange(maker, &at, item, next);
        }
    }
}

/// The verb of a step, with what it is done to.
fn verb<'t>(maker: &Maker<'t>, step: NodeId) -> Option<&'t Entry> {
    let is_verb = |entry: &&Entry| {
        let key = schema::Step::shape().key(&entry.key);
        key.is_some_and(|key| key.verb)
    };
    maker.entries(Some(step)).iter().find(is_verb)
}

fn step(maker: &mut Maker<'_>, at: &str, items: &[NodeId], step: NodeId) {
    let verb = verb(maker, step);
    let at = verb.map_or(at.to_owned(), |verb| format!("{at}.{}", verb.key));
    // A change of an inherited step may leave its verb as it is.
    if let Some(verb) = verb {
        own(maker, &at, items, step, verb);
    }
    let about = verb.map_or(step, |verb| verb.value);
    let fact = Fact::new(Kind::Value, at.clone(), maker.subjects(about));
    for entry in maker.entries(maker.tree.get(step, "with")) {
        maker.change_numbers(&fact.below(&format!("with.{}", entry.key)), entry.value);
    }
    for key in ["then", "else", "do"] {
        below(maker, &format!("{at}.{key}"), maker.tree.get(step, key));
    }
}

/// What a step does itself, without the steps in it.
fn own(maker: &mut Maker<'_>, at: &str, items: &[NodeId], step: NodeId, verb: &Entry) {
    let (name, value) = (verb.key.as_str(), verb.value);
    let is_item = items.contains(&step);
    if let Some(edit) = maker.without_item(items, step).filter(|_| is_item) {
        let mut subjects = maker.subjects(step);
        if WAITS.contains(&name) {
            subjects = vec![name.to_owned()];
        }
        if name == "write" {
            let zeros = zeros(maker, value);
            subjects.retain(|subject| !zeros.contains(subject));
        }
        let fact = Fact::new(Kind::Step, at.to_owned(), subjects);
        maker.add(&fact, "left out".to_owned(), vec![edit]);
    }
    let mut fact = Fact::new(Kind::Value, at.to_owned(), maker.subjects(value));
    match name {
        "write" | "modify" | "write_each" => writes(maker, at, name, value),
        "set" | "clear" => {
            let other = if name == "set" { "clear" } else { "set" };
            let key = verb.key_span.start..verb.key_span.end;
            let change = format!("{name} -> {other}");
            maker.add(&fact, change, vec![(key, other.to_owned())]);
        }
        "if" | "verify" => {
            // A condition that does not read the device affects only the steps that depend on it.
            if fact.subjects.is_empty() {
                fact = fact.about(maker.subjects(step));
            }
            maker.negate(&fact, value);
            maker.change_numbers(&fact, value);
        }
        "poll" => {
            if let Some(until) = maker.tree.get(value, "until") {
                maker.negate(&fact, until);
                maker.change_numbers(&fact, until);
            }
        }
        "for" | "let" => {
            // A loop affects what its steps affect.
            if name == "for" {
                fact = fact.about(maker.subjects(step));
            }
            for entry in maker.entries(Some(value)) {
                maker.change_numbers(&fact.below(&entry.key), entry.value);
            }
        }
        "return" => match maker.tree.list(value) {
            Some(octets) => {
                for (index, &octet) in octets.iter().enumerate() {
                    let at = format!("{at}[{index}]");
                    let fact = Fact::new(Kind::Value, at, fact.subjects.clone());
                    maker.change_numbers(&fact, octet);
                }
            }
            None => maker.change_numbers(&fact, value),
        },
        "guard" => {
            for key in ["enter", "body", "leave"] {
                below(maker, &format!("{at}.{key}"), maker.tree.get(value, key));
            }
        }
        _ => {}
    }
}

/// Whole registers, or fields of one.
fn writes(maker: &mut Maker<'_>, at: &str, verb: &str, value: NodeId) {
    for register in maker.entries(Some(value)) {
        let name = register_name(register);
        let at = format!("{at}.{}", register.key);
        let fact = Fact::new(Kind::Value, at, [name.to_owned()]);
        // The index into an array is part of the key.
        for (range, number) in numbers(&register.key) {
            let start = register.key_span.start
                + usize::from(maker.text[register.key_span.start..].starts_with('"'));
            let place = start + range.start..start + range.end;
            let word = &register.key[range];
            if maker.text.get(place.clone()) == Some(word) {
                let other = flipped(word, number);
                let change = format!("element {word} -> {other}");
                maker.add(&fact, change, vec![(place, other)]);
            }
        }
        let Some(fields) = maker.tree.map(register.value) else {
            if is_removed(maker, register.value) {
                continue;
            }
            match whole_number(maker, name, register.value) {
                Some(others) => others
                    .into_iter()
                    .for_each(|other| maker.replace(&fact, register.value, other)),
                None => other_values(maker, &fact, register.value),
            }
            continue;
        };
        for (index, field) in fields.iter().enumerate() {
            let fact = fact.below(&field.key);
            let fact = fact.about([format!("{name}.{}", field.key)]);
            if !is_zero_by_name(maker, name, field) && !is_removed(maker, field.value) {
                other_values(maker, &fact, field.value);
            }
            other_name(maker, &fact, name, field);
            // A write of a whole register sets the fields that it does not name to zero.
            let is_said = verb == "modify" || !is_zero(maker, name, field);
            if fields.len() > 1
                && is_said
                && let Some(range) = maker.without_entry(fields, index)
            {
                maker.remove(&fact, "left out".to_owned(), range);
            }
        }
    }
}

/// Whether an edit removes what it inherits.
fn is_removed(maker: &Maker<'_>, value: NodeId) -> bool {
    maker.tree.text(value).is_some_and(gaps::is_marker)
}

/// The register of an entry such as `TDT[queue]`.
fn register_name(entry: &Entry) -> &str {
    entry.key.split('[').next().unwrap_or_default()
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

fn other_values(maker: &mut Maker<'_>, fact: &Fact, value: NodeId) {
    match maker.tree.text(value).map(numbers) {
        Some(numbers) if numbers.is_empty() => maker.replace(fact, value, "0"),
        _ => maker.change_numbers(fact, value),
    }
}

/// Fields that a write of a whole register names only to set them to zero, if other fields have other values.
fn zeros(maker: &Maker<'_>, value: NodeId) -> Vec<String> {
    let mut zeros = Vec::new();
    for register in maker.entries(Some(value)) {
        let name = register_name(register);
        let fields = maker.entries(Some(register.value));
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
    let text = maker.tree.text(field.value).unwrap_or_default();
    let mut values = values(maker, register, field).iter();
    values.any(|value| value.name == text && value.value == 0)
}

/// The values of a field that have names.
fn values<'t>(maker: &Maker<'t>, register: &str, field: &Entry) -> &'t [Arc<EnumValue>] {
    let known = maker.nic.register(register);
    let known = known.and_then(|register| register.field(&field.key));
    known.map_or(&[], |field| &field.values)
}

/// Another of the names that a field's values have.
fn other_name(maker: &mut Maker<'_>, fact: &Fact, register: &str, field: &Entry) {
    let values = values(maker, register, field);
    let text = maker.tree.text(field.value).unwrap_or_default();
    if values.iter().any(|value| value.name == text)
        && let Some(other) = values.iter().find(|value| value.name != text)
    {
        maker.replace(fact, field.value, other.name.as_str());
    }
}

/// Two steps in the other order, where the order is a fact.
fn exchange(maker: &mut Maker<'_>, at: &str, step: NodeId, next: NodeId) {
    let (Some(first), Some(second)) = (verb(maker, step), verb(maker, next)) else {
        return;
    };
    let waits = |verb: &&Entry| WAITS.contains(&verb.key.as_str());
    if [first, second].iter().any(waits) || !order::is_fact(maker, [(first, step), (second, next)])
    {
        return;
    }
    if let (Some(a), Some(b)) = (maker.lines_of(step), maker.lines_of(next)) {
        let about = [maker.subjects(step), maker.subjects(next)].concat();
        let fact = Fact::new(Kind::Order, format!("{at}.{}", first.key), about);
        maker.exchange(&fact, format!("after {}", second.key), a, b);
    }
}

impl Maker<'_> {
    /// The opposite of a condition.
    pub(super) fn negate(&mut self, fact: &Fact, node: NodeId) {
        if let Some(text) = self.tree.text(node) {
            self.replace(fact, node, format!("not ({text})"));
        }
    }

    /// Every number in an expression, its lowest bit changed, and without its highest.
    pub(super) fn change_numbers(&mut self, fact: &Fact, node: NodeId) {
        let text = self.tree.text(node).unwrap_or_default();
        for (range, number) in numbers(text) {
            let word = &text[range.clone()];
            let others = [Some(flipped(word, number)), without_highest(word, number)];
            for other in others.into_iter().flatten() {
                let mut changed = text.to_owned();
                changed.replace_range(range.clone(), &other);
                self.replace(fact, node, changed);
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
                    let name = register_name(entry);
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
