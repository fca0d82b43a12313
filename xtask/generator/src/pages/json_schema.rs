//! The JSON Schema of specs, for editors: what they offer, explain and underline while a spec is written.
//!
//! It follows from the language alone. A spec that is like another one may leave everything out but what it does not
//! inherit, may remove with `null`, may say the same under several keys, and may edit a list with a map in its place; so
//! there are two definitions of each map that can be inherited.

use nicspecs::schema::{AnyMap, Choice, Key, Shape, Style, Type};
use serde_json::{Map, Value, json};

/// The file, under the workspace.
pub const FILE: &str = "nicspecs/nicspec.schema.json";

/// The first line of a spec, by which editors find the file.
pub const FIRST_LINE: &str = "# yaml-language-server: $schema=nicspec.schema.json";

/// The text of the file.
pub fn text() -> String {
    let mut text = String::new();
    print(&schema(), 4, "", &mut text);
    text.push('\n');
    text
}

/// Writes a value: maps down to some depth with an entry a line, so that a diff shows the key that changed.
fn print(value: &Value, depth: u32, indent: &str, text: &mut String) {
    match value.as_object().filter(|_| depth > 0) {
        Some(map) => {
            let indent = format!("{indent}  ");
            for (index, (key, value)) in map.iter().enumerate() {
                let before = if index == 0 { "{" } else { "," };
                text.push_str(&format!("{before}\n{indent}{}: ", json!(key)));
                print(value, depth - 1, &indent, text);
            }
            text.push_str(&format!("\n{}}}", &indent[2..]));
        }
        None => text.push_str(&value.to_string()),
    }
}

fn schema() -> Value {
    let mut definitions = Definitions(Map::new());
    let whole = definitions.map(nicspecs::schema::spec(), Says::All);
    let heir = definitions.map(nicspecs::schema::spec(), Says::Difference);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A NIC",
        "$comment": "written by `cargo xtask gen`",
        "if": { "required": ["like"] },
        "then": heir,
        "else": whole,
        "definitions": definitions.0,
    })
}

/// Whether a map says everything, or only what differs from an inherited one.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    All,
    Difference,
}

/// Definitions of maps, by name.
struct Definitions(Map<String, Value>);

impl Definitions {
    /// A reference to the definition of a map, which is made if it is not there.
    fn map(&mut self, shape: &'static Shape, says: Says) -> Value {
        self.refer(shape.name, says, |all| {
            all.keys(shape.keys.iter().collect(), shape.doc(), says)
        })
    }

    fn choice(&mut self, choice: &'static Choice, says: Says) -> Value {
        self.refer(choice.name, says, |all| {
            let keys_of = |shape: &'static Shape| std::iter::once(&choice.tag).chain(shape.keys);
            let known = AnyMap::Choice(choice).keys();
            let mut definition = all.keys(known, choice.doc(), Says::Difference);
            if says == Says::All {
                let cases = choice.cases.iter().map(|(word, shape)| {
                    let is = json!({ "properties": { choice.tag.name: { "const": word } } });
                    let keys = keys_of(shape()).collect();
                    json!({ "if": is, "then": all.keys(keys, shape().doc(), says) })
                });
                definition["allOf"] = cases.collect();
                definition["required"] = json!([choice.tag.name]);
            }
            definition
        })
    }

