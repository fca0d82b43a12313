//! From a valid format to masks and shifts on whole words.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::direction::{Direction, Frames};
use super::facts::{Completion, Descriptor};
use super::place::Place;
use super::word::RawWord;
use crate::number::Number;

pub(super) fn expand(descriptor: &Descriptor) -> TokenStream {
    let Descriptor {
        ident,
        direction,
        words,
        ..
    } = descriptor;
    let count = words.all().count();
    let words = words.all().map(as_u64);
    let (name, items, checks) = match direction {
        Direction::Transmit(frames) => {
            let checks: Vec<_> = transmit_checks(descriptor, frames).collect();
            (quote!(TxFormat), transmit(descriptor, frames), checks)
        }
        Direction::Receive { part } => {
            let checks: Vec<_> = receive_checks(descriptor).collect();
            (quote!(RxFormat), receive(descriptor, part), checks)
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
fn as_u64(RawWord { ident, ty, .. }: &RawWord) -> TokenStream {
    let span = ty.span().resolved_at(Span::call_site());
    quote_spanned! {span=>
        <::core::primitive::u64 as ::core::convert::From<#ty>>::from(descriptor.#ident)
    }
}

fn transmit(descriptor: &Descriptor, frames: &Frames) -> TokenStream {
    let Frames {
        min,
        max,
        descriptors,
    } = frames;
    let written = &descriptor.words.written;
    let index = descriptor.index;
    let control = &written[index];
    let lengths = written.iter().flat_map(|word| &word.length.value);
    let max_len = lengths.fold(quote!(#max), |most, place| {
        let field = place.max();
        quote!(__least(#most, #field))
    });
    let slots = match descriptors {
        Some(descriptors) => quote!(#descriptors),
        None => quote!(1),
    };
    let owner = match &descriptor.completion {
        Completion::Owner(place) => Some(place),
        Completion::Done(_) => None,
    };
    let completion = completion(&descriptor.completion);
    let owner = mask(owner);
    let report = mask(&control.report.value);
    let failed = mask(&descriptor.words.left()[index].failed.value);
    let marks = marks(control, control);
    let words = written.iter().map(|each| word(each, &each.length.value));
    let per_byte = written.iter().map(|word| {
        let lengths = word.length.value.iter().chain(&word.frame.value);
        any_of(lengths.map(|place| place.shifted(&quote!(1))))
    });
    let frame = match written.iter().any(|word| !word.frame.value.is_empty()) {
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
        const CONTROL: ::core::primitive::usize = #index;
        const REPORT: ::core::primitive::u64 = #report;
        const FAILED: ::core::primitive::u64 = #failed;
        #completion
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

fn receive(descriptor: &Descriptor, part: &Option<Number<u16>>) -> TokenStream {
    let index = descriptor.index;
    let (written, status) = (&descriptor.words.written, &descriptor.words.left()[index]);
    let completion = completion(&descriptor.completion);
    let owner = mask(&written[index].owner.value);
    let marks = marks(status, &written[index]);
    let good = &status.good.value;
    let ends = || {
        let ends = status.first.value.iter().chain(&status.last.value);
        ends.map(Place::mask)
    };
    let good_mask = any_of(ends().chain(good.iter().map(|(place, _)| place.mask())));
    let good = any_of(ends().chain(good.iter().map(constant)));
    let words = written.iter().map(|each| word(each, &[]));
    let length = &status.length.value[0];
    let (offset, max) = (length.offset(), length.max());
    let part = match part {
        Some(part) => quote!(#part),
        None => quote!(0),
    };
    quote! {
        const STATUS_WORD: ::core::primitive::usize = #index;
        #completion
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
fn completion(completion: &Completion) -> TokenStream {
    let bits = mask(completion.places());
    let done = match completion {
        Completion::Done(_) => quote!(Self::DONE_MASK),
        Completion::Owner(_) => quote!(0),
    };
    quote! {
        const DONE_MASK: ::core::primitive::u64 = #bits;
        const DONE: ::core::primitive::u64 = #done;
    }
}

/// The marks of the descriptors of a frame, and of the last descriptor of the ring.
fn marks(frame: &RawWord, ring: &RawWord) -> TokenStream {
    let marks = [&frame.first, &frame.last, &ring.end_of_ring];
    let [first, last, end_of_ring] = marks.map(|given| mask(&given.value));
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

/// A word as the driver writes it, with the length in these places.
fn word(word: &RawWord, length: &[Place]) -> TokenStream {
    let set = (!word.set.value.is_empty()).then(|| {
        let set = any_of(word.set.value.iter().map(constant));
        quote!(const { #set })
    });
    let address = word.address.value.iter();
    let address = address.map(|place| place.holding(&quote!(buffer.0)));
    let length = length.iter().map(|place| place.holding(&quote!(len)));
    let frame = word.frame.value.iter().map(|place| {
        let frame = quote!((frame as ::core::primitive::u64));
        place.holding(&frame)
    });
    let owner = word.owner.value.iter().map(|place| {
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
fn transmit_checks(descriptor: &Descriptor, frames: &Frames) -> impl Iterator<Item = TokenStream> {
    let max = &frames.max;
    let written = &descriptor.words.written;
    let set = written.iter().flat_map(|word| &word.set.value).map(fits);
    let whole = written.iter().flat_map(|word| &word.frame.value);
    let parts = written.iter().flat_map(|word| &word.length.value);
    let alone = frames.descriptors.is_none();
    let lengths = whole.chain(parts.filter(move |_| alone)).map(move |place| {
        let message = format!("the longest frame does not fit {}", place.name());
        let most = place.max();
        check(max, &quote!(#max <= #most), &message)
    });
    let several = frames.descriptors.as_ref().map(|descriptors| {
        let message = "the longest frame does not fit this number of descriptors";
        let name = &descriptor.ident;
        let most = quote!(<#name as ::netmap_core::TxFormat>::MAX_LEN as ::core::primitive::u64);
        check(descriptors, &quote!(#max <= #descriptors * #most), message)
    });
    let control = &written[descriptor.index];
    let marks = [
        &control.report.value,
        &control.first.value,
        &control.last.value,
        &control.end_of_ring.value,
    ];
    let marks = marks.into_iter().flatten();
    set.chain(lengths)
        .chain(several)
        .chain(marks.chain(descriptor.completion.places()).map(one_bit))
        .chain(same_owner(descriptor))
}

fn receive_checks(descriptor: &Descriptor) -> impl Iterator<Item = TokenStream> {
    let index = descriptor.index;
    let (written, status) = (&descriptor.words.written, &descriptor.words.left()[index]);
    let set = written.iter().flat_map(|word| &word.set.value);
    let values = set.chain(&status.good.value).map(fits);
    let marks = [
        &status.first.value,
        &status.last.value,
        &written[index].end_of_ring.value,
    ];
    let marks = marks.into_iter().flatten();
    let length = &status.length.value[0];
    let max = length.max();
    let length = check(
        &length.at(),
        &quote!(#max <= 0xffff),
        "a length has at most 16 bits",
    );
    values
        .chain(marks.chain(descriptor.completion.places()).map(one_bit))
        .chain([length])
        .chain(same_owner(descriptor))
}

/// Asserts that the driver sets the same bit that the NIC clears.
fn same_owner(descriptor: &Descriptor) -> Option<TokenStream> {
    let written = descriptor.words.written[descriptor.index]
        .owner
        .value
        .as_ref();
    let (Completion::Owner(left), Some(written)) = (&descriptor.completion, written) else {
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
