//! Maps of the language, each stated once: the macros make of it a type to read and the data of `types`.

/// What an attribute of a key says: something, or that it holds.
macro_rules! attribute {
    () => {
        true
    };
    ($value:literal) => {
        Some($value)
    };
}

/// Maps: each key with a sentence, what it takes, and in braces what else there is to say: `default` or `without`,
/// `find`, `beside`, `prose`, `verb`, `own`, `whole`: see [`Key`](super::Key).
macro_rules! maps {
    ($($(#[doc = $about:literal])+ $name:ident { $(
        $(#[doc = $doc:literal])+
        $field:ident: $ty:ty $({ $($attribute:ident $(: $said:literal)?),+ })?
    ),* $(,)? })+) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug)]
            #[allow(dead_code, reason = "a field that nobody reads still says that the key exists and what it takes")]
            pub(crate) struct $name { $($(#[doc = $doc])+ pub(crate) $field: $ty),* }

            impl $crate::schema::Typed for $name {
                const TYPE: $crate::schema::Type = $crate::schema::Type::Map(<Self as $crate::schema::Map>::shape);
            }

            impl $crate::schema::Map for $name {
                fn shape() -> &'static $crate::schema::Shape {
                    static SHAPE: $crate::schema::Shape = $crate::schema::Shape {
                        name: stringify!($name),
                        doc: concat!($($about),+),
                        keys: &[$(
                            $crate::schema::Key {
                                $($($attribute: attribute!($($said)?),)+)?
                                ..$crate::schema::Key::new(
                                    stringify!($field),
                                    concat!($($doc),+),
                                    <$ty as $crate::schema::Typed>::TYPE,
                                    <$ty as $crate::schema::Value>::REQUIRED,
                                )
                            }
                        ),*],
                    };
                    &SHAPE
                }
            }

            impl $crate::schema::Item for $name {
                fn read(_map: &mut $crate::schema::Entries<'_, '_>) -> Option<Self> {
                    $(let $field = _map.value::<$ty>($crate::schema::word(stringify!($field)));)*
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

            impl $crate::schema::Typed for $name {
                const TYPE: $crate::schema::Type = $crate::schema::Type::Choice(Self::choice);
            }

            impl $name {
                fn choice() -> &'static $crate::schema::Choice {
                    static CHOICE: $crate::schema::Choice = $crate::schema::Choice {
                        name: stringify!($name),
                        doc: concat!($($about),+),
                        tag: $crate::schema::Key::new(
                            stringify!($tag),
                            concat!($($doc),+),
                            $crate::schema::Type::Word(&[$($word),+]),
                            true,
                        ),
                        cases: &[$(($word, <$map as $crate::schema::Map>::shape)),+],
                    };
                    &CHOICE
                }
            }

            impl $crate::schema::Item for $name {
                fn read(map: &mut $crate::schema::Entries<'_, '_>) -> Option<Self> {
                    match map.tag(Self::choice())? {
                        $($word => $map::read(map).map(Self::$case),)+
                        _ => None,
                    }
                }
            }
        )+
    };
}
