//! Maps of the language, each stated once: the macros generate a type to read it and the data of `types`.

/// The value of an attribute of a key: a given value, or `true`.
macro_rules! attribute {
    () => {
        true
    };
    ($value:expr) => {
        Some($value)
    };
}

/// Maps: each key with a sentence, what it takes, and in braces what else there is to say: `default` or `without`,
/// `find`, `only_with` and others: see [`Key`](super::types::Key).
macro_rules! maps {
    ($($(#[doc = $about:literal])+ $name:ident { $(
        $(#[doc = $doc:literal])+
        $field:ident: $ty:ty $({ $($attribute:ident $(: $said:expr)?),+ })?
    ),* $(,)? })+) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug)]
            #[allow(dead_code, reason = "a field that nobody reads still says that the key exists and what it takes")]
            pub(crate) struct $name { $($(#[doc = $doc])+ pub(crate) $field: $ty),* }

            impl $crate::schema::read::Typed for $name {
                const TYPE: $crate::schema::types::Type = $crate::schema::types::Type::Map(<Self as $crate::schema::read::Map>::shape);
            }

            impl $crate::schema::read::Map for $name {
                fn shape() -> &'static $crate::schema::types::Shape {
                    static SHAPE: $crate::schema::types::Shape = $crate::schema::types::Shape {
                        name: stringify!($name),
                        doc: concat!($($about),+),
                        keys: &[$(
                            $crate::schema::types::Key {
                                $($($attribute: attribute!($($said)?),)+)?
                                ..$crate::schema::types::Key::new(
                                    stringify!($field),
                                    concat!($($doc),+),
                                    <$ty as $crate::schema::read::Typed>::TYPE,
                                    <$ty as $crate::schema::read::Value>::REQUIRED,
                                )
                            }
                        ),*],
                    };
                    &SHAPE
                }
            }

            impl $crate::schema::read::Item for $name {
                fn read(_map: &mut $crate::schema::read::Entries<'_, '_>) -> Option<Self> {
                    $(let $field = _map.value::<$ty>($crate::schema::types::word(stringify!($field)));)*
                    Some(Self { $($field: $field?),* })
                }
            }
        )+
    };
}

/// Maps whose other keys depend on the word under one key.
macro_rules! choices {
    ($($(#[doc = $about:literal])+ $name:ident {
        $(#[doc = $doc:literal])+ $tag:ident: $($word:literal => $case:ident($map:ident)),+ $(,)?
    })+) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug)]
            #[allow(dead_code, reason = "a case without other keys has nothing to read")]
            pub(crate) enum $name { $($case($map)),+ }

            impl $crate::schema::read::Typed for $name {
                const TYPE: $crate::schema::types::Type = $crate::schema::types::Type::Choice(Self::choice);
            }

            impl $name {
                fn choice() -> &'static $crate::schema::types::Choice {
                    static CHOICE: $crate::schema::types::Choice = $crate::schema::types::Choice {
                        name: stringify!($name),
                        doc: concat!($($about),+),
                        tag: $crate::schema::types::Key::new(
                            stringify!($tag),
                            concat!($($doc),+),
                            $crate::schema::types::Type::Word(&[$($word),+]),
                            true,
                        ),
                        cases: &[$(($word, <$map as $crate::schema::read::Map>::shape)),+],
                    };
                    &CHOICE
                }
            }

            impl $crate::schema::read::Item for $name {
                fn read(map: &mut $crate::schema::read::Entries<'_, '_>) -> Option<Self> {
                    match map.tag(Self::choice())? {
                        $($word => $map::read(map).map(Self::$case),)+
                        _ => None,
                    }
                }
            }
        )+
    };
}
