//! From the attributes of a driver type to valid facts.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{DeriveInput, Token};

use super::facts::{Multicast, Nic, PciId, Rss};
use super::ring::{rx_ring, tx_ring};
use crate::attr::{self, AnyKey, Key, read_nested, some};
use crate::errors::Errors;
use crate::number::{Range, number, number_with, range};
use crate::shape::no_generics;

/// Parses the item; the error contains all errors of the item.
pub(super) fn parse(input: &DeriveInput) -> syn::Result<Nic> {
    let mut errors = Errors::default();
    no_generics(input, "a driver", &mut errors);
    let nic = nic(input, &mut errors);
    errors.finish(nic)
}

fn nic(input: &DeriveInput, errors: &mut Errors) -> Option<Nic> {
    let mut name = Key::parsed("name");
    let mut title = Key::parsed("title");
    let mut bar = Key::assigned("bar", |input| {
        let message = "PCI has base address registers 0 to 5";
        number_with(input, |bar| bar <= 5, message)
    });
    let mut bar_size = Key::assigned("bar_size", number);
    let mut pci = Key::new("pci", pci_ids);
    let mut registers = Key::parsed("registers");
    let mut transmit = Key::new("transmit", tx_ring);
    let mut receive = Key::new("receive", rx_ring);
    let mut multicast = Key::new("multicast", hash);
    let mut statistics = Key::parsed("statistics");
    let mut rss = Key::new("rss", rss_limits);
    let mut statistics_block = Key::assigned("statistics_block", number);
    let keys: &mut [&mut dyn AnyKey] = &mut [
        &mut name,
        &mut title,
        &mut bar,
        &mut bar_size,
        &mut pci,
        &mut registers,
        &mut transmit,
        &mut receive,
        &mut multicast,
        &mut statistics,
        &mut rss,
        &mut statistics_block,
    ];
    for attr in attr::named(&input.attrs, "nic") {
        attr::read(attr, "`nic`", keys, errors);
    }
    let at = &input.ident;
    let name = name.required(at, "the name of the spec", errors);
    let title = title.required(at, "the title of the NIC", errors);
    let bar_size = bar_size.required(at, "the size of the register space in bytes", errors);
    let pci = pci.required(at, "the PCI ids of all variants", errors);
    let registers = registers.required(at, "the register map", errors);
    let transmit = transmit.required(at, "the facts of transmit rings", errors);
    let receive = receive.required(at, "the facts of receive rings", errors);
    let statistics = statistics.required(at, "the counters", errors);
    Some(Nic {
        ident: at.clone(),
        name: name?,
        title: title?,
        bar: bar.known()?,
        bar_size: bar_size?,
        pci: pci?,
        registers: registers?,
        transmit: transmit?,
        receive: receive?,
        multicast: multicast.known()?,
        statistics: statistics?,
        rss: rss.known()?,
        statistics_block: statistics_block.known()?,
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
    let mut address_bits = Key::assigned("address_bits", |input| bits_of(input, 48));
    let mut crc32 = Key::assigned("crc32", |input| bits_of(input, 32));
    let keys: &mut [&mut dyn AnyKey] = &mut [&mut address_bits, &mut crc32];
    read_nested(input, "`multicast`", keys, errors)?;
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
    let mut queues = Key::assigned("queues", |input| {
        let message = "a table names at least one queue";
        number_with(input, |queues| queues > 0, message)
    });
    let mut entries = Key::assigned("entries", |input| {
        let fits = |entries| matches!(entries, 1..=128);
        number_with(input, fits, "a table has 1 to 128 entries")
    });
    let keys: &mut [&mut dyn AnyKey] = &mut [&mut queues, &mut entries];
    read_nested(input, "`rss`", keys, errors)?;
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
