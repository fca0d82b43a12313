//! Interrupts, link, filters, receive-side scaling and statistics.

use super::item::Item;
use crate::difference::change::Subject;
use crate::ir::{
    Cause, Counter, Filters, Interrupts, Link, Mask, MessageCauses, Messages, Rss, RssTable,
    Source, Speed, Throttle,
};
use crate::printer::Printer;

pub(super) fn interrupts(interrupts: &Interrupts, spell: Printer<'_>) -> Item {
    let Interrupts {
        modes,
        cause,
        mask,
        causes,
        throttle,
        messages,
        ..
    } = interrupts;
    let mut item = Item::new(Subject::Interrupts);
    let modes = modes.iter().map(|mode| mode.name());
    item.fact("modes", modes.collect::<Vec<_>>().join(", "));
    item.fact("cause.register", &cause.name);
    match mask {
        Mask::Whole(register) => item.fact("mask", &register.name),
        Mask::Pair { set, clear } => {
            item.fact("mask_set", &set.name);
            item.fact("mask_clear", &clear.name);
        }
    }
    for Cause { name, fields } in causes {
        let fields = fields
            .iter()
            .map(|field| format!("{}.{}", cause.name, field.name));
        item.each(&format!("causes.{name}"), fields);
    }
    if let Some(Throttle {
        register, field, ..
    }) = throttle
    {
        item.fact("throttle.register", &register.name);
        let field = field
            .as_ref()
            .map(|field| format!("{}.{}", register.name, field.name));
        item.fact_if("throttle.field", field);
    }
    if let Some(messages) = messages {
        self::messages(&mut item, messages, spell);
    }
    item
}

fn messages(item: &mut Item, messages: &Messages, spell: Printer<'_>) {
    let Messages {
        when,
        rx,
        tx,
        other,
        cause,
        causes,
        mask_set,
        mask_clear,
        auto_clear,
        auto_field,
        ..
    } = messages;
    item.fact_if("messages.when", when.as_ref().map(|when| spell.field(when)));
    item.fact("messages.rx", spell.num(rx));
    item.fact("messages.tx", spell.num(tx));
    item.fact("messages.other", spell.num(other));
    item.fact("messages.cause", &cause.name);
    if let Some(MessageCauses { rx, tx, other }) = causes {
        item.fact("messages.causes.rx", &rx.name);
        item.fact("messages.causes.tx", &tx.name);
        item.fact("messages.causes.other", &other.name);
    }
    item.fact("messages.mask_set", &mask_set.name);
    item.fact("messages.mask_clear", &mask_clear.name);
    let auto_field = auto_field.as_ref();
    let auto_field = auto_field.map_or(String::new(), |field| format!(".{}", field.name));
    item.fact(
        "messages.auto_clear",
        format!("{}{auto_field}", auto_clear.name),
    );
}

pub(super) fn link(link: &Link, spell: Printer<'_>) -> Item {
    let Link {
        up,
        speeds,
        full_duplex,
        ..
    } = link;
    let mut item = Item::new(Subject::Link);
    item.fact("up", spell.cond(up));
    for (index, Speed { when, mbps }) in speeds.iter().enumerate() {
        let number = index + 1;
        item.fact(
            format!("speed {number}"),
            format!("{mbps} Mbit/s when {}", spell.cond(when)),
        );
    }
    item.fact("full_duplex", spell.cond(full_duplex));
    item
}

pub(super) fn filters(filters: &Filters, spell: Printer<'_>) -> Item {
    let Filters {
        table, reversed_on, ..
    } = filters;
    let mut item = Item::new(Subject::Filters);
    item.fact("multicast.table", &table.name);
    let reversed = spell.variants(reversed_on);
    item.fact_if(
        "multicast.reversed_on",
        (!reversed.is_empty()).then_some(reversed),
    );
    item
}

pub(super) fn rss(rss: &Rss, spell: Printer<'_>) -> Item {
    let Rss {
        key,
        table,
        enabled_when,
        types,
        ..
    } = rss;
    let RssTable { register, .. } = table;
    let mut item = Item::new(Subject::Rss);
    item.fact("key", &key.name);
    item.fact("table.register", &register.name);
    item.fact("enabled_when", spell.cond(enabled_when));
    for (kind, field) in types {
        item.fact(format!("types.{}", kind.name()), spell.field(field));
    }
    item
}

pub(super) fn counter(counter: &Counter, spell: Printer<'_>) -> Item {
    let Counter {
        name,
        source,
        variants,
        ..
    } = counter;
    let mut item = Item::new(Subject::Counter(name.clone()));
    match source {
        Source::One(register) => item.fact("register", &register.name),
        Source::Pair { low, high } => {
            item.fact("low", &low.name);
            item.fact("high", &high.name);
        }
        Source::Block { .. } => {}
    }
    if !variants.is_all() {
        item.fact("only on", spell.variants(variants));
    }
    item
}
