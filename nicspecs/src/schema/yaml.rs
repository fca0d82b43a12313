//! What a scalar is, and the only module that knows which YAML reader decides it: `serde_yaml`, which is archived
//! upstream. Positions are the tree's.

use serde_yaml::Value;

use crate::diagnostic::NodeId;
use crate::tree::{Kind, Tree};

/// The value of a scalar; `None` for a list or a map.
pub(super) fn scalar_at(tree: &Tree, id: NodeId) -> Option<Value> {
    match tree.kind(id) {
        Kind::Scalar {
            text, plain: true, ..
        } => Some(scalar(text)),
        Kind::Scalar { text, .. } => Some(Value::String(text.clone())),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

/// A scalar without quotes: whether it is a number is `serde_yaml`'s decision.
fn scalar(text: &str) -> Value {
    if let Some(plain) = plain(text) {
        return plain;
    }
    match serde_yaml::from_str(text) {
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

/// Words and whole numbers, which are nearly everything: no parser has to be set up for them.
fn plain(text: &str) -> Option<Value> {
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let special = ["null", "true", "false"];
        let is_special = special.iter().any(|word| text.eq_ignore_ascii_case(word));
        return (!is_special).then(|| Value::String(text.to_owned()));
    }
    let number = match text.strip_prefix("0x") {
        Some(digits) if digits.chars().all(|c| c.is_ascii_hexdigit()) => {
            u64::from_str_radix(digits, 16).ok()
        }
        None if text == "0" || !text.starts_with(['0', '+']) => text.parse().ok(),
        _ => None,
    };
    number.map(|number: u64| Value::Number(number.into()))
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::{scalar, scalar_at};
    use crate::diagnostic::{File, Findings, NodeId};
    use crate::tree::{Entry, Kind, Tree};

    /// What our parser reads, as the other one would have it.
    fn value_of(tree: &Tree, id: NodeId) -> Value {
        match tree.kind(id) {
            Kind::Scalar { .. } => scalar_at(tree, id).unwrap(),
            Kind::List(items) => items.iter().map(|&item| value_of(tree, item)).collect(),
            Kind::Map(entries) => {
                let entry = |entry: &Entry| (scalar(&entry.key), value_of(tree, entry.value));
                Value::Mapping(entries.iter().map(entry).collect())
            }
        }
    }

    #[test]
    fn both_parsers_see_the_same_structure_in_every_spec() {
        let specs = crate::load_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
        let texts = specs
            .iter()
            .map(|spec| spec.text.as_str())
            .chain([crate::TOY]);
        for text in texts {
            let tree = crate::tree::scan(text, File::Own, &mut Findings::default()).unwrap();
            let ours = value_of(&tree, tree.root());
            let theirs: Value = serde_yaml::from_str(text).unwrap();
            assert_eq!(ours, theirs);
        }
    }
}
