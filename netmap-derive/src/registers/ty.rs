//! `Register<V, A>` and `Array<V, A, N>` as they are written.

use proc_macro2::Ident;
use quote::{ToTokens, format_ident};
use syn::{Expr, ExprLit, GenericArgument, Lit, PathArguments, Type};

use crate::attr::{Number, checked};

/// Bits of a register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Width(u32);

impl Width {
    /// The width of most registers of most NICs.
    pub(super) const DEFAULT: Width = Width(32);

    /// A width that a bus can access.
    pub(super) fn of(bits: u64) -> Option<Width> {
        matches!(bits, 8 | 16 | 32 | 64).then_some(Width(bits as u32))
    }

    pub(super) fn bits(self) -> u32 {
        self.0
    }

    pub(super) fn bytes(self) -> u32 {
        self.0 / 8
    }

    /// The integer of this width.
    pub(super) fn integer(self) -> Ident {
        format_ident!("u{}", self.0)
    }
}

/// The type of a field of a register map.
pub(super) struct RegisterType {
    /// What the register holds.
    pub(super) value: Type,
    /// The number of elements of an array.
    pub(super) elements: Option<Number>,
}

/// Takes a field's type apart.
pub(super) fn take_apart(ty: &Type) -> syn::Result<RegisterType> {
    let wrong = |at: &dyn ToTokens, message: &str| {
        Err(syn::Error::new_spanned(at.to_token_stream(), message))
    };
    let Type::Path(path) = ty else {
        return wrong(ty, "expected `Register<V, A>` or `Array<V, A, N>`");
    };
    let Some(last) = path.path.segments.last() else {
        return wrong(ty, "expected `Register<V, A>` or `Array<V, A, N>`");
    };
    let arguments: Vec<_> = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().collect(),
        _ => Vec::new(),
    };
    match (last.ident.to_string().as_str(), arguments.as_slice()) {
        ("Register", [GenericArgument::Type(value), _]) => Ok(RegisterType {
            value: value.clone(),
            elements: None,
        }),
        ("Register", _) => wrong(
            last,
            "a register has a value type and an access kind: `Register<V, A>`",
        ),
        ("Array", [GenericArgument::Type(value), _, elements]) => Ok(RegisterType {
            value: value.clone(),
            elements: Some(element_count(elements)?),
        }),
        ("Array", _) => wrong(
            last,
            "an array has a value type, an access kind and a number of elements: `Array<V, A, N>`",
        ),
        _ => wrong(&last.ident, "expected `Register<V, A>` or `Array<V, A, N>`"),
    }
}

fn element_count(argument: &GenericArgument) -> syn::Result<Number> {
    let count = match argument {
        GenericArgument::Const(Expr::Lit(ExprLit {
            lit: Lit::Int(count),
            ..
        })) => checked(count.clone(), u32::MAX.into())?,
        other => {
            return Err(syn::Error::new_spanned(
                other,
                "the number of elements is a literal, so that the pieces can be checked against it",
            ));
        }
    };
    match count.value {
        0 => Err(syn::Error::new_spanned(
            count,
            "an array has at least one element",
        )),
        _ => Ok(count),
    }
}

/// The width of `u8`, `u16`, `u32` or `u64`.
pub(super) fn integer_width(ty: &Type) -> Option<Width> {
    let Type::Path(path) = ty else { return None };
    let mut segments = path.path.segments.iter().rev();
    let last = segments.next()?;
    if segments
        .next()
        .is_some_and(|module| module.ident != "primitive")
    {
        return None;
    }
    let bits = last.ident.to_string().strip_prefix('u')?.parse().ok()?;
    Width::of(bits)
}
