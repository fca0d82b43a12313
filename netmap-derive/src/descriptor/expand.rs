//! From a format without mistakes to masks and shifts on whole words.
//!
//! Positions and widths of fields are constants that `#[bitfield]` declares, so a field that does not exist is rustc's
//! error at its name.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{Descriptor, Format, Place, Receive, Transmit, Word};
use crate::attr::Number;

/// The expansion.
pub(super) fn expand(descriptor: &Descriptor) -> TokenStream {
    let (format, checks) = match &descriptor.format {
        Format::Transmit(format) => (transmit(format), transmit_checks(format)),
        Format::Receive(format) => (receive(format), receive_checks(format)),
    };
    let name = match &descriptor.format {
        Format::Transmit(_) => quote!(TxFormat),
        Format::Receive(_) => quote!(RxFormat),
    };
    let ident = &descriptor.ident;
    let words = descriptor.words.iter().map(|ty| {
        let span = ty.span().resolved_at(Span::call_site());
        quote_spanned! {span=>
            const _: fn(#ty) -> ::core::primitive::u64 =
                <::core::primitive::u64 as ::core::convert::From<#ty>>::from;
        }
    });
    quote! {
        #(#words)*
        #checks
        #[automatically_derived]
        impl ::netmap_core::#name for #ident {
            #format
        }
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
        fn encode(
            buffer: ::netmap_core::DmaAddr,
            len: ::core::primitive::u16,
        ) -> [::core::primitive::u64; 2] {
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
    let good = any_of(good.iter().map(value));
    let words = written.iter().map(word);
    let (length_low, length_offset) = (length.low(), length.offset());
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
            (status >> #length_offset & const { #length_low }) as ::core::primitive::u16
        }
    }
}

/// A word as the driver writes it.
fn word(word: &Word) -> TokenStream {
    let address = word
        .address
        .iter()
        .map(|place| place.holding(quote!(buffer.0)));
    let len = quote!(len as ::core::primitive::u64);
    let length = word
        .length
        .iter()
        .map(|place| place.holding(quote!((#len))));
    let set = any_of(word.set.iter().map(value));
    let set = (!word.set.is_empty()).then(|| quote!(const { #set }));
    any_of(set.into_iter().chain(address).chain(length))
}

/// Everything that the word type's constants have to satisfy.
fn transmit_checks(format: &Transmit) -> TokenStream {
    let Transmit {
        max,
        written,
        report,
        done,
        ..
    } = format;
    let set = written.iter().flat_map(|word| &word.set).map(fits);
    let lengths = written.iter().flat_map(|word| &word.length).map(|place| {
        let message = format!("the longest frame does not fit {}", place.name());
        let low = place.low();
        check(max, quote!(#max <= #low), &message)
    });
    let bits = report.iter().chain(done).map(one_bit);
    quote!(#(#set)* #(#lengths)* #(#bits)*)
}

fn receive_checks(format: &Receive) -> TokenStream {
    let Receive {
        written,
        done,
        good,
        length,
        ..
    } = format;
    let values = written
        .iter()
        .flat_map(|word| &word.set)
        .chain(good)
        .map(fits);
    let bits = done.iter().map(one_bit);
    let low = length.low();
    let length = check(
        &length.field,
        quote!(#low <= 0xffff),
        "a length has 16 bits at most",
    );
    quote!(#(#values)* #(#bits)* #length)
}

fn fits((place, value): &(Place, Number)) -> TokenStream {
    let low = place.low();
    let message = format!("this value does not fit {}", place.name());
    check(value, quote!(#value <= #low), &message)
}

fn one_bit(place: &Place) -> TokenStream {
    let low = place.low();
    let message = format!("{} is not a single bit", place.name());
    check(&place.field, quote!(#low == 1), &message)
}

/// An assertion whose failure is reported at `at`.
fn check(at: &impl ToTokens, holds: TokenStream, message: &str) -> TokenStream {
    let span = at.span().resolved_at(Span::call_site());
    quote_spanned!(span=> const _: () = ::core::assert!(#holds, #message);)
}

/// A value in its place.
fn value((place, value): &(Place, Number)) -> TokenStream {
    let offset = place.offset();
    quote!((#value << #offset))
}

/// Nothing is zero.
fn any_of(terms: impl Iterator<Item = TokenStream>) -> TokenStream {
    let mut terms = terms.peekable();
    match terms.peek() {
        None => quote!(0),
        Some(_) => quote!(#(#terms)|*),
    }
}

impl Place {
    fn name(&self) -> String {
        match &self.field {
            Some(field) => format!("`{field}`"),
            None => "the word".to_owned(),
        }
    }

    /// Ones for as many bits as there are, from bit 0.
    fn low(&self) -> TokenStream {
        match self.constant("BITS") {
            Some(bits) => quote!((::core::primitive::u64::MAX >> (64 - #bits))),
            None => quote!(::core::primitive::u64::MAX),
        }
    }

    fn offset(&self) -> TokenStream {
        self.constant("OFFSET").unwrap_or_else(|| quote!(0))
    }

    /// Ones where the bits are.
    fn mask(&self) -> TokenStream {
        let (low, offset) = (self.low(), self.offset());
        quote!((#low << #offset))
    }

    /// The lower bits of `value`, where the bits are.
    fn holding(&self, value: TokenStream) -> TokenStream {
        let (low, offset) = (self.low(), self.offset());
        quote!((#value & const { #low }) << #offset)
    }

    fn constant(&self, which: &str) -> Option<TokenStream> {
        let field = self.field.as_ref()?;
        let word = &self.word;
        let name = format_ident!(
            "{}_{}",
            field.unraw().to_string().to_uppercase(),
            which,
            span = field.span()
        );
        Some(quote!(<#word>::#name))
    }
}
