//! Values whose meaning does not depend on the rest of the spec: numbers, words and texts.

use std::collections::BTreeMap;

use super::types::{Key, Type};
use super::walk::walk;
use super::yaml;
use crate::diagnostic::NodeId;
use crate::tree::Tree;

/// The plain values of a spec, by the part that they belong to: under `registers.CTRL`, the value of `reset`. One that is
/// not stated is the default.
type Plain = BTreeMap<String, Vec<(String, String)>>;

/// Every plain value of a spec.
pub(crate) fn plain(tree: &Tree) -> Plain {
    let mut plain = Plain::new();
    walk(tree, &mut |site| {
        let Some(keys) = site.keys(tree) else {
            return;
        };
        let (part, path) = site.path.split_at(site.part);
        let mut values = Vec::new();
        for key in keys.into_iter().filter(|key| is_plain(key.ty)) {
            let stated = tree.get(site.node, key.name);
            if let Some(value) = stated.map_or_else(|| without(key), |node| value(tree, node)) {
                let path = path.iter().map(String::as_str).chain([key.name]);
                values.push((path.collect::<Vec<_>>().join("."), value));
            }
        }
        plain.entry(part.join(".")).or_default().extend(values);
    });
    plain
}

fn is_plain(ty: Type) -> bool {
    matches!(
        ty,
        Type::Text | Type::Flag | Type::Number(_) | Type::Section | Type::Bits | Type::Word(_)
    )
}

/// What holds without a key.
fn without(key: &Key) -> Option<String> {
    key.default.or(key.without).map(str::to_owned)
}

/// A value in a form that is the same however a spec writes it.
fn value(tree: &Tree, node: NodeId) -> Option<String> {
    match yaml::scalar_at(tree, node)? {
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        _ => tree.text(node).map(str::to_owned),
    }
}
