//! The items of a spec, with their facts.
//!
//! What a spec states plainly is a fact under the name of its key: see [`plain`](schema::plain). The files of this
//! folder add what has to be put into other words: names, which belong to something, expressions, lists and numbers
//! with a unit.

mod descriptors;
mod identity;
mod model;
pub(super) mod order;
mod registers;
mod rings;
mod sequences;
mod services;

use super::change::{Fact, Sort, Subject};
use super::side::Side;
use crate::ir::Nic;
use crate::printer::Printer;
use crate::schema::{self, Key};

/// Something that has a name, with its facts in the spec.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) subject: Subject,
    pub(super) facts: Vec<Fact>,
}

impl Item {
    fn new(subject: Subject) -> Self {
        Self {
            subject,
            facts: Vec::new(),
        }
    }

    /// Adds a fact. Facts with the same name get a number. One that is called after a key whose value is prose
    /// is for people, and no other is.
    fn fact(&mut self, aspect: impl Into<String>, value: impl ToString) {
        let aspect = aspect.into();
        let key = self.subject.map().key_at(aspect.split('.'));
        let sort = match key.is_some_and(Key::is_prose) {
            true => Sort::Words,
            false => Sort::Hardware,
        };
        self.push(aspect, value.to_string(), sort);
    }

    /// Adds a fact that may be missing.
    fn fact_if(&mut self, aspect: impl Into<String>, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.fact(aspect, value);
        }
    }

    /// Adds each element of a list whose order does not matter.
    fn each(&mut self, aspect: &str, values: impl IntoIterator<Item = String>) {
        for value in values {
            self.fact(format!("{aspect} {value}"), "");
        }
    }

    fn push(&mut self, aspect: String, value: String, sort: Sort) {
        let taken = |name: &str| self.facts.iter().any(|fact| fact.aspect == name);
        let numbered = (2..).map(|number| format!("{aspect} ({number})"));
        let free = std::iter::once(aspect.clone())
            .chain(numbered)
            .find(|name| !taken(name));
        self.facts.push(Fact {
            aspect: free.unwrap_or(aspect),
            value,
            sort,
        });
    }
}

/// Every item of a spec, in the order in which people read it.
pub(super) fn items(side: &Side) -> Vec<Item> {
    let plain = schema::plain(side.tree());
    let mut items = in_other_words(side.meant());
    for item in &mut items {
        let part = item.subject.part(side.meant());
        for (aspect, value) in part.iter().filter_map(|part| plain.get(part)).flatten() {
            if item.facts.iter().all(|fact| fact.aspect != *aspect) {
                item.fact(aspect, value);
            }
        }
        item.facts.sort_by_key(|fact| fact.sort == Sort::Words);
    }
    items
}

/// The items with those of their facts that are no plain values.
fn in_other_words(nic: &Nic) -> Vec<Item> {
    let Nic {
        variants,
        spaces,
        constants,
        options,
        registers,
        descriptors,
        tx,
        rx,
        interrupts,
        link,
        filters,
        rss,
        statistics,
        order,
        sequences,
        model,
        ..
    } = nic;
    let spell = Printer::new(variants);
    let mut items = vec![identity::nic()];
    items.extend(identity::variants(variants, spell));
    items.extend(identity::spaces(spaces));
    items.extend(identity::constants(constants, spell));
    items.extend(identity::options(options));
    items.extend(
        registers
            .iter()
            .flat_map(|register| registers::items(register, spell)),
    );
    items.extend(descriptors.iter().flat_map(descriptors::items));
    items.push(rings::tx(tx));
    items.push(rings::rx(rx, spell));
    items.push(services::interrupts(interrupts, spell));
    items.push(services::link(link, spell));
    items.push(services::filters(filters, spell));
    items.extend(rss.as_ref().map(|rss| services::rss(rss, spell)));
    items.extend(
        statistics
            .iter()
            .map(|counter| services::counter(counter, spell)),
    );
    items.extend(order::items(order, spell));
    items.extend(sequences.iter().map(sequences::item));
    items.push(model::item(model, spell));
    items
}
