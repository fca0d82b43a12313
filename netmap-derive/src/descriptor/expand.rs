//! From a valid format to masks and shifts on whole words.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::direction::Frames;
use super::facts::{Descriptor, Format, Receive, Told, Transmit, Word};
use super::place::Place;
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

/// A word of another size is an error at its type. This also counts as a use of the declaration for the compiler.
fn as_u64((field, ty): &(Ident, Type)) -> TokenStream {
    let span = ty.span().resolved_at(Span::call_site());
    quote_spanned! {span=>
        <::core::primitive::u64 as ::core::convert::From<#ty>>::from(descriptor.#field)
    }
}

fn transmit(format: &Transmit) -> TokenStream {
    let Transmit {
        ident: _,
        frames: Frames {
            min,
            max,
            descriptors,
        },
        written,
        control,
        told,
        report,
        first,
        last,
        end_of_ring,
    } = format;
    let lengths = written.iter().flat_map(|word| &word.length);
    let max_len = lengths.fold(quote!(#max), |most, place| {
        let field = place.max();
        quote!(__least(#most, #field))
    });
    let slots = match descriptors {
        Some(descriptors) => quote!(#descriptors),
        None => quote!(1),
    };
    let owner = match told {
        Told::Owner(place) => Some(place),
        Told::Done(_) => None,
    };
    let told = told_constants(told);
    let owner = mask(owner);
    let report = mask(report);
    let marks = marks(first, last, end_of_ring);
    let words = written.iter().map(word);
    let per_byte = written.iter().map(|word| {
        let lengths = word.length.iter().chain(&word.frame);
        any_of(lengths.map(|place| place.shifted(&quote!(1))))
    });
    let frame = match written.iter().any(|word| !word.frame.is_empty()) {
        true => quote!(frame),
        false => quote!(_frame),
    };
    quote! {
        const MIN_LEN: ::core::primitive::u16 = #min;
        const MAX_LEN: ::core::primitive::u16 = {
            /// The smaller one.
            const fn __least(
                one: ::core::primitive::u64,
                other: ::core::primitive::u64,
            ) -> ::core::primitive::u64 {
                if one < other { one } else { other }
            }
            #max_len as ::core::primitive::u16
        };
        const FRAME_MAX: ::core::primitive::u32 = #max;
        const SLOTS_MAX: ::core::primitive::u32 = #slots;
        const CONTROL: ::core::primitive::usize = #control;
        const REPORT: ::core::primitive::u64 = #report;
        #told
        const OWNER: ::core::primitive::u64 = #owner;
        #marks
        const PER_BYTE: [::core::primitive::u64; 2] = [#(#per_byte),*];

        #[inline(always)]
        fn part(
            buffer: ::netmap_core::DmaAddr,
            len: ::core::primitive::u32,
            #frame: ::core::primitive::u32,
        ) -> [::core::primitive::u64; 2] {
            let len = len as ::core::primitive::u64;
            [#(#words),*]
        }
    }
}

fn receive(format: &Receive) -> TokenStream {
    let Receive {
        part,
        written,
        status_word,
        told,
        owner,
        first,
        last,
        end_of_ring,
        good,
        length,
    } = format;
    let told = told_constants(told);
    let owner = mask(owner);
    let marks = marks(first, last, end_of_ring);
    let ends = || first.iter().chain(last).map(Place::mask);
    let good_mask = any_of(ends().chain(good.iter().map(|(place, _)| place.mask())));
    let good = any_of(ends().chain(good.iter().map(constant)));
    let words = written.iter().map(word);
    let (offset, max) = (length.offset(), length.max());
    let part = match part {
        Some(part) => quote!(#part),
        None => quote!(0),
    };
    quote! {
        const STATUS_WORD: ::core::primitive::usize = #status_word;
        #told
        const OWNER: ::core::primitive::u64 = #owner;
        #marks
        const GOOD_MASK: ::core::primitive::u64 = #good_mask;
        const GOOD: ::core::primitive::u64 = #good;
        const PART: ::core::primitive::u32 = #part;

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

/// The constants of a completed descriptor.
fn told_constants(told: &Told) -> TokenStream {
    let (bits, done) = match told {
        Told::Done(places) => (mask(places), quote!(Self::DONE_MASK)),
        Told::Owner(place) => (mask([place]), quote!(0)),
    };
    quote! {
        const DONE_MASK: ::core::primitive::u64 = #bits;
        const DONE: ::core::primitive::u64 = #done;
    }
}

/// Marks of some descriptors.
fn marks(first: &[Place], last: &[Place], end_of_ring: &[Place]) -> TokenStream {
    let [first, last, end_of_ring] = [first, last, end_of_ring].map(mask);
    quote! {
        const END_OF_RING: ::core::primitive::u64 = #end_of_ring;
        const FIRST: ::core::primitive::u64 = #first;
        const LAST: ::core::primitive::u64 = #last;
    }
}

/// All bits of some fields.
fn mask<'p>(places: impl IntoIterator<Item = &'p Place>) -> TokenStream {
    any_of(places.into_iter().map(Place::mask))
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
    let frame = word.frame.iter().map(|place| {
        let frame = quote!((frame as ::core::primitive::u64));
        place.holding(&frame)
    });
    let owner = word.owner.iter().map(|place| {
        let mask = place.mask();
        quote!(const { #mask })
    });
    let parts = set.into_iter().chain(address).chain(length);
    any_of(parts.chain(frame).chain(owner))
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

/// Assertions about the word types.
fn transmit_checks(format: &Transmit) -> impl Iterator<Item = TokenStream> {
    let max = &format.frames.max;
    let set = format.written.iter().flat_map(|word| &word.set).map(fits);
    let whole = format.written.iter().flat_map(|word| &word.frame);
    let parts = format.written.iter().flat_map(|word| &word.length);
    let alone = format.frames.descriptors.is_none();
    let lengths = whole.chain(parts.filter(move |_| alone)).map(move |place| {
        let message = format!("the longest frame does not fit {}", place.name());
        let most = place.max();
        check(max, &quote!(#max <= #most), &message)
    });
    let several = format.frames.descriptors.as_ref().map(|descriptors| {
        let message = "the longest frame does not fit this number of descriptors";
        let name = &format.ident;
        let most = quote!(<#name as ::netmap_core::TxFormat>::MAX_LEN as ::core::primitive::u64);
        check(descriptors, &quote!(#max <= #descriptors * #most), message)
    });
    let marks = [
        &format.report,
        &format.first,
        &format.last,
        &format.end_of_ring,
    ];
    let marks = marks.into_iter().flatten().chain(told(&format.told));
    let owner = same_owner(&format.told, format.written[format.control].owner.as_ref());
    set.chain(lengths)
        .chain(several)
        .chain(marks.map(one_bit))
        .chain(owner)
}

fn receive_checks(format: &Receive) -> impl Iterator<Item = TokenStream> {
    let set = format.written.iter().flat_map(|word| &word.set);
    let values = set.chain(&format.good).map(fits);
    let marks = [&format.first, &format.last, &format.end_of_ring];
    let marks = marks.into_iter().flatten().chain(told(&format.told));
    let max = format.length.max();
    let length = check(
        &format.length.at(),
        &quote!(#max <= 0xffff),
        "a length has at most 16 bits",
    );
    let owner = same_owner(&format.told, format.owner.as_ref());
    values
        .chain(marks.map(one_bit))
        .chain([length])
        .chain(owner)
}

fn told(told: &Told) -> &[Place] {
    match told {
        Told::Done(places) => places,
        Told::Owner(place) => std::slice::from_ref(place),
    }
}

/// Asserts that the driver sets the same bit that the NIC clears.
fn same_owner(told: &Told, written: Option<&Place>) -> Option<TokenStream> {
    let (Told::Owner(left), Some(written)) = (told, written) else {
        return None;
    };
    let (left_mask, written_mask) = (left.mask(), written.mask());
    let message = "the driver's and the NIC's owner bits have different positions";
    Some(check(
        &left.at(),
        &quote!(#left_mask == #written_mask),
        message,
    ))
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
