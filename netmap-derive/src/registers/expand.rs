//! From a valid map to its constant and its value types.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::facts::{Map, Piece, Place, Register, Value};

pub(super) fn expand(map: &Map) -> TokenStream {
    let Map {
        ident,
        vis,
        registers,
        values,
    } = map;
    let fields = registers.iter().map(register);
    let values = values.iter().map(value);
    quote! {
        #[automatically_derived]
        impl #ident {
            /// The registers with their offsets.
            #vis const MAP: Self = Self { #(#fields)* };
        }
        #(#values)*
    }
}

fn register(register: &Register) -> TokenStream {
    let Register { field, ty, .. } = register;
    match &register.place {
        Place::One(offset) => quote! {
            #field: <#ty>::at(::netmap_core::register::RegOffset(#offset)),
        },
        Place::Array { name, pieces } => {
            let pieces = pieces.iter().map(piece);
            quote! {
                #field: <#ty>::of(#name, &[#(#pieces),*]),
            }
        }
    }
}

fn piece(piece: &Piece) -> TokenStream {
    let Piece {
        first,
        count,
        offset,
        stride,
    } = piece;
    let first = Literal::u64_unsuffixed(*first);
    let count = Literal::u64_unsuffixed(*count);
    quote! {
        ::netmap_core::register::Piece {
            first: #first,
            count: #count,
            offset: ::netmap_core::register::RegOffset(#offset),
            stride: #stride,
        }
    }
}

/// A value type of another width is an error at the type.
fn value(value: &Value) -> TokenStream {
    let ty = &value.ty;
    let span = ty.span().resolved_at(Span::call_site());
    let integer = format_ident!("u{}", value.width.bits(), span = span);
    let raw = quote_spanned!(span=> ::core::primitive::#integer);
    let from_raw = quote_spanned!(span=> <Self as ::core::convert::From<#raw>>::from(raw));
    let into_raw = quote_spanned!(span=> <#raw as ::core::convert::From<Self>>::from(self));
    quote! {
        #[automatically_derived]
        impl ::netmap_core::register::Value for #ty {
            type Raw = #raw;
            #[inline(always)]
            fn from_raw(raw: #raw) -> Self {
                #from_raw
            }
            #[inline(always)]
            fn into_raw(self) -> #raw {
                #into_raw
            }
        }
    }
}
