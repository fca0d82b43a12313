//! Whether two texts are the same spec in two layouts.

use std::collections::BTreeMap;

use crate::diagnostic::{File, Findings};
use crate::gaps;
use crate::load::SpecFile;
use crate::number;
use crate::schema::{self, Bits, Type};
use crate::tree::{self, Kind};

use super::tokens::{self, Kind as Is};

/// The first thing that differs between a spec and a text that is to replace it.
pub(super) fn first_change(file: &SpecFile, text: &str) -> Option<&'static str> {
    if file.text == text {
        return None;
    }
    let (Some(old), Some(new)) = (content(&file.text), content(text)) else {
        return Some("its structure");
    };
    if old.values != new.values {
        return Some("a value");
    }
    if old.comments != new.comments {
        return Some("a comment");
    }
    let mut replaced = file.clone();
    text.clone_into(&mut replaced.text);
    match (file.compile(), replaced.compile()) {
        (Ok(old), Ok(new)) if old != new => Some("its meaning"),
        (Ok(_), Err(_)) => Some("its meaning"),
        _ => None,
    }
}

/// What a text says.
struct Content {
    /// Each value by its path.
    values: BTreeMap<Vec<String>, String>,
    /// The comments, sorted.
    comments: Vec<String>,
}

fn content(text: &str) -> Option<Content> {
    let tree = tree::scan(text, File::Own, &mut Findings::default())?;
    let mut values = BTreeMap::new();
    schema::walk(&tree, &mut |site| {
        let value = match tree.kind(site.node) {
            Kind::Scalar {
                text, plain: true, ..
            } if gaps::is_marker(text) => format!("the word {text}"),
            Kind::Scalar { text, .. } => match (site.ty, Bits::parse(text)) {
                (Some(Type::Bits), Some(bits)) => format!("{bits:?}"),
                _ => number::parse(text).map_or(text.clone(), |number| number.to_string()),
            },
            Kind::List(items) => format!("{} items", items.len()),
            // The order of names says something, that of the keys of the language does not.
            Kind::Map(_) if site.keys(&tree).is_some() => "a map".to_owned(),
            Kind::Map(entries) => {
                let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
                names.join(", ")
            }
        };
        values.insert(site.path.to_vec(), value);
    });
    let tokens = tokens::tokens(text, &tree).ok()?;
    let comments = tokens.iter().filter(|token| token.kind == Is::Comment);
    let mut comments: Vec<String> = comments
        .map(|token| text[token.bytes.clone()].to_owned())
        .collect();
    comments.sort();
    Some(Content { values, comments })
}