    fn refer(
        &mut self,
        name: &str,
        says: Says,
        definition: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let name = match says {
            Says::All => name.to_owned(),
            Says::Difference => format!("{name}Difference"),
        };
        if !self.0.contains_key(&name) {
            // It may contain itself.
            self.0.insert(name.clone(), Value::Null);
            self.0[&name] = definition(self);
        }
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    /// A map with these keys.
    fn keys(&mut self, keys: Vec<&Key>, doc: &str, says: Says) -> Value {
        let mut definition = json!({ "type": "object", "description": doc });
        let properties = keys
            .iter()
            .map(|key| (key.name.to_owned(), self.key(key, says)));
        let properties: Map<String, Value> = properties.collect();
        definition["properties"] = properties.into();
        definition["additionalProperties"] = false.into();
        let required = |key: &&&Key| key.required && (says == Says::All || key.own);
        let required: Vec<&str> = keys.iter().filter(required).map(|key| key.name).collect();
        if !required.is_empty() {
            definition["required"] = required.into();
        }
        if says == Says::Difference {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            let names = format!("({})", names.join("|"));
            definition["patternProperties"] = json!({ several(&names, 1): { "type": "object" } });
        }
        let mut dependencies: Map<String, Value> = Map::new();
        // The other key may be inherited.
        let keys = keys.iter().filter(|_| says == Says::All);
        for (key, other) in keys.filter_map(|key| Some((key, key.only_with?))) {
            let mut need = |one: &str, other: &str| {
                let needed = dependencies.entry(one).or_insert_with(|| json!([]));
                needed.as_array_mut().expect("a list").push(other.into());
            };
            need(key.name, other);
            if key.needed {
                need(other, key.name);
            }
        }
        if !dependencies.is_empty() {
            definition["dependencies"] = dependencies.into();
        }
        definition
    }

    /// The value of a key.
    fn key(&mut self, key: &Key, says: Says) -> Value {
        let whole = key.own || matches!(key.ty, Type::List(_));
        let below = if whole { Says::All } else { says };
        let mut value = match (key.ty, key.whole, says) {
            (Type::Names(style, ty), true, Says::Difference) => {
                let (part, difference) = (self.ty(*ty, Says::All), self.ty(*ty, says));
                let edits = json!({ "required": ["steps"], "properties": { "steps": { "type": "object" } } });
                let difference = json!({ "allOf": [difference, edits] });
                names(
                    style,
                    json!({ "anyOf": [part, difference, { "type": "null" }] }),
                    says,
                )
            }
            (ty, ..) => self.ty(ty, below),
        };
        bounded(&mut value, key);
        if let Some(default) = key.default {
            let default = constant(default);
            value["not"] = json!({ "const": default });
            value["default"] = default;
        }
        if key.empty_is_default() {
            match key.ty {
                Type::List(_) => value["minItems"] = 1.into(),
                _ => value["minProperties"] = 1.into(),
            }
        }
        let doc = key.doc();
        match (says, key.own, key.ty) {
            (Says::Difference, false, Type::List(item)) => {
                let edits = self.edits(*item);
                json!({ "description": doc, "anyOf": [value, edits, { "type": "null" }] })
            }
            (Says::Difference, false, _) => {
                json!({ "description": doc, "anyOf": [value, { "type": "null" }] })
            }
            // Other keys of a reference have no effect.
            _ if value.get("$ref").is_some() => json!({ "description": doc, "allOf": [value] }),
            _ => {
                value["description"] = doc.into();
                value
            }
        }
    }

    /// A map in place of a list of such items, which edits the inherited list.
    fn edits(&mut self, item: Type) -> Value {
        let is_map = matches!(item, Type::Map(_) | Type::Choice(_));
        let pattern = match is_map {
            true => json!({ "type": "object", "minProperties": 1 }),
            false => json!({ "type": ["string", "integer"] }),
        };
        let items = json!({ "type": "array", "minItems": 1, "items": self.ty(item, Says::All) });
        let list = |item: Value| json!({ "type": "array", "minItems": 1, "items": item });
        let place = |place: &str| map_of(&[(place, pattern.clone()), ("items", items.clone())]);
        let change = map_of(&[
            ("where", pattern.clone()),
            ("to", self.ty(item, Says::Difference)),
        ]);
        let insert = json!({ "anyOf": [place("before"), place("after")] });
        json!({
            "type": "object",
            "description": "Edits of the inherited list.",
            "properties": {
                "remove": list(pattern.clone()), "change": list(change), "add": items.clone(), "insert": list(insert),
            },
            "additionalProperties": false,
            "minProperties": 1,
        })
    }

    fn ty(&mut self, ty: Type, says: Says) -> Value {
        match ty {
            Type::Text | Type::Section => {
                json!({ "type": "string", "pattern": "^[^\\n\\r\\t]+$", "not": gap() })
            }
            Type::Flag => json!({ "type": "boolean" }),
            Type::Number(u64::MAX) => json!({ "type": "integer", "minimum": 0 }),
            Type::Number(max) => json!({ "type": "integer", "minimum": 0, "maximum": max }),
            Type::Name | Type::Expression => {
                json!({ "type": ["string", "integer"], "not": gap() })
            }
            Type::Bits => {
                let number = Style::Number.pattern();
                json!({ "anyOf": [
                    { "type": "integer", "minimum": 0, "maximum": 1023 },
                    { "type": "string", "pattern": format!("^ *{number} *(: *{number} *)?$") },
                ] })
            }
            Type::PciId => {
                json!({ "type": "string", "pattern": "^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$" })
            }
            Type::Duration => json!({ "type": "string", "pattern": "[0-9a-fA-F ](us|ms|s)$" }),
            Type::Word(words) => json!({ "enum": words }),
            Type::List(item) => json!({ "type": "array", "items": self.ty(*item, Says::All) }),
            Type::Names(style, ty) => {
                let value = match (self.ty(*ty, says), says) {
                    (value, Says::All) => value,
                    (value, Says::Difference) => json!({ "anyOf": [value, { "type": "null" }] }),
                };
                names(style, value, says)
            }
            Type::Either(one, other) => {
                json!({ "anyOf": [self.ty(*one, says), self.ty(*other, says)] })
            }
            Type::Map(shape) => self.map(shape(), says),
            Type::Choice(choice) => self.choice(choice(), says),
        }
    }
}

/// A map with exactly these keys.
fn map_of(keys: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    let properties: Map<String, Value> = keys
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Adds the bounds of a key to its value.
fn bounded(value: &mut Value, key: &Key) {
    match key.ty {
        Type::Number(_) => {
            let (min, max) = key.range(key.ty);
            value["minimum"] = min.into();
            if max < u64::MAX {
                value["maximum"] = max.into();
            }
        }
        Type::List(_) => value["maxItems"] = key.most().into(),
        Type::Names(..) => value["maxProperties"] = key.most().into(),
        _ => {}
    }
}

/// What no value is: a fact that is still to be looked up.
fn gap() -> Value {
    json!({ "const": "TODO" })
}

/// A map whose keys are names of one's own.
fn names(style: Style, value: Value, says: Says) -> Value {
    let pattern = match says {
        Says::All => format!("^{}$", style.pattern()),
        Says::Difference => several(style.pattern(), 0),
    };
    json!({
        "type": "object",
        "propertyNames": { "pattern": pattern },
        "additionalProperties": value,
    })
}

/// Names with commas between them, with at least so many commas.
fn several(name: &str, commas: usize) -> String {
    format!("^{name}(, {name}){{{commas},}}$")
}

/// A word, a number or a flag, as YAML reads it.
fn constant(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

#[cfg(test)]
mod tests;
