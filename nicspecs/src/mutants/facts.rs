//! Registers, and how the link and interrupts are read.

use super::maker::{Fact, Kind, Maker};
use super::scalars::{bits, like, number, range};
use crate::diagnostic::NodeId;
use crate::tree::Entry;

pub(super) fn registers(maker: &mut Maker<'_>) {
    let (tree, nic) = (maker.tree, maker.nic);
    for Entry { key, value, .. } in maker.entries(maker.node(&["registers"])) {
        let Some(register) = nic.register(key).filter(|_| maker.touched.has(key)) else {
            continue;
        };
        let bytes = register.bytes();
        let fact = Fact::new(Kind::Register, format!("registers.{key}"), [key.clone()]);
        places(maker, &fact, *value, bytes);
        let pieces = maker.items(tree.get(*value, "pieces"));
        for (index, piece) in pieces.iter().enumerate() {
            places(
                maker,
                &fact.below(&format!("pieces[{index}]")),
                *piece,
                bytes,
            );
        }
        if let Some(width) = tree.get(*value, "width") {
            let other = match tree.text(width) {
                Some("64") => "32",
                Some("16") => "8",
                _ => "16",
            };
            maker.replace(&fact.below("width"), width, other);
        }
        for field in maker.entries(tree.get(*value, "fields")) {
            if maker.touched.has_field(key, &field.key)
                && let Some(bits) = tree.get(field.value, "bits")
            {
                let at = format!("registers.{key}.fields.{}.bits", field.key);
                let fact = Fact::new(Kind::Field, at, [format!("{key}.{}", field.key)]);
                moved(
                    maker,
                    &fact,
                    bits,
                    maker.touched.width_matters(key, &field.key),
                );
            }
        }
    }
}

/// Offsets and strides, a register further and a register nearer.
fn places(maker: &mut Maker<'_>, fact: &Fact, node: NodeId, bytes: u64) {
    for key in ["offset", "stride"] {
        if let Some(node) = maker.tree.get(node, key)
            && let Some(text) = maker.tree.text(node)
            && let Some(value) = number::<u64>(text)
        {
            let others = [value.checked_add(bytes), value.checked_sub(bytes)];
            for other in others.into_iter().flatten() {
                maker.replace(&fact.below(key), node, like(text, other));
            }
        }
    }
}

/// The bits of a field: one up, one down, one more, one less.
fn moved(maker: &mut Maker<'_>, fact: &Fact, node: NodeId, width_matters: bool) {
    let Some((high, low)) = maker.tree.text(node).and_then(bits) else {
        return;
    };
    let others = [
        (true, high + 1, low + 1),
        (low > 0, high.wrapping_sub(1), low.wrapping_sub(1)),
        (width_matters, high + 1, low),
        (width_matters && high > low, high.wrapping_sub(1), low),
    ];
    for (_, high, low) in others.into_iter().filter(|(is_possible, ..)| *is_possible) {
        maker.replace(fact, node, range(high, low, maker.is_quoted(node)));
    }
}

/// The link and interrupts.
pub(super) fn state(maker: &mut Maker<'_>) {
    let (tree, nic) = (maker.tree, maker.nic);
    for key in ["present", "up", "full_duplex"] {
        if let Some(node) = maker.node(&["link", key]) {
            let fact = Fact::new(Kind::State, format!("link.{key}"), maker.subjects(node));
            maker.negate(&fact, node);
            maker.change_numbers(&fact, node);
        }
    }
    let speeds = maker.items(maker.node(&["link", "speeds"]));
    for (index, &speed) in speeds.iter().enumerate() {
        let at = format!("link.speeds[{index}]");
        let fact = Fact::new(Kind::State, at, maker.subjects(speed));
        if let Some(mbps) = tree.get(speed, "mbps") {
            maker.change_numbers(&fact.below("mbps"), mbps);
        }
        if let Some(when) = tree.get(speed, "when")
            && index + 1 < speeds.len()
        {
            maker.negate(&fact.below("when"), when);
        }
    }
    maker.toggle(
        Kind::State,
        &["interrupts", "cause", "acknowledge"],
        ["read", "write"],
    );
    let cause = &nic.interrupts().cause.name;
    for entry in maker.entries(maker.node(&["interrupts", "causes"])) {
        maker.shorten(entry.value, |name| {
            let at = format!("interrupts.causes.{}", entry.key);
            Fact::new(Kind::State, at, [format!("{cause}.{name}")])
        });
    }
}
