//! Scalars of the language, and parts of an item that are read separately.

use std::marker::PhantomData;

use super::read::{Place, Typed, Value};
use super::types::{Style, Type};
use super::yaml::Scalar;
use crate::number;

/// A part that is read separately, as a `T`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Later<T>(PhantomData<T>);

impl<T: Typed> Typed for Later<T> {
    const TYPE: Type = T::TYPE;
}

impl<T: Typed> Value for Later<T> {
    fn read(_: &mut Place<'_, '_>) -> Option<Self> {
        Some(Self(PhantomData))
    }
}

macro_rules! types {
    ($($(#[$meta:meta])* $name:ident = $ty:expr;)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum $name {}

        impl Typed for $name {
            const TYPE: Type = $ty;
        }
    )+ };
}

types! {
    /// An expression.
    Expression = Type::Expression;
    /// A number or a constant, and a unit.
    Duration = Type::Duration;
}

/// A map whose keys are free names.
macro_rules! names {
    ($($name:ident: $style:ident;)+) => { $(
        #[doc = concat!("A map whose keys are spelled as `Style::", stringify!($style), "`.")]
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name<T>(PhantomData<T>);

        impl<T: Typed> Typed for $name<T> {
            const TYPE: Type = Type::Names(Style::$style, &T::TYPE);
        }
    )+ };
}

names! {
    Mnemonics: Mnemonic;
    LowerNames: Lower;
    DottedNames: Dotted;
    Numbers: Number;
    RegisterNames: Register;
}

/// One of two types, which differ in kind: scalar, list or map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Either<A, B>(PhantomData<(A, B)>);

impl<A: Typed, B: Typed> Typed for Either<A, B> {
    const TYPE: Type = Type::Either(&A::TYPE, &B::TYPE);
}

/// A name, which may consist of digits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name(pub(crate) String);

impl Typed for Name {
    const TYPE: Type = Type::Name;
}

impl Value for Name {
    fn read(place: &mut Place<'_, '_>) -> Option<Self> {
        match place.scalar() {
            Some(Scalar::Text(text)) => Some(Self(text)),
            Some(Scalar::Number(_)) => Some(Self(place.text().to_owned())),
            _ => place.wrong(Self::TYPE),
        }
    }
}

/// A section of the datasheet. A rule checks on the text that it is quoted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section(pub(crate) String);

impl Typed for Section {
    const TYPE: Type = Type::Section;
}

impl Value for Section {
    fn read(place: &mut Place<'_, '_>) -> Option<Self> {
        match place.scalar() {
            Some(Scalar::Text(_) | Scalar::Number(_) | Scalar::OtherNumber) => {
                Some(Self(place.text().to_owned()))
            }
            _ => place.wrong(Self::TYPE),
        }
    }
}

/// Vendor and device of a part, as text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PciId(pub(crate) String);

impl Typed for PciId {
    const TYPE: Type = Type::PciId;
}

impl Value for PciId {
    fn read(place: &mut Place<'_, '_>) -> Option<Self> {
        String::read(place).map(Self)
    }
}

/// Consecutive bits: `26` or `"9:8"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bits {
    pub(crate) low: u32,
    pub(crate) width: u32,
}

impl Bits {
    fn new(high: u32, low: u32) -> Option<Self> {
        (low <= high).then(|| Self {
            low,
            width: high - low + 1,
        })
    }

    pub(crate) fn high(self) -> u32 {
        self.low + self.width - 1
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some((high, low)) => {
                Self::new(number::fitting(high.trim())?, number::fitting(low.trim())?)
            }
            None => {
                let bit = number::fitting(text.trim())?;
                Self::new(bit, bit)
            }
        }
    }
}

impl Typed for Bits {
    const TYPE: Type = Type::Bits;
}

impl Value for Bits {
    fn read(place: &mut Place<'_, '_>) -> Option<Self> {
        let bits = Self::parse(place.text());
        bits.or_else(|| place.wrong(Self::TYPE))
    }
}
