//! From a format without mistakes to masks and shifts on whole words.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::place::Place;
use super::{Descriptor, Format, Receive, Transmit, Word};
use crate::number::Number;

/// The expansion.
pub(super) fn expand(descriptor: &Descriptor) -> TokenStream {
    let Descriptor {
        ident,
        words,
        format,
    } = descriptor;
    let count = words.len();
    let words = words.iter().map(as_u64);
    let (name, items, checks) = match format {
        Format::Transmit(format) => {
            let checks: Vec<_> = transmit_checks(format).collect();
            (quote!(TxFormat), transmit(format), checks)
        }
        Format::Receive(format) => {
            let checks: Vec<_> = receive_checks(format).collect();
            (quote!(RxFormat), receive(format), checks)
        }
    };
    quote! {
        const _: fn(#ident) -> [::core::primitive::u64; #count] = |descriptor| [#(#words),*];
        #(#checks)*
        #[automatically_derived]
        impl ::netmap_core::#name for #ident {
            #items
        }
    }
}

/// A word of another size is an error at its type. To the compiler, this is also what the declaration is used for.
fn as_u64((field, ty): &(Ident, Type)) -> TokenStream {
    let span = ty.span().resolved_at(Span::call_site());
    quote_spanned! {span=>
        <::core::primitive::u64 as ::core::convert::From<#ty>>::from(descriptor.#field)
    }
}

fn transmit(format: &Transmit) -> TokenStream {
    let Transmit {
        min,
        max,
        written,
        report,
        done,
    } = format;
    let report = any_of(report.iter().map(Place::mask));
    let done = any_of(done.iter().map(Place::mask));
    let words = written.iter().map(word);
    quote! {
        const MIN_LEN: ::core::primitive::u16 = #min;
        const MAX_LEN: ::core::primitive::u16 = #max;
        const REPORT: ::core::primitive::u64 = #report;
        const DONE: ::core::primitive::u64 = #done;

        #[inline(always)]
        fn part(
            buffer: ::netmap_core::DmaAddr,
            len: ::core::primitive::u32,
            _frame: ::core::primitive::u32,
        ) -> [::core::primitive::u64; 2] {
            let len = len as ::core::primitive::u64;
            [#(#words),*]
        }
    }
}

fn receive(format: &Receive) -> TokenStream {
    let Receive {
        crc_bytes,
        written,
        status_word,
        done,
        good,
        length,
    } = format;
    let done = any_of(done.iter().map(Place::mask));
    let good_mask = any_of(good.iter().map(|(place, _)| place.mask()));
    let good = any_of(good.iter().map(constant));
    let words = written.iter().map(word);
    let (offset, max) = (length.offset(), length.max());
    quote! {
        const STATUS_WORD: ::core::primitive::usize = #status_word;
        const DONE: ::core::primitive::u64 = #done;
        const GOOD_MASK: ::core::primitive::u64 = #good_mask;
        const GOOD: ::core::primitive::u64 = #good;
        const CRC_BYTES: ::core::primitive::u16 = #crc_bytes;

        #[inline(always)]
        fn arm(buffer: ::netmap_core::DmaAddr) -> [::core::primitive::u64; 2] {
            [#(#words),*]
        }

        #[inline(always)]
        fn len(status: ::core::primitive::u64) -> ::core::primitive::u16 {
            ((status >> #offset) & const { #max }) as ::core::primitive::u16
        }
    }
}

/// A word as the driver writes it.
fn word(word: &Word) -> TokenStream {
    let set = (!word.set.is_empty()).then(|| {
        let set = any_of(word.set.iter().map(constant));
        quote!(const { #set })
    });
    let address = word.address.iter();
    let address = address.map(|place| place.holding(&quote!(buffer.0)));
    let length = word.length.iter().map(|place| place.holding(&quote!(len)));
    any_of(set.into_iter().chain(address).chain(length))
}

/// All terms in one word; none is zero.
fn any_of(terms: impl Iterator<Item = TokenStream>) -> TokenStream {
    let terms: Vec<_> = terms.collect();
    match terms.as_slice() {
        [] => quote!(0),
        terms => quote!(#(#terms)|*),
    }
}

fn constant((place, value): &(Place, Number<u64>)) -> TokenStream {
    place.shifted(value)
}

/// What the word types have to satisfy.
fn transmit_checks(format: &Transmit) -> impl Iterator<Item = TokenStream> {
    let max = &format.max;
    let set = format.written.iter().flat_map(|word| &word.set).map(fits);
    let lengths = format.written.iter().flat_map(|word| &word.length);
    let lengths = lengths.map(move |place| {
        let message = format!("the longest frame does not fit {}", place.name());
        let most = place.max();
        check(max, &quote!(#max <= #most), &message)
    });
    let bits = format.report.iter().chain(&format.done).map(one_bit);
    set.chain(lengths).chain(bits)
}

fn receive_checks(format: &Receive) -> impl Iterator<Item = TokenStream> {
    let set = format.written.iter().flat_map(|word| &word.set);
    let values = set.chain(&format.good).map(fits);
    let bits = format.done.iter().map(one_bit);
    let max = format.length.max();
    let length = check(
        &format.length.at(),
        &quote!(#max <= 0xffff),
        "a length has 16 bits at most",
    );
    values.chain(bits).chain([length])
}

fn fits((place, value): &(Place, Number<u64>)) -> TokenStream {
    let max = place.max();
    let message = format!("this value does not fit {}", place.name());
    check(value, &quote!(#value & !#max == 0), &message)
}

fn one_bit(place: &Place) -> TokenStream {
    let max = place.max();
    let message = format!("{} has more than one bit", place.name());
    check(&place.at(), &quote!(#max == 1), &message)
}

/// An assertion whose failure is reported at `at`.
fn check(at: &impl ToTokens, holds: &TokenStream, message: &str) -> TokenStream {
    let span = at.to_token_stream().span().resolved_at(Span::call_site());
    quote_spanned!(span=> const _: () = ::core::assert!(#holds, #message);)
}
