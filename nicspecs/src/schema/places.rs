//! Every map of the language with the places where it may occur.

use super::read::Map;
use super::spec::Spec;
use super::types::{Choice, Key, Shape, Type};

/// A map of the language.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MapPlace {
    /// The map.
    pub map: AnyMap,
    /// The keys that lead to it, with `*` for a free name or an item of a list.
    pub paths: Vec<String>,
}

/// A map of the language, of one of two kinds.
#[derive(Clone, Copy, Debug)]
pub enum AnyMap {
    /// One whose keys are always the same.
    Shape(&'static Shape),
    /// One whose keys depend on one of its words.
    Choice(&'static Choice),
}

impl AnyMap {
    /// Its name in this program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shape(shape) => shape.name,
            Self::Choice(choice) => choice.name,
        }
    }

    /// Every key that it may have.
    pub fn keys(self) -> Vec<&'static Key> {
        match self {
            Self::Shape(shape) => shape.keys.iter().collect(),
            Self::Choice(choice) => choice.keys(),
        }
    }
}

/// Every map below a spec, each before those below it.
pub fn places() -> Vec<MapPlace> {
    let mut places = Vec::new();
    let spec = AnyMap::Shape(Spec::shape());
    below_keys(spec, "", &mut Vec::new(), &mut places);
    places
}

fn below_keys(map: AnyMap, path: &str, open: &mut Vec<&'static str>, places: &mut Vec<MapPlace>) {
    for key in map.keys() {
        let path = match path {
            "" => key.name.to_owned(),
            path => format!("{path}.{}", key.name),
        };
        below(key.ty, path, open, places);
    }
}

fn below(ty: Type, path: String, open: &mut Vec<&'static str>, places: &mut Vec<MapPlace>) {
    let map = match ty {
        Type::List(ty) | Type::Names(_, ty) => {
            return below(*ty, format!("{path}.*"), open, places);
        }
        Type::Either(one, other) => {
            below(*one, path.clone(), open, places);
            return below(*other, path, open, places);
        }
        Type::Map(shape) => AnyMap::Shape(shape()),
        Type::Choice(choice) => AnyMap::Choice(choice()),
        _ => return,
    };
    // A step contains steps: their place is listed once.
    if open.contains(&map.name()) {
        return;
    }
    let known = places
        .iter_mut()
        .find(|place| place.map.name() == map.name());
    match known {
        Some(place) => place.paths.push(path.clone()),
        None => places.push(MapPlace {
            map,
            paths: vec![path.clone()],
        }),
    }
    open.push(map.name());
    below_keys(map, &path, open, places);
    open.pop();
}
