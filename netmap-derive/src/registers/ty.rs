//! Parses `Register<V, A>` and `Array<V, A, N>`.

use quote::ToTokens;
use syn::{Expr, ExprLit, GenericArgument, Lit, Path, PathArguments, Type};

use crate::number::Number;

/// Bits of a register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Width(u8);

impl Width {
    pub(super) const DEFAULT: Width = Width(32);

    /// The width of `bits` bits, if a bus can access it.
    pub(super) fn of(bits: u8) -> Option<Width> {
        matches!(bits, 8 | 16 | 32 | 64).then_some(Width(bits))
    }

    pub(super) fn bits(self) -> u8 {
        self.0
    }

    pub(super) fn bytes(self) -> u32 {
        u32::from(self.0 / 8)
    }
}

/// The type of a field of a register map.
pub(super) struct RegisterType<'a> {
    pub(super) value: &'a Type,
    /// The number of elements of an array.
    pub(super) elements: Option<Number<u32>>,
}

pub(super) fn take_apart(ty: &Type) -> syn::Result<RegisterType<'_>> {
    let last = match ty {
        Type::Path(ty) => ty.path.segments.last(),
        _ => None,
    };
    let Some(last) = last else {
        return wrong(ty, "expected `Register<V, A>` or `Array<V, A, N>`");
    };
    let arguments: Vec<_> = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().collect(),
        _ => Vec::new(),
    };
    match (last.ident.to_string().as_str(), arguments.as_slice()) {
        ("Register", [GenericArgument::Type(value), _]) => Ok(RegisterType {
            value,
            elements: None,
        }),
        ("Register", _) => wrong(
            last,
            "a register has a value type and an access kind: `Register<V, A>`",
        ),
        ("Array", [GenericArgument::Type(value), _, elements]) => Ok(RegisterType {
            value,
            elements: Some(element_count(elements)?),
        }),
        ("Array", _) => wrong(
            last,
            "an array has a value type, an access kind and a number of elements: `Array<V, A, N>`",
        ),
        _ => wrong(&last.ident, "expected `Register<V, A>` or `Array<V, A, N>`"),
    }
}

fn element_count(argument: &GenericArgument) -> syn::Result<Number<u32>> {
    let GenericArgument::Const(Expr::Lit(ExprLit {
        lit: Lit::Int(count),
        ..
    })) = argument
    else {
        return wrong(
            argument,
            "the number of elements must be a literal, so that it can be compared with the pieces",
        );
    };
    let count: Number<u32> = Number::of(count.clone())?;
    match count.value {
        0 => wrong(count, "an array has at least one element"),
        _ => Ok(count),
    }
}

/// The width of an integer value type; `None` for other types.
pub(super) fn integer_width(ty: &Type) -> syn::Result<Option<Width>> {
    let Type::Path(path) = ty else {
        return wrong(ty, NOT_A_VALUE);
    };
    let Some(name) = primitive(&path.path) else {
        return Ok(None);
    };
    let bits = name.strip_prefix('u').and_then(|bits| bits.parse().ok());
    match bits.and_then(Width::of) {
        Some(width) => Ok(Some(width)),
        None => wrong(ty, NOT_A_VALUE),
    }
}

const NOT_A_VALUE: &str =
    "the value type must be `u8`, `u16`, `u32`, `u64`, or a type of `#[bitfield]` over one of them";

/// The name of a primitive type: `u32` or `core::primitive::u32`.
fn primitive(path: &Path) -> Option<String> {
    const NAMES: [&str; 17] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "bool", "char", "str", "f32", "f64",
    ];
    let mut segments = path.segments.iter().rev();
    let name = segments.next()?.ident.to_string();
    let in_scope = segments
        .next()
        .is_none_or(|module| module.ident == "primitive");
    (in_scope && NAMES.contains(&name.as_str())).then_some(name)
}

fn wrong<T>(at: impl ToTokens, message: &str) -> syn::Result<T> {
    Err(syn::Error::new_spanned(at, message))
}
