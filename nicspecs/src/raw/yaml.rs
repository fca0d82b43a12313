//! Typed reading, and the only module that knows `serde_yaml`, which is archived upstream.
//!
//! serde stops at its first error. So a key that does not read is reported, taken out, and the reading begins again:
//! one map can have several findings. A part of the tree is turned into a `serde_yaml::Value` first, which keeps
//! positions in one place, the tree.

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::{Bits, Keys};

use crate::diagnostic::{Findings, NodeId};
use crate::errors::{missing_key, not_a_number, unknown_key, unknown_word, wrong_type};
use crate::tree::{Kind, Tree};

/// Reads one item. One with a value of another kind counts as not read, so that nobody misses what was there; one with
/// an unknown key is read without it. `what` says what it is, for messages: "register `TDT`".
pub(crate) fn read<T: DeserializeOwned + Keys>(
    tree: &Tree,
    id: NodeId,
    what: &str,
    findings: &mut Findings,
) -> Option<T> {
    // An item, the lists in it and the names in those: what lies deeper is read later.
    let mut value = value_of(tree, id, 2);
    if !value.is_mapping() {
        findings.add(wrong_type::finding(tree.span(id), what, "a map", None));
        return None;
    }
    for (key, _) in T::KEYS.iter().filter(|(_, required)| *required) {
        if tree.get(id, key).is_none() {
            findings.add(missing_key::finding(tree.key_span(id), what, key));
        }
    }
    let mut complete = true;
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(value.clone()) {
            Ok(item) => return complete.then_some(item),
            Err(error) => error,
        };
        let path: Vec<String> = error.path().iter().map(ToString::to_string).collect();
        let said = error.inner().to_string();
        match Complaint::parse(&said) {
            // Reported above, or taken out below.
            Complaint::MissingField => return None,
            Complaint::UnknownField { key, known } => {
                let entry = tree.map(id)?.iter().find(|entry| entry.key == key)?;
                findings.add(unknown_key::finding(entry.key_span, what, &key, &known));
                value.as_mapping_mut()?.remove(&key)?;
            }
            other => {
                let key = path.first()?.clone();
                let node = node_at(tree, id, &path);
                let text = tree.text(node).unwrap_or_default();
                findings.add(match other {
                    Complaint::UnknownWord { word, known } => {
                        unknown_word::finding(tree.span(node), &key, &word, &known)
                    }
                    Complaint::Type { expected, number }
                        if number && starts_like_a_number(tree, node) =>
                    {
                        not_a_number::finding(tree.span(node), text, &expected)
                    }
                    Complaint::Type { expected, .. } => wrong_type::finding(
                        tree.span(node),
                        &format!("`{key}`"),
                        &expected,
                        tree.text(node),
                    ),
                    _ => wrong_type::finding(tree.span(node), &format!("`{key}`"), &said, None),
                });
                value.as_mapping_mut()?.remove(&key)?;
                complete = false;
            }
        }
    }
}

/// Reads bits that stand in a list.
pub(crate) fn bits(tree: &Tree, id: NodeId, findings: &mut Findings) -> Option<Bits> {
    let read = serde_yaml::from_value(value_of(tree, id, 0));
    if let Err(error) = &read {
        let said = serde_yaml::Error::to_string(error);
        let expected = said
            .rsplit_once(", expected ")
            .map_or(said.as_str(), |(_, expected)| expected);
        findings.add(wrong_type::finding(
            tree.span(id),
            "`reserved`",
            expected,
            tree.text(id),
        ));
    }
    read.ok()
}

/// What serde said, taken apart. serde's errors are text by the time they get here; the forms below are those of its
/// `de::Error` trait.
enum Complaint {
    MissingField,
    UnknownField { key: String, known: Vec<String> },
    UnknownWord { word: String, known: Vec<String> },
    Type { expected: String, number: bool },
    Other,
}

