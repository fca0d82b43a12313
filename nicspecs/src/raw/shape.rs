//! What maps and words look like to serde, and which keys a map has.

use super::{Bits, Later, Name, Section};

/// A map of a spec: its keys, and whether each has to be there.
pub(crate) trait Keys {
    const KEYS: &'static [(&'static str, bool)];
}

/// What a key takes.
pub(super) trait Value {
    const REQUIRED: bool = true;
}

impl<T> Value for Option<T> {
    const REQUIRED: bool = false;
}

impl<T> Value for Vec<T> {}

macro_rules! values {
    ($($ty:ty)+) => { $(impl Value for $ty {})+ };
}

values!(String bool u8 u32 u64 Later Name Section Bits);

/// Values that are one of a few words.
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? })+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
            pub(crate) enum $name { $(#[serde(rename = $word)] $variant),+ }

            impl Value for $name {}
        )+

        /// Every word.
        #[cfg(test)]
        const WORDS: &[&str] = &[$($($word),+),+];
    };
}

/// Maps and what each of their keys takes.
macro_rules! maps {
    ($($(#[$meta:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $ty:ty),+ $(,)? })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Deserialize)]
            #[serde(deny_unknown_fields)]
            #[allow(dead_code, reason = "a field that nobody reads still says that the key exists and what it takes")]
            pub(crate) struct $name { $($(#[$attr])* pub(crate) $field: $ty),+ }

            impl Keys for $name {
                const KEYS: &'static [(&'static str, bool)] = &[$((stringify!($field), <$ty as Value>::REQUIRED)),+];
            }
        )+

        /// The keys of every map.
        #[cfg(test)]
        const MAPS: &[&[(&str, bool)]] = &[$($name::KEYS),+];
    };
}
