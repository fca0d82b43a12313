//! `transmit(...)` and `receive(...)`.

use proc_macro2::Ident;
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

use super::facts::{Doorbell, Kick, Ring, RxRing, TxRing};
use crate::attr::{AnyKey, Key, read_nested, some};
use crate::errors::Errors;
use crate::number::{Number, number, number_with, range};

/// Parses the facts of transmit rings and their completion schemes.
pub(super) fn tx_ring(
    at: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Option<TxRing>> {
    const SCHEMES: [&str; 4] = ["done_bit", "owner_bit", "head_register", "head_writeback"];
    let mut completions = Key::new("completions", |key, input, errors| {
        some(key, input, errors, |input| one_of(input, &SCHEMES)).map(Some)
    });
    let mut head = Key::parsed("head");
    let own: [&mut dyn AnyKey; 2] = [&mut completions, &mut head];
    let ring = ring(at, input, "`transmit`", own, errors)?;
    let completions = completions.required(at, "the completion schemes", errors);
    Ok((|| {
        Some(TxRing {
            ring: ring?,
            completions: completions?,
            head: head.known()?,
        })
    })())
}

/// Parses the facts of receive rings and their buffers.
pub(super) fn rx_ring(
    at: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Option<RxRing>> {
    let mut buffer_size = Key::assigned("buffer_size", positive);
    let mut frame_max = Key::assigned("frame_max", positive);
    let own: [&mut dyn AnyKey; 2] = [&mut buffer_size, &mut frame_max];
    let ring = ring(at, input, "`receive`", own, errors)?;
    let what = "bytes that the NIC may write into a buffer";
    let buffer_size = buffer_size.required(at, what, errors);
    let what = "bytes of the longest frame, without CRC";
    let frame_max = frame_max.required(at, what, errors);
    Ok((|| {
        Some(RxRing {
            ring: ring?,
            buffer_size: buffer_size?,
            frame_max: frame_max?,
        })
    })())
}

/// Parses the facts of either direction, and the keys that only this one has.
fn ring(
    at: &Ident,
    input: ParseStream<'_>,
    what: &str,
    [one, other]: [&mut dyn AnyKey; 2],
    errors: &mut Errors,
) -> syn::Result<Option<Ring>> {
    let mut format = Key::parsed("format");
    let mut doorbell = Key::parsed("doorbell");
    let mut kick = Key::new("kick", kick);
    let mut restart = Key::assigned("restart", |input| one_of(input, &["queue", "device"]));
    let mut queues = Key::assigned("queues", positive);
    let mut slots = Key::assigned("slots", range);
    let mut multiple = Key::assigned("multiple", positive);
    let mut align = Key::assigned("align", |input| {
        let message = "an alignment must be a power of two";
        number_with(input, u32::is_power_of_two, message)
    });
    let mut address_bits = Key::assigned("address_bits", |input| {
        let fits = |bits| (1..=64).contains(&bits);
        number_with(input, fits, "an address has 1 to 64 bits")
    });
    let keys: &mut [&mut dyn AnyKey] = &mut [
        &mut format,
        &mut doorbell,
        &mut kick,
        &mut restart,
        &mut queues,
        &mut slots,
        &mut multiple,
        &mut align,
        &mut address_bits,
        one,
        other,
    ];
    read_nested(input, what, keys, errors)?;
    let all = || {
        let format = format.required(at, "the descriptor type", errors);
        let what = "what is restarted: `queue` or `device`";
        let restart = restart.required(at, what, errors);
        let queues = queues.required(at, "the number of queues", errors);
        let slots = slots.required(at, "the lengths of a ring", errors);
        let what = "the number that divides the length of a ring";
        let multiple = multiple.required(at, what, errors);
        let align = align.required(at, "the alignment of a ring in bytes", errors);
        let what = "the address width of a ring in bits";
        let address_bits = address_bits.required(at, what, errors);
        let (doorbell, kick) = (doorbell.known(), kick.known());
        if let (Some(None), Some(Some(kick))) = (&doorbell, &kick) {
            errors.at(&kick.value, "`kick` needs a `doorbell`");
        }
        let (slots, multiple) = (slots?, multiple?);
        for (length, literal) in [
            (slots.first.value, &slots.first),
            (slots.last, &slots.bound),
        ] {
            if !length.is_multiple_of(multiple.value) {
                let message = format!("{length} is not a multiple of {}", multiple.value);
                errors.at(literal, message);
            }
        }
        let kick = kick?;
        Some(Ring {
            format: format?,
            doorbell: doorbell?.map(|register| Doorbell { register, kick }),
            restart: restart?,
            queues: queues?,
            slots,
            multiple,
            align: align?,
            address_bits: address_bits?,
        })
    };
    Ok(all())
}

/// `(0x40)` or `(0x40, again)`
fn kick(at: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Kick>> {
    let content;
    syn::parenthesized!(content in input);
    let value: Number<u32> = number(&content)?;
    if value.value == 0 {
        errors.at(&value, "a kick must not be zero");
    }
    let again = content.parse::<Option<Token![,]>>()?.is_some() && !content.is_empty();
    if again {
        one_of(&content, &["again"])?;
    }
    match content.is_empty() {
        true => Ok(Some(Kick { value, again })),
        false => Err(syn::Error::new_spanned(
            at,
            "expected `again`, the only other argument of `kick`",
        )),
    }
}

/// One of some words.
fn one_of(input: ParseStream<'_>, words: &[&str]) -> syn::Result<Ident> {
    let word = input.call(Ident::parse_any)?;
    match words.contains(&word.to_string().as_str()) {
        true => Ok(word),
        false => {
            let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
            let message = format!("expected {}", words.join(" or "));
            Err(syn::Error::new_spanned(word, message))
        }
    }
}

fn positive(input: ParseStream<'_>) -> syn::Result<Number<u32>> {
    number_with(input, |number| number > 0, "expected at least 1")
}
