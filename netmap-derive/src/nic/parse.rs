//! From the attributes of a driver type to facts without mistakes.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{DeriveInput, Token};

use super::{Multicast, Nic, PciId, Ring};
use crate::attr::{
    Key, Number, Span, assigned, each_key, list, nested_keys, number, span, u32, unknown_key,
};
use crate::errors::Errors;
use crate::shape::no_generics;

const KEYS: [&str; 10] = [
    "name",
    "title",
    "bar",
    "bar_size",
    "pci",
    "registers",
    "transmit",
    "receive",
    "multicast",
    "statistics",
];

/// Reads the item; every mistake in it is in the error.
pub(super) fn parse(input: &DeriveInput) -> syn::Result<Nic> {
    let mut errors = Errors::default();
    let errors = &mut errors;
    no_generics(input, "a driver", errors);
    let mut name = Key::new("name");
    let mut title = Key::new("title");
    let mut bar = Key::new("bar");
    let mut bar_size = Key::new("bar_size");
    let mut pci = Key::new("pci");
    let mut registers = Key::new("registers");
    let mut transmit = Key::new("transmit");
    let mut receive = Key::new("receive");
    let mut multicast = Key::new("multicast");
    let mut statistics = Key::new("statistics");
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("nic"))
    {
        each_key(attr, errors, |key, input, errors| {
            match key.to_string().as_str() {
                "name" => name.set(key, assigned(input, |input| input.parse())?),
                "title" => title.set(key, assigned(input, |input| input.parse())?),
                "bar" => bar.set(key, assigned(input, |input| number(input, 5))?),
                "bar_size" => bar_size.set(key, assigned(input, u32)?),
                "pci" => pci.set(key, pci_ids(key, input)?),
                "registers" => registers.set(key, assigned(input, |input| input.parse())?),
                "transmit" => transmit.set(key, ring(key, input, false, errors)?),
                "receive" => receive.set(key, ring(key, input, true, errors)?),
                "multicast" => multicast.set(key, hash(key, input, errors)?),
                "statistics" => statistics.set(key, assigned(input, |input| input.parse())?),
                _ => Err(unknown_key(key, "`nic`", &KEYS)),
            }
        });
    }
    let at = &input.ident;
    let name = name.required(at, "the name of the spec", errors);
    let title = title.required(at, "the name for people", errors);
    let bar = bar.required(at, "the base address register of the registers", errors);
    let bar_size = bar_size.required(at, "the bytes of that space", errors);
    let pci = pci.required(at, "the ids of all variants", errors);
    let registers = registers.required(at, "the register map", errors);
    let transmit = transmit.required(at, "what a transmit ring may be", errors);
    let receive = receive.required(at, "what a receive ring may be", errors);
    let multicast = multicast.required(at, "what picks a bit of the multicast table", errors);
    let statistics = statistics.required(at, "the counters", errors);
    let read = || {
        let (transmit, _) = transmit??;
        let (receive, buffer_size) = receive??;
        Some(Nic {
            ident: at.clone(),
            name: name?,
            title: title?,
            bar: bar?,
            bar_size: bar_size?,
            pci: pci?,
            registers: registers?,
            transmit,
            receive,
            buffer_size: buffer_size?,
            multicast: multicast??,
            statistics: statistics?,
        })
    };
    let read = read();
    std::mem::take(errors).finish(read)
}

