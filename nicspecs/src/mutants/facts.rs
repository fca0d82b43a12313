//! Registers, and how the link and interrupts are read.

use super::maker::{Kind, Maker};
use super::scalars::{bits, like, number, range};
use crate::diagnostic::NodeId;
use crate::tree::Entry;

pub(super) fn registers(maker: &mut Maker<'_>) {
    let Some(registers) = maker.node(&["registers"]) else {
        return;
    };
    let entries = maker.tree.map(registers).unwrap_or_default();
    for Entry { key, value, .. } in entries {
        if !maker.touched.has(key) {
            continue;
        }
        let bytes = maker
            .nic
            .register(key)
            .map_or(4, |register| register.bytes());
        let at = format!("registers.{key}");
        let subjects = [key.clone()];
        places(maker, &at, *value, bytes, &subjects);
        let pieces = maker.tree.get(*value, "pieces");
        let pieces = pieces.and_then(|pieces| maker.tree.list(pieces));
        for (index, piece) in pieces.unwrap_or_default().iter().enumerate() {
            places(
                maker,
                &format!("{at}.pieces[{index}]"),
                *piece,
                bytes,
                &subjects,
            );
        }
        if let Some(width) = maker.tree.get(*value, "width") {
            let other = match maker.tree.text(width) {
                Some("8") => "16",
                Some("64") => "32",
                Some("16") => "8",
                _ => "16",
            };
            maker.replace(
                Kind::Register,
                &format!("{at}.width"),
                width,
                other.to_owned(),
                &subjects,
            );
        }
        let fields = maker.tree.get(*value, "fields");
        let fields = fields.and_then(|fields| maker.tree.map(fields));
        for field in fields.unwrap_or_default() {
            if maker.touched.has_field(key, &field.key) {
                let subjects = [format!("{key}.{}", field.key)];
                let width_matters = maker.touched.width_matters(key, &field.key);
                moved(
                    maker,
                    &format!("{at}.fields.{}", field.key),
                    field.value,
                    &subjects,
                    width_matters,
                );
            }
        }
    }
}

/// Offsets and strides, a register further and a register nearer.
fn places(maker: &mut Maker<'_>, at: &str, node: NodeId, bytes: u64, subjects: &[String]) {
    for key in ["offset", "stride"] {
        let Some(node) = maker.tree.get(node, key) else {
            continue;
        };
        let Some(text) = maker.tree.text(node) else {
            continue;
        };
        let Some(value) = number(text) else { continue };
        let others = [value.checked_add(bytes), value.checked_sub(bytes)];
        let others: Vec<_> = others
            .into_iter()
            .flatten()
            .map(|other| like(text, other))
            .collect();
        for other in others {
            maker.replace(
                Kind::Register,
                &format!("{at}.{key}"),
                node,
                other,
                subjects,
            );
        }
    }
}

/// The bits of a field: one up, one down, one more, one less.
fn moved(maker: &mut Maker<'_>, at: &str, field: NodeId, subjects: &[String], width_matters: bool) {
    let Some(node) = maker.tree.get(field, "bits") else {
        return;
    };
    let Some((high, low)) = maker.tree.text(node).and_then(bits) else {
        return;
    };
    let quoted = maker.is_quoted(node);
    let mut others = vec![(high + 1, low + 1)];
    if low > 0 {
        others.push((high - 1, low - 1));
    }
    if width_matters {
        others.push((high + 1, low));
    }
    if width_matters && high > low {
        others.push((high - 1, low));
    }
    for (high, low) in others {
        maker.replace(
            Kind::Field,
            &format!("{at}.bits"),
            node,
            range(high, low, quoted),
            subjects,
        );
    }
}

impl Maker<'_> {
    pub(super) fn is_quoted(&self, node: NodeId) -> bool {
        self.range(node)
            .is_some_and(|range| self.text[..range.start].ends_with(['"', '\'']))
    }
}

/// The link, interrupts and filters.
pub(super) fn state(maker: &mut Maker<'_>) {
    let none = |maker: &Maker<'_>, node| maker.subjects(node);
    for path in [["link", "up"], ["link", "full_duplex"]] {
        if let Some(node) = maker.node(&path) {
            let subjects = none(maker, node);
            maker.negate(Kind::State, &path.join("."), node, &subjects);
            maker.change_numbers(Kind::State, &path.join("."), node, &subjects);
        }
    }
    let speeds = maker.node(&["link", "speeds"]);
    let speeds = speeds
        .and_then(|speeds| maker.tree.list(speeds))
        .unwrap_or_default();
    for (index, &speed) in speeds.iter().enumerate() {
        let at = format!("link.speeds[{index}]");
        let subjects = maker.subjects(speed);
        if let Some(mbps) = maker.tree.get(speed, "mbps") {
            maker.change_numbers(Kind::State, &format!("{at}.mbps"), mbps, &subjects);
        }
        if let Some(when) = maker.tree.get(speed, "when")
            && index + 1 < speeds.len()
        {
            maker.negate(Kind::State, &format!("{at}.when"), when, &subjects);
        }
    }
    if let Some(node) = maker.node(&["interrupts", "cause", "acknowledge"]) {
        let other = match maker.tree.text(node) {
            Some("read") => "write",
            _ => "read",
        };
        maker.replace(
            Kind::State,
            "interrupts.cause.acknowledge",
            node,
            other.to_owned(),
            &[],
        );
    }
    let causes = maker.node(&["interrupts", "causes"]);
    for entry in causes
        .and_then(|causes| maker.tree.map(causes))
        .unwrap_or_default()
    {
        let items = maker.tree.list(entry.value).unwrap_or_default();
        for (index, &item) in items.iter().enumerate() {
            let name = maker.tree.text(item).unwrap_or_default().to_owned();
            let cause = maker.nic.interrupts().cause.name.clone();
            let at = format!("interrupts.causes.{}", entry.key);
            if let Some(range) = maker.without_word(items, index) {
                let edits = vec![(range, String::new())];
                maker.add(
                    Kind::State,
                    &at,
                    format!("without {name}"),
                    &[format!("{cause}.{name}")],
                    edits,
                );
            }
        }
    }
}
