//! The tables of the language reference: every key with what it takes, what holds without it, and a sentence.

use std::fs;
use std::path::Path;

use miette::{IntoDiagnostic, WrapErr, bail};
use nicspecs::ir::{Builtin, Flag, Function};
use nicspecs::schema::{AnyMap, Key, Notation, Type, places};

/// The page, under the workspace.
pub const PAGE: &str = "docs/src/spec-language.md";

/// Before a table; what it is a table of follows.
const BEGIN: &str = "<!-- schema: ";
/// What ends that line.
const WRITTEN: &str = ": written by `cargo xtask gen` -->\n";
/// After a table.
const END: &str = "<!-- end of schema -->\n";

/// The page with its tables as the language has them.
pub fn page(root: &Path) -> miette::Result<String> {
    let path = root.join(PAGE);
    let text = fs::read_to_string(&path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", path.display()))?;
    with_values(&filled(&text)?)
}

/// A page with each of its tables, of which it has one for every top-level key.
fn filled(text: &str) -> miette::Result<String> {
    let spec = nicspecs::schema::spec();
    let mut parts = text.split(BEGIN);
    let mut page = parts.next().unwrap_or_default().to_owned();
    let mut shown: Vec<&str> = Vec::new();
    for part in parts {
        let Some((names, rest)) = part.split_once(WRITTEN) else {
            bail!("{PAGE}: a line that begins with `{BEGIN}` does not end with `{WRITTEN}`");
        };
        let Some((_, after)) = rest.split_once(END) else {
            bail!("{PAGE}: no `{END}` follows the table of `{names}`");
        };
        let table = match names {
            "spec" => keys(spec.keys.iter()),
            "defaults" => defaults(),
            "bounds" => bounds(),
            chapters => {
                let chapters: Vec<&str> = chapters.split(' ').collect();
                shown.extend(&chapters);
                reference(&chapters)
            }
        };
        page.extend([BEGIN, names, WRITTEN, "\n", &table, "\n", END, after]);
    }
    // The name of a spec is all that `like` takes.
    let chapters = spec.keys.iter().filter(|key| !matches!(key.ty, Type::Name));
    let lacking = chapters
        .map(|key| key.name)
        .find(|key| !shown.contains(key));
    match lacking {
        None => Ok(page),
        Some(key) => bail!(
            help = format!("put these two lines where it belongs:\n{BEGIN}{key}{WRITTEN}{END}"),
            "{PAGE} has no place for the table of `{key}`"
        ),
    }
}

/// Where the table of values begins; it ends with the first empty line.
const VALUES: &str = "| value | largest | meaning |\n| --- | --- | --- |\n";

/// A page with the values and functions that expressions have.
fn with_values(page: &str) -> miette::Result<String> {
    let Some((before, rest)) = page.split_once(VALUES) else {
        bail!("{PAGE} has no table that begins with\n{VALUES}");
    };
    let after = rest.find("\n\n").map_or("\n", |end| &rest[end + 1..]);
    let mut table = VALUES.to_owned();
    let mut row = |name: String, largest: &str, doc: &str| {
        table.push_str(&format!("| `{name}` | {largest} | {doc} |\n"));
    };
    for value in Builtin::ALL {
        let name = match value.elements() {
            0 => value.name().to_owned(),
            _ => format!("{}[i]", value.name()),
        };
        row(name, value.largest_in_words(), value.doc());
    }
    for flag in Flag::ALL {
        row(flag.name().to_owned(), "1", flag.doc());
    }
    for function in Function::ALL {
        let largest = format!("{} bits", function.bits());
        row(format!("{}(x)", function.name()), &largest, function.doc());
    }
    Ok(format!("{before}{table}{after}"))
}

/// The tables of some top-level keys.
fn reference(chapters: &[&str]) -> String {
    let within = |path: &str| chapters.contains(&path.split('.').next().unwrap_or_default());
    let mut tables = Vec::new();
    for place in places() {
        let paths: Vec<String> = place.paths.iter().map(|path| format!("`{path}`")).collect();
        // A map that stands in several chapters has its table in the first.
        if !within(&place.paths[0]) {
            continue;
        }
        let head = |doc: &str| format!("{}: {doc}\n", paths.join(", "));
        match place.map {
            AnyMap::Shape(shape) => tables.push(format!(
                "{}\n{}",
                head(shape.doc()),
                keys(shape.keys.iter())
            )),
            AnyMap::Choice(choice) => {
                let tag = &choice.tag;
                tables.push(format!(
                    "{}\n{}",
                    head(choice.doc()),
                    keys([tag].into_iter())
                ));
                for (word, shape) in choice.cases {
                    let (shape, tag) = (shape(), tag.name);
                    let table = match shape.keys.is_empty() {
                        true => String::new(),
                        false => format!("\n{}", keys(shape.keys.iter())),
                    };
                    tables.push(format!("`{tag}: {word}`: {}\n{table}", shape.doc()));
                }
            }
        }
    }
    tables.join("\n")
}

/// A table of keys.
fn keys(keys: impl Iterator<Item = &'static Key>) -> String {
    let mut table = "| key | takes | without it | |\n| --- | --- | --- | --- |\n".to_owned();
    for key in keys {
        let (name, takes, doc) = (key.name, takes(key), key.doc());
        let without = match (key.required, key.only_with) {
            (true, _) => "required".to_owned(),
            (_, Some(other)) if key.needed => format!("required with `{other}`"),
            (_, Some(other)) => format!("only with `{other}`"),
            _ if key.verb => "a verb".to_owned(),
            _ => without(key).unwrap_or_default(),
        };
        table.push_str(&format!("| `{name}` | {takes} | {without} | {doc} |\n"));
    }
    table
}

/// What holds without a key, if that is anything.
fn without(key: &Key) -> Option<String> {
    match (key.default, key.without) {
        (Some(default), _) => Some(format!("`{default}`")),
        (_, Some(without)) => Some(without.to_owned()),
        _ => key.empty_is_default().then(|| "empty".to_owned()),
    }
}

/// Every key that states nothing if it states its default.
fn defaults() -> String {
    let mut table = "| key | without it |\n| --- | --- |\n".to_owned();
    for place in places() {
        let path = place.paths.join("`, `");
        for key in place.map.keys() {
            if let Some(without) = without(key).filter(|without| without != "empty") {
                table.push_str(&format!("| `{path}`: `{}` | {without} |\n", key.name));
            }
            if let Some(each) = key.each {
                table.push_str(&format!(
                    "| `{path}.{}`: each number | `{each}` |\n",
                    key.name
                ));
            }
        }
    }
    table.push_str("| every optional list and map | empty |\n");
    table
}

/// The bounds that hold everywhere.
fn bounds() -> String {
    let mut table = "| at most | |\n| --- | --- |\n".to_owned();
    for (what, most) in nicspecs::schema::bounds() {
        table.push_str(&format!("| {most} | {what} |\n"));
    }
    table
}

/// What a key takes, in words, with its own bounds.
fn takes(key: &Key) -> String {
    let of_type = match key.notation {
        Some(Notation::Any) if matches!(key.ty, Type::Number(_)) => {
            "number in either notation".to_owned()
        }
        Some(_) if matches!(key.ty, Type::Number(_)) => "hexadecimal number".to_owned(),
        _ => one(key.ty),
    };
    let within = match key.ty {
        Type::Number(_) => {
            let (min, max) = key.range(key.ty);
            match (min, max) {
                (0, u64::MAX) => Some("up to 64 bits".to_owned()),
                (min, max @ 0..=0xffff) => Some(format!("{min} to {max}")),
                (min, max) => Some(format!("{min} to {max:#x}")),
            }
        }
        _ => key.most.map(|most| format!("at most {most}")),
    };
    match within {
        Some(within) => format!("{of_type}, {within}"),
        None => of_type,
    }
}

/// What a key takes, in words.
fn one(ty: Type) -> String {
    match ty {
        Type::Text => "text".to_owned(),
        Type::Flag => "`true` or `false`".to_owned(),
        Type::Number(_) => "number".to_owned(),
        Type::Name => "name".to_owned(),
        Type::Section => "section".to_owned(),
        Type::Bits => "bits".to_owned(),
        Type::PciId => "PCI id".to_owned(),
        Type::Expression => "expression".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Word(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(" ")
        }
        Type::List(ty) => format!("list of {}", many(*ty)),
        Type::Names(style, ty) => format!("{} by `{}`", many(*ty), style.placeholder()),
        Type::Either(one_of, other) => format!("{}, or {}", one(*one_of), one(*other)),
        Type::Map(_) | Type::Choice(_) => "map".to_owned(),
    }
}

/// Several of them, in words.
fn many(ty: Type) -> String {
    match ty {
        Type::Text | Type::Bits => one(ty),
        Type::Word(_) => format!("words: {}", one(ty)),
        Type::List(ty) => format!("lists of {}", many(*ty)),
        Type::Names(..) => "maps".to_owned(),
        Type::Either(one_of, other) => format!("{}, or {}", many(*one_of), many(*other)),
        _ => format!("{}s", one(ty)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_table_stays_and_each_chapter_has_one() {
        let page = fs::read_to_string(xtask_workspace::specs::root().join(PAGE)).unwrap();
        let filled_once = filled(&page).unwrap();
        assert_eq!(filled(&filled_once).unwrap(), filled_once);
        let lacking = page.replacen(&format!("{BEGIN}registers"), &format!("{BEGIN}link"), 1);
        let error = filled(&lacking).unwrap_err();
        assert!(error.to_string().contains("`registers`"), "{error}");
    }

    #[test]
    fn a_map_that_stands_in_two_places_has_one_table() {
        let tables = reference(&["tx", "rx"]);
        assert_eq!(tables.matches("`tx.ring`, `rx.ring`: ").count(), 1);
        assert!(tables.contains("`kind: kick`: "), "{tables}");
    }
}
