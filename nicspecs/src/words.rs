//! Values that are one of a few words of the language.

/// Such a value.
pub(crate) trait OneOfWords: Copy + 'static {
    /// Each of them.
    const VALUES: &'static [Self];
    /// The word of each, in the same order.
    const WORDS: &'static [&'static str];

    /// The word of this one.
    fn word(self) -> &'static str;
}

/// Defines types of such values, with the word of each.
macro_rules! words {
    ($($(#[$meta:meta])* $visibility:vis enum $name:ident {
        $($(#[$about:meta])* $value:ident = $word:literal),+ $(,)?
    })+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility enum $name { $($(#[$about])* $value),+ }

        impl $name {
            /// Each of them.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$value),+];

            /// Its name in specs.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $word),+
                }
            }
        }

        impl $crate::words::OneOfWords for $name {
            const VALUES: &'static [Self] = &Self::ALL;
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn word(self) -> &'static str {
                self.name()
            }
        }
    )+ };
}

pub(crate) use words;
