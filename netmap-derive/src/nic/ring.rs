//! `transmit(...)` and `receive(...)`.

use proc_macro2::Ident;
use syn::Type;
use syn::parse::ParseStream;

use super::Ring;
use crate::attr::{Key, nested_keys, unknown_key};
use crate::errors::Errors;
use crate::number::{Number, Range, number_with, range};

const KEYS: [&str; 7] = [
    "format",
    "doorbell",
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
    queues: Key<Number<u32>>,
    slots: Key<Range>,
    multiple: Key<Number<u32>>,
    align: Key<Number<u32>>,
    address_bits: Key<Number<u32>>,
}

/// What transmit rings may be.
pub(super) fn ring(
    at: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Option<Ring>> {
    let mut keys = RingKeys::new();
    nested_keys(input, errors, |key, input, _| {
        keys.read(key, input)
            .unwrap_or_else(|| Err(unknown_key(key, "`transmit`", &KEYS)))
    })?;
    Ok(keys.finish(at, errors))
}

/// What receive rings may be, and the size of their buffers.
pub(super) fn rx_ring(
    at: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Option<(Ring, Number<u32>)>> {
    let mut keys = RingKeys::new();
    let mut buffer_size = Key::new("buffer_size");
    nested_keys(input, errors, |key, input, _| {
        if key == "buffer_size" {
            return buffer_size.assign(key, input, positive);
        }
        let all = [&KEYS[..], &["buffer_size"]].concat();
        keys.read(key, input)
            .unwrap_or_else(|| Err(unknown_key(key, "`receive`", &all)))
    })?;
    let ring = keys.finish(at, errors);
    let what = "bytes that the NIC may write into a buffer";
    let buffer_size = buffer_size.required(at, what, errors);
    Ok(ring.zip(buffer_size))
}

impl RingKeys {
    fn new() -> Self {
        RingKeys {
            format: Key::new("format"),
            doorbell: Key::new("doorbell"),
            queues: Key::new("queues"),
            slots: Key::new("slots"),
            multiple: Key::new("multiple"),
            align: Key::new("align"),
            address_bits: Key::new("address_bits"),
        }
    }

    /// Reads the value behind `key`; `None` if there is no such key.
    fn read(&mut self, key: &Ident, input: ParseStream<'_>) -> Option<syn::Result<()>> {
        Some(match key.to_string().as_str() {
            "format" => self.format.assign(key, input, |input| input.parse()),
            "doorbell" => self.doorbell.assign(key, input, |input| input.parse()),
            "queues" => self.queues.assign(key, input, positive),
            "slots" => self.slots.assign(key, input, range),
            "multiple" => self.multiple.assign(key, input, positive),
            "align" => self.align.assign(key, input, |input| {
                number_with(
                    input,
                    u32::is_power_of_two,
                    "an alignment is a power of two",
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
        let format = self.format.required(at, "the descriptor", errors);
        let doorbell = self
            .doorbell
            .required(at, "the register of the tail", errors);
        let queues = self.queues.required(at, "how many there are", errors);
        let slots = self.slots.required(at, "how long a ring may be", errors);
        let what = "what the length of a ring is a multiple of";
        let multiple = self.multiple.required(at, what, errors);
        let align = self
            .align
            .required(at, "the alignment of a ring in bytes", errors);
        let what = "bits of the address of a ring";
        let address_bits = self.address_bits.required(at, what, errors);
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
        Some(Ring {
            format: format?,
            doorbell: doorbell?,
            queues: queues?,
            slots,
            multiple,
            align: align?,
            address_bits: address_bits?,
        })
    }
}

fn positive(input: ParseStream<'_>) -> syn::Result<Number<u32>> {
    number_with(input, |number| number > 0, "this is at least 1")
}
