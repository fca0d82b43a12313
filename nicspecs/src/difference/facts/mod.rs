//! The items of a spec, with their facts.
//!
//! What a spec states plainly is a fact under the name of its key: see [`plain`](schema::plain). The files of this
//! folder add what has to be put into other words: names, which belong to something, expressions, lists and numbers
//! with a unit.

mod descriptors;
mod identity;
mod item;
mod model;
pub(super) mod order;
mod registers;
mod rings;
mod sequences;
mod services;

use super::change::Sort;
use super::side::Side;
use crate::ir::Nic;
use crate::printer::Printer;
use crate::schema;
pub(super) use item::Item;

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
