//! Order rules.

use super::item::Item;
use crate::difference::change::Subject;
use crate::ir::{OrderEvent, OrderRule};
use crate::printer::Printer;

/// One item per rule, named after its `then`; a second rule with the same `then` has its number.
pub(super) fn items(rules: &[OrderRule], spell: Printer<'_>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let OrderRule {
            first,
            then,
            section,
            // Its position in the file is no fact about the hardware.
            line: _,
        } = rule;
        let before = rules[..index]
            .iter()
            .filter(|other| event(&other.then, spell) == event(then, spell));
        let name = match before.count() {
            0 => event(then, spell),
            earlier => format!("{} ({})", event(then, spell), earlier + 1),
        };
        let mut item = Item::new(Subject::Order(name));
        item.each("first", first.iter().map(|first| event(first, spell)));
        item.fact("section", section);
        items.push(item);
    }
    items
}

/// An event, in the words of the rule.
pub(in crate::difference) fn event(event: &OrderEvent, spell: Printer<'_>) -> String {
    match event {
        OrderEvent::Written(register) => register.name.clone(),
        OrderEvent::Set(field) => spell.field(field),
    }
}