impl Complaint {
    fn parse(said: &str) -> Self {
        // A name may hold any character, so its end is looked for from the end.
        let named = |prefix: &str| {
            let (name, known) = said.strip_prefix(prefix)?.rsplit_once("`, expected ")?;
            let known = known
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect();
            Some((name.to_owned(), known))
        };
        if let Some((key, known)) = named("unknown field `") {
            return Self::UnknownField { key, known };
        }
        if let Some((word, known)) = named("unknown variant `") {
            return Self::UnknownWord { word, known };
        }
        if said.starts_with("missing field `") {
            return Self::MissingField;
        }
        match said.rsplit_once(", expected ") {
            Some((_, expected)) => {
                let (expected, number) = in_words(expected);
                Self::Type { expected, number }
            }
            None => Self::Other,
        }
    }
}

/// serde's name of a type in our words, and whether it is a number.
fn in_words(expected: &str) -> (String, bool) {
    let (words, number) = match expected {
        "u8" => ("a number up to 255", true),
        "u16" => ("a number of at most 16 bits", true),
        "u32" => ("a number of at most 32 bits", true),
        "u64" => ("a number", true),
        "a string" => ("text", false),
        "a boolean" => ("`true` or `false`", false),
        "a sequence" => ("a list", false),
        "string or map" => ("a word", false),
        _ if expected.starts_with("struct") => ("a map", false),
        other => return (other.to_owned(), false),
    };
    (words.to_owned(), number)
}

fn starts_like_a_number(tree: &Tree, node: NodeId) -> bool {
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    match tree.kind(node) {
        Kind::Scalar { text, .. } => digit(text) && text.parse::<f64>().is_err(),
        Kind::List(_) | Kind::Map(_) => false,
    }
}

/// The node at a path, or the last one on the way to it.
fn node_at(tree: &Tree, from: NodeId, path: &[String]) -> NodeId {
    path.iter()
        .fold(from, |node, segment| match tree.kind(node) {
            Kind::List(items) => {
                let index = segment.trim_matches(['[', ']']).parse::<usize>().ok();
                index
                    .and_then(|index| items.get(index))
                    .copied()
                    .unwrap_or(node)
            }
            Kind::Map(_) => tree.at(node, segment),
            Kind::Scalar { .. } => node,
        })
}

/// A node as serde reads it, with everything below `depth` left out.
fn value_of(tree: &Tree, id: NodeId, depth: u32) -> Value {
    match tree.kind(id) {
        Kind::Scalar {
            text, plain: true, ..
        } => scalar(text),
        Kind::Scalar { text, .. } => Value::String(text.clone()),
        Kind::List(items) => {
            let items = items.iter().take(if depth == 0 { 0 } else { usize::MAX });
            Value::Sequence(
                items
                    .map(|&item| value_of(tree, item, depth.saturating_sub(1)))
                    .collect(),
            )
        }
        Kind::Map(entries) => {
            let entries = entries.iter().take(if depth == 0 { 0 } else { usize::MAX });
            let read = |entry: &crate::tree::Entry| {
                (
                    Value::String(entry.key.clone()),
                    value_of(tree, entry.value, depth.saturating_sub(1)),
                )
            };
            Value::Mapping(entries.map(read).collect::<Mapping>())
        }
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

    use super::{scalar, value_of};
    use crate::diagnostic::Findings;

    /// Keys as YAML reads them, where the tree has their text.
    fn with_typed_keys(value: Value) -> Value {
        match value {
            Value::Mapping(map) => {
                let entry = |(key, value): (Value, Value)| {
                    (scalar(key.as_str().unwrap()), with_typed_keys(value))
                };
                Value::Mapping(map.into_iter().map(entry).collect())
            }
            Value::Sequence(items) => items.into_iter().map(with_typed_keys).collect(),
            scalar => scalar,
        }
    }

    #[test]
    fn both_parsers_see_the_same_structure_in_every_spec() {
        let specs = crate::load::load_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
        let texts = specs
            .iter()
            .map(|spec| spec.text.as_str())
            .chain([crate::diagnostic::TOY]);
        for text in texts {
            let tree =
                crate::tree::scan(text, crate::diagnostic::File::Own, &mut Findings::default())
                    .unwrap();
            let ours = with_typed_keys(value_of(&tree, tree.root(), u32::MAX));
            let theirs: Value = serde_yaml::from_str(text).unwrap();
            assert_eq!(ours, theirs);
        }
    }
}
