//! `transmit(...)` and `receive(...)`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Token, Type};

use super::facts::{Doorbell, Kick, Ring};
use crate::attr::{Key, nested_keys, some, unknown_key};
use crate::errors::Errors;
use crate::number::{Number, Range, number, number_with, range};

const KEYS: [&str; 9] = [
    "format",
    "doorbell",
    "kick",
    "restart",
    "queues",
    "slots",
    "multiple",
    "align",
    "address_bits",
];

/// The keys of a ring.
struct RingKeys {
    format: Key<Type>,
    doorbell: Key<Ident>,
    kick: Key<Kick>,
    restart: Key<Ident>,
    queues: Key<Number<u32>>,
    slots: Key<Range>,
    multiple: Key<Number<u32>>,
    align: Key<Number<u32>>,
    address_bits: Key<Number<u32>>,
}

/// The facts of transmit rings.
pub(super) struct TxRing {
    pub(super) ring: Ring,
    pub(super) completions: Vec<Ident>,
    pub(super) head: Option<Ident>,
}

/// Parses the facts of transmit rings and their completion schemes.
pub(super) fn tx_ring(
    at: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Option<TxRing>> {
    let mut keys = RingKeys::new();
    let mut completions = Key::new("completions");
    let mut head = Key::new("head");
    nested_keys(input, errors, |key, input, errors| {
        match key.to_string().as_str() {
            "completions" => completions.read(key, || {
                some(key, input, errors, |input| {
                    one_of(
                        input,
                        &["done_bit", "owner_bit", "head_register", "head_writeback"],
                    )
                })
                .map(Some)
            }),
            "head" => head.assign(key, input, |input| input.parse()),
            _ => keys.read(key, input, errors).unwrap_or_else(|| {
                let all = [&KEYS[..], &["completions", "head"]].concat();
                Err(unknown_key(key, "`transmit`", &all))
            }),
        }
    })?;
    let ring = keys.finish(at, errors);
    let what = "the completion schemes";
    let completions = completions.required(at, what, errors);
    let head = head.known();
    Ok((|| {
        Some(TxRing {
            ring: ring?,
            completions: completions?,
            head: head?,
        })
    })())
}

/// The facts of receive rings.
pub(super) struct RxRing {
    pub(super) ring: Ring,
    pub(super) buffer_size: Number<u32>,
    pub(super) frame_max: Number<u32>,
}

/// Parses the facts of receive rings and their buffers.
pub(super) fn rx_ring(
    at: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Option<RxRing>> {
    let mut keys = RingKeys::new();
    let mut buffer_size = Key::new("buffer_size");
    let mut frame_max = Key::new("frame_max");
    nested_keys(input, errors, |key, input, errors| {
        match key.to_string().as_str() {
            "buffer_size" => buffer_size.assign(key, input, positive),
            "frame_max" => frame_max.assign(key, input, positive),
            _ => keys.read(key, input, errors).unwrap_or_else(|| {
                let all = [&KEYS[..], &["buffer_size", "frame_max"]].concat();
                Err(unknown_key(key, "`receive`", &all))
            }),
        }
    })?;
    let ring = keys.finish(at, errors);
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

impl RingKeys {
    fn new() -> Self {
        RingKeys {
            format: Key::new("format"),
            doorbell: Key::new("doorbell"),
            kick: Key::new("kick"),
            restart: Key::new("restart"),
            queues: Key::new("queues"),
            slots: Key::new("slots"),
            multiple: Key::new("multiple"),
            align: Key::new("align"),
            address_bits: Key::new("address_bits"),
        }
    }

    /// Reads the value of `key`; `None` if there is no such key.
    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> Option<syn::Result<()>> {
        Some(match key.to_string().as_str() {
            "format" => self.format.assign(key, input, |input| input.parse()),
            "doorbell" => self.doorbell.assign(key, input, |input| input.parse()),
            "kick" => self.kick.read(key, || kick(key, input, errors)),
            "restart" => {
                let restarts = |input: ParseStream<'_>| one_of(input, &["queue", "device"]);
                self.restart.assign(key, input, restarts)
            }
            "queues" => self.queues.assign(key, input, positive),
            "slots" => self.slots.assign(key, input, range),
            "multiple" => self.multiple.assign(key, input, positive),
            "align" => self.align.assign(key, input, |input| {
                number_with(
                    input,
                    u32::is_power_of_two,
                    "an alignment must be a power of two",
                )
            }),
            "address_bits" => self.address_bits.assign(key, input, |input| {
                number_with(
                    input,
                    |bits| (1..=64).contains(&bits),
                    "an address has 1 to 64 bits",
                )
            }),
            _ => return None,
        })
    }

    fn finish(self, at: &Ident, errors: &mut Errors) -> Option<Ring> {
        let format = self.format.required(at, "the descriptor type", errors);
        let restart = self
            .restart
            .required(at, "what is restarted: `queue` or `device`", errors);
        let queues = self.queues.required(at, "the number of queues", errors);
        let slots = self.slots.required(at, "the lengths of a ring", errors);
        let what = "the number that divides the length of a ring";
        let multiple = self.multiple.required(at, what, errors);
        let align = self
            .align
            .required(at, "the alignment of a ring in bytes", errors);
        let what = "the address width of a ring in bits";
        let address_bits = self.address_bits.required(at, what, errors);
        let (doorbell, kick) = (self.doorbell.known(), self.kick.known());
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
    }
}

/// `(0x40)` or `(0x40, again)`
fn kick(at: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Kick>> {
    let content;
    syn::parenthesized!(content in input);
    let value: Number<u8> = number(&content)?;
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
