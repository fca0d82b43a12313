//! Where the fields of descriptors are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::maker::{Fact, Kind, Maker};
use super::scalars::{bits, range};
use crate::diagnostic::NodeId;
use crate::ir::{Descriptor, DescriptorField, Nic, SettingValue};

/// The role of a descriptor field in the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Address,
    Length,
    FrameLength,
    Number(u64),
    First,
    Last,
    EndOfRing,
    Report,
    Done,
    Good,
    Bad,
}

/// Roles by format and field. A field that a driver writes as zero or does not read has none.
type Roles = BTreeMap<(String, String), BTreeSet<Role>>;

/// A field and where it is.
struct Placed<'a> {
    low: u64,
    high: u64,
    name: &'a str,
    node: NodeId,
    roles: BTreeSet<Role>,
}

/// Moves every field by a bit, and exchanges adjacent fields of the same width: a rule finds a move that leaves a gap,
/// and only a device finds the others. Fields without a role, and exchanges of fields with the same role, make no
/// difference.
pub(super) fn all(maker: &mut Maker<'_>) {
    let tree = maker.tree;
    let roles = roles(maker.nic);
    for format in maker.entries(maker.node(&["descriptors"])) {
        let mut placed = Vec::new();
        for field in maker.entries(tree.get(format.value, "fields")) {
            if let Some(node) = tree.get(field.value, "bits")
                && let Some((high, low)) = tree.text(node).and_then(bits)
            {
                let of_field = roles.get(&(format.key.clone(), field.key.clone()));
                placed.push(Placed {
                    low,
                    high,
                    name: &field.key,
                    node,
                    roles: of_field.cloned().unwrap_or_default(),
                });
            }
        }
        placed.sort_unstable_by_key(|field| field.low);
        let fact = |field: &Placed<'_>| {
            let at = format!("descriptors.{}.fields.{}.bits", format.key, field.name);
            Fact::new(Kind::Ring, at, [])
        };
        for field in placed.iter().filter(|field| !field.roles.is_empty()) {
            let other = range(field.high + 1, field.low + 1, maker.is_quoted(field.node));
            maker.replace(&fact(field), field.node, other);
        }
        for (field, next) in placed.iter().zip(placed.iter().skip(1)) {
            let side_by_side =
                field.high - field.low == next.high - next.low && field.high + 1 == next.low;
            if !side_by_side || field.roles == next.roles {
                continue;
            }
            if let (Some(a), Some(b)) = (maker.range(field.node), maker.range(next.node)) {
                let change = format!("exchanged with {}", next.name);
                maker.exchange(&fact(field), change, a, b);
            }
        }
    }
}

fn roles(nic: &Nic) -> Roles {
    let mut roles = Roles::new();
    let mut add = |format: &Descriptor, field: &DescriptorField, role: Role| {
        let key = (format.name.clone(), field.name.clone());
        roles.entry(key).or_default().insert(role);
    };
    let (tx, rx) = (nic.tx(), nic.rx());
    for pattern in [&tx.encode, &rx.arm] {
        for setting in &pattern.set {
            let role = match setting.value {
                SettingValue::Address => Role::Address,
                SettingValue::Length => Role::Length,
                SettingValue::FrameLength => Role::FrameLength,
                SettingValue::Number(0) => continue,
                SettingValue::Number(number) => Role::Number(number),
            };
            add(&pattern.format, &setting.field, role);
        }
    }
    let received = &rx.completion.format;
    let lists: [(&Descriptor, &[Arc<DescriptorField>], Role); 9] = [
        (&tx.encode.format, &tx.first, Role::First),
        (&tx.encode.format, &tx.last, Role::Last),
        (&tx.encode.format, &tx.end_of_ring, Role::EndOfRing),
        (&tx.encode.format, &tx.report, Role::Report),
        (&rx.arm.format, &rx.end_of_ring, Role::EndOfRing),
        (received, &rx.first, Role::First),
        (received, &rx.last, Role::Last),
        (received, &rx.good.set, Role::Good),
        (received, &rx.good.clear, Role::Bad),
    ];
    for (format, fields, role) in lists {
        fields.iter().for_each(|field| add(format, field, role));
    }
    add(received, &rx.length, Role::Length);
    for completion in tx.completion_bit().into_iter().chain([&rx.completion]) {
        add(&completion.format, &completion.field, Role::Done);
    }
    roles
}
