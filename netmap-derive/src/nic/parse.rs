//! From the attributes of a driver type to valid facts.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{DeriveInput, Token};

use super::facts::{Multicast, Nic, PciId, Rss};
use super::ring::{rx_ring, tx_ring};
use crate::attr::{Key, each_key, nested_keys, some, unknown_key};
use crate::errors::Errors;
use crate::number::{Range, number, number_with, range};
use crate::shape::no_generics;

const KEYS: [&str; 12] = [
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
    "rss",
    "statistics_block",
];

/// Parses the item; the error contains all errors of the item.
pub(super) fn parse(input: &DeriveInput) -> syn::Result<Nic> {
    let mut errors = Errors::default();
    no_generics(input, "a driver", &mut errors);
    let nic = nic(input, &mut errors);
    errors.finish(nic)
}

fn nic(input: &DeriveInput, errors: &mut Errors) -> Option<Nic> {
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
    let mut rss = Key::new("rss");
    let mut statistics_block = Key::new("statistics_block");
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("nic"))
    {
        each_key(attr, errors, |key, input, errors| {
            match key.to_string().as_str() {
                "name" => name.assign(key, input, |input| input.parse()),
                "title" => title.assign(key, input, |input| input.parse()),
                "bar" => bar.assign(key, input, |input| {
                    number_with(
                        input,
                        |bar| bar <= 5,
                        "PCI has base address registers 0 to 5",
                    )
                }),
                "bar_size" => bar_size.assign(key, input, number),
                "pci" => pci.read(key, || pci_ids(key, input, errors)),
                "registers" => registers.assign(key, input, |input| input.parse()),
                "transmit" => transmit.read(key, || tx_ring(key, input, errors)),
                "receive" => receive.read(key, || rx_ring(key, input, errors)),
                "multicast" => multicast.read(key, || hash(key, input, errors)),
                "statistics" => statistics.assign(key, input, |input| input.parse()),
                "rss" => rss.read(key, || rss_limits(key, input, errors)),
                "statistics_block" => statistics_block.assign(key, input, number),
                _ => Err(unknown_key(key, "`nic`", &KEYS)),
            }
        });
    }
    let at = &input.ident;
    let name = name.required(at, "the name of the spec", errors);
    let title = title.required(at, "the title of the NIC", errors);
    let bar = bar.known();
    let bar_size = bar_size.required(at, "the size of the register space in bytes", errors);
    let pci = pci.required(at, "the PCI ids of all variants", errors);
    let registers = registers.required(at, "the register map", errors);
    let transmit = transmit.required(at, "the facts of transmit rings", errors);
    let receive = receive.required(at, "the facts of receive rings", errors);
    let multicast = multicast.required(at, "the hash of the multicast table", errors);
    let statistics = statistics.required(at, "the counters", errors);
    let (rss, statistics_block) = (rss.known(), statistics_block.known());
    let (transmit, receive) = (transmit?, receive?);
    Some(Nic {
        ident: at.clone(),
        name: name?,
        title: title?,
        bar: bar?,
        bar_size: bar_size?,
        pci: pci?,
        registers: registers?,
        transmit: transmit.ring,
        completions: transmit.completions,
        head: transmit.head,
        receive: receive.ring,
        buffer_size: receive.buffer_size,
        frame_max: receive.frame_max,
        multicast: multicast?,
        statistics: statistics?,
        rss: rss?,
        statistics_block: statistics_block?,
    })
}

/// `(0x8086:0x10fb, ...)`
fn pci_ids(
    at: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Option<Vec<PciId>>> {
    let ids = some(at, input, errors, |input| {
        let vendor = number(input)?;
        input.parse::<Token![:]>()?;
        let device = number(input)?;
        Ok(PciId { vendor, device })
    })?;
    Ok(Some(ids))
}

/// `(address_bits = 36..48)` or `(crc32 = 26..32)`
fn hash(at: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Multicast>> {
    let mut address_bits = Key::new("address_bits");
    let mut crc32 = Key::new("crc32");
    nested_keys(input, errors, |key, input, _| {
        match key.to_string().as_str() {
            "address_bits" => address_bits.assign(key, input, |input| bits_of(input, 48)),
            "crc32" => crc32.assign(key, input, |input| bits_of(input, 32)),
            _ => Err(unknown_key(key, "`multicast`", &["address_bits", "crc32"])),
        }
    })?;
    match (address_bits.known(), crc32.known()) {
        (Some(Some(bits)), Some(None)) => Ok(Some(Multicast::AddressBits(bits))),
        (Some(None), Some(Some(bits))) => Ok(Some(Multicast::Crc32(bits))),
        (Some(None), Some(None)) | (Some(Some(_)), Some(Some(_))) => Err(syn::Error::new_spanned(
            at,
            "give either `address_bits` or `crc32`",
        )),
        _ => Ok(None),
    }
}

/// `(queues = 16, entries = 128)`
fn rss_limits(at: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Rss>> {
    let mut queues = Key::new("queues");
    let mut entries = Key::new("entries");
    nested_keys(input, errors, |key, input, _| {
        match key.to_string().as_str() {
            "queues" => queues.assign(key, input, |input| {
                number_with(
                    input,
                    |queues| queues > 0,
                    "a table names at least one queue",
                )
            }),
            "entries" => entries.assign(key, input, |input| {
                let fits = |entries| matches!(entries, 1..=128);
                number_with(input, fits, "a table has 1 to 128 entries")
            }),
            _ => Err(unknown_key(key, "`rss`", &["queues", "entries"])),
        }
    })?;
    let queues = queues.required(at, "the most queues in the table", errors);
    let entries = entries.required(at, "the number of entries of the table", errors);
    Ok(queues
        .zip(entries)
        .map(|(queues, entries)| Rss { queues, entries }))
}

/// A range of bits of a number with `all` bits.
fn bits_of(input: ParseStream<'_>, all: u32) -> syn::Result<Range> {
    let bits = range(input)?;
    if bits.last >= all {
        let message = format!("bit {} of 0 to {}", bits.last, all - 1);
        return Err(syn::Error::new_spanned(&bits.bound, message));
    }
    if bits.count() > 12 {
        let message = "at most 12 bits: the largest table has 4096 bits";
        return Err(syn::Error::new_spanned(&bits.bound, message));
    }
    Ok(bits)
}