/// `(0x8086:0x10fb, ...)`
fn pci_ids(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<PciId>> {
    let ids = list(input, |input| {
        let vendor = number(input, u16::MAX.into())?;
        input.parse::<Token![:]>()?;
        let device = number(input, u16::MAX.into())?;
        Ok(PciId { vendor, device })
    })?;
    match ids.is_empty() {
        true => Err(syn::Error::new_spanned(
            key,
            "a NIC has at least one PCI id",
        )),
        false => Ok(ids),
    }
}

/// `(format = ..., doorbell = ..., ...)`; the size of a buffer is a fact about receiving alone.
fn ring(
    at: &Ident,
    input: ParseStream<'_>,
    receives: bool,
    errors: &mut Errors,
) -> syn::Result<Option<(Ring, Option<Number>)>> {
    let mut format = Key::new("format");
    let mut doorbell = Key::new("doorbell");
    let mut queues = Key::new("queues");
    let mut slots = Key::new("slots");
    let mut multiple = Key::new("multiple");
    let mut align = Key::new("align");
    let mut address_bits = Key::new("address_bits");
    let mut buffer_size = Key::new("buffer_size");
    nested_keys(input, errors, |key, input, _| {
        match key.to_string().as_str() {
            "format" => format.set(key, assigned(input, |input| input.parse())?),
            "doorbell" => doorbell.set(key, assigned(input, |input| input.parse())?),
            "queues" => queues.set(key, assigned(input, positive)?),
            "slots" => slots.set(key, assigned(input, span)?),
            "multiple" => multiple.set(key, assigned(input, positive)?),
            "align" => align.set(key, assigned(input, power_of_two)?),
            "address_bits" => address_bits.set(key, assigned(input, |input| number(input, 64))?),
            "buffer_size" if receives => buffer_size.set(key, assigned(input, positive)?),
            _ => {
                let mut keys = vec![
                    "format",
                    "doorbell",
                    "queues",
                    "slots",
                    "multiple",
                    "align",
                    "address_bits",
                ];
                keys.extend(receives.then_some("buffer_size"));
                Err(unknown_key(key, &format!("`{at}`"), &keys))
            }
        }
    })?;
    let format = format.required(at, "the descriptor", errors);
    let doorbell = doorbell.required(at, "the register of the tail", errors);
    let queues = queues.required(at, "how many there are", errors);
    let slots = slots.required(at, "how long a ring may be", errors);
    let multiple = multiple.required(at, "what the length of a ring is a multiple of", errors);
    let align = align.required(at, "the alignment of a ring in bytes", errors);
    let address_bits = address_bits.required(at, "the bits of an address", errors);
    let buffer_size = match receives {
        true => buffer_size.required(at, "the bytes that the NIC may write into a buffer", errors),
        false => None,
    };
    let read = || {
        Some(Ring {
            format: format?,
            doorbell: doorbell?,
            queues: queues?,
            slots: slots?,
            multiple: multiple?,
            align: align?,
            address_bits: address_bits?,
        })
    };
    Ok(read().map(|ring| (ring, buffer_size)))
}

fn positive(input: ParseStream<'_>) -> syn::Result<Number> {
    let number = u32(input)?;
    match number.value {
        0 => Err(syn::Error::new_spanned(number, "this is not zero")),
        _ => Ok(number),
    }
}

fn power_of_two(input: ParseStream<'_>) -> syn::Result<Number> {
    let number = u32(input)?;
    match number.value.is_power_of_two() {
        true => Ok(number),
        false => Err(syn::Error::new_spanned(
            number,
            "an alignment is a power of two",
        )),
    }
}

/// `(address_bits = 36..48)` or `(crc32 = 26..32)`
fn hash(at: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Multicast>> {
    let mut bits: Key<Multicast> = Key::new("address_bits` or `crc32");
    nested_keys(input, errors, |key, input, _| {
        match key.to_string().as_str() {
            "address_bits" => bits.set(
                key,
                Multicast::AddressBits(assigned(input, |i| below(i, 48))?),
            ),
            "crc32" => bits.set(key, Multicast::Crc32(assigned(input, |i| below(i, 32))?)),
            _ => Err(unknown_key(key, "`multicast`", &["address_bits", "crc32"])),
        }
    })?;
    Ok(bits.required(at, "the bits that pick a bit of the table", errors))
}

/// A range of the bits of a number that has `all`; the table has 4096 bits at most.
fn below(input: ParseStream<'_>, all: u32) -> syn::Result<Span> {
    let span = span(input)?;
    if span.end > all {
        return Err(syn::Error::new_spanned(
            &span.bound,
            format!("there are {all} bits"),
        ));
    }
    if span.count() > 12 {
        return Err(syn::Error::new_spanned(
            &span,
            "12 bits pick one of 4096, the largest table",
        ));
    }
    Ok(span)
}
