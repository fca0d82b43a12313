//! Scalars that serde has no type for.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, Visitor};

/// A part that is read by itself, whatever it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Later;

impl<'de> Deserialize<'de> for Later {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|IgnoredAny| Self)
    }
}

/// A name. YAML reads one made of digits alone as a number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name(pub(crate) String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Name, E> {
                Ok(Name(text.to_owned()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Name, E> {
                Ok(Name(number.to_string()))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// A section of the datasheet. That it is quoted is checked on the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section(pub(crate) String);

impl<'de> Deserialize<'de> for Section {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Section;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a section, quoted")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Section, E> {
                Ok(Section(text.to_owned()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Section, E> {
                Ok(Section(number.to_string()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Section, E> {
                Ok(Section(number.to_string()))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// Consecutive bits: `26` or `"9:8"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bits {
    pub(crate) low: u32,
    pub(crate) width: u32,
}

impl Bits {
    /// More bits than anything in a spec has.
    const END: u32 = 1 << 16;

    fn new(high: u32, low: u32) -> Option<Self> {
        (low <= high && high < Self::END).then(|| Self {
            low,
            width: high - low + 1,
        })
    }

    pub(crate) fn high(self) -> u32 {
        self.low + self.width - 1
    }

    fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some((high, low)) => Self::new(high.trim().parse().ok()?, low.trim().parse().ok()?),
            None => {
                let bit = text.trim().parse().ok()?;
                Self::new(bit, bit)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Bits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a bit such as `26`, or bits such as `\"9:8\"` with the highest first")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Bits, E> {
                Bits::parse(text)
                    .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }

            fn visit_u64<E: Error>(self, bit: u64) -> Result<Bits, E> {
                let bits = u32::try_from(bit).ok().and_then(|bit| Bits::new(bit, bit));
                bits.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Unsigned(bit), &self))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}
