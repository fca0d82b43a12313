//! What a scalar is. `serde_yaml`, which is archived upstream, decides it for words, `null`, `true` and `false`; numbers
//! have the language's own grammar. Positions are the tree's.

use serde_yaml::Value;

use crate::diagnostic::NodeId;
use crate::number;
use crate::tree::{Kind, Tree};

/// A scalar as the language has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Flag(bool),
    Number(u64),
    /// A number for YAML, but not for the language: `1.5`, `0o4`.
    OtherNumber,
    Text(String),
}

/// The value of a scalar; `None` for a list or a map.
pub(super) fn scalar_at(tree: &Tree, id: NodeId) -> Option<Scalar> {
    match tree.kind(id) {
        Kind::Scalar {
            text, plain: true, ..
        } => Some(scalar(text)),
        Kind::Scalar { text, .. } => Some(Scalar::Text(text.clone())),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

/// A scalar without quotes.
pub(crate) fn scalar(text: &str) -> Scalar {
    if let Ok(number) = number::parse(text) {
        return Scalar::Number(number);
    }
    // Most scalars are words: no parser has to be set up for them.
    let special = ["null", "true", "false"];
    let is_special = special.iter().any(|word| text.eq_ignore_ascii_case(word));
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_special {
        return Scalar::Text(text.to_owned());
    }
    match serde_yaml::from_str(text) {
        Ok(Value::Null) => Scalar::Null,
        Ok(Value::Bool(flag)) => Scalar::Flag(flag),
        Ok(Value::Number(_)) => Scalar::OtherNumber,
        _ => Scalar::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::{Scalar, scalar, scalar_at};
    use crate::diagnostic::{File, Findings, NodeId};
    use crate::tree::{Entry, Kind, Tree};

    /// What our parser reads, as the other one would have it.
    fn value_of(tree: &Tree, id: NodeId) -> Value {
        match tree.kind(id) {
            Kind::Scalar { text, .. } => value(scalar_at(tree, id).unwrap(), text),
            Kind::List(items) => items.iter().map(|&item| value_of(tree, item)).collect(),
            Kind::Map(entries) => {
                let entry = |entry: &Entry| {
                    (
                        value(scalar(&entry.key), &entry.key),
                        value_of(tree, entry.value),
                    )
                };
                Value::Mapping(entries.iter().map(entry).collect())
            }
        }
    }

    fn value(scalar: Scalar, text: &str) -> Value {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Flag(flag) => flag.into(),
            Scalar::Number(number) => number.into(),
            Scalar::OtherNumber => panic!("`{text}` in a spec"),
            Scalar::Text(text) => text.into(),
        }
    }

    #[test]
    fn both_parsers_see_the_same_structure_in_every_spec() {
        let specs = crate::load_with_toys(env!("CARGO_MANIFEST_DIR")).unwrap();
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
