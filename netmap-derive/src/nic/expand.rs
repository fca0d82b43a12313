//! From facts without mistakes to the implementation of `Nic`.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Multicast, Nic, PciId, Ring};

/// The expansion.
pub(super) fn expand(nic: &Nic) -> TokenStream {
    let Nic {
        ident,
        name,
        title,
        bar,
        bar_size,
        pci,
        registers,
        transmit,
        receive,
        buffer_size,
        multicast,
        statistics,
    } = nic;
    let (tx, rx) = (&transmit.format, &receive.format);
    let (tx_limits, rx_limits) = (limits(transmit), limits(receive));
    let (tx_doorbell, rx_doorbell) = (&transmit.doorbell, &receive.doorbell);
    let (tx_queues, rx_queues) = (&transmit.queues, &receive.queues);
    let pci = pci.iter().map(pci_id);
    let multicast = hash(multicast);
    quote! {
        const _: () = {
            /// A register, or one of each queue, by which a tail is announced.
            trait Doorbell {
                const QUEUES: ::core::primitive::u32;
                fn of(
                    self,
                    queue: ::core::primitive::u32,
                ) -> ::core::option::Option<::netmap_core::register::RegOffset>;
            }
            impl<V, A> Doorbell for ::netmap_core::register::Register<V, A> {
                const QUEUES: ::core::primitive::u32 = 1;
                fn of(
                    self,
                    queue: ::core::primitive::u32,
                ) -> ::core::option::Option<::netmap_core::register::RegOffset> {
                    match queue {
                        0 => ::core::option::Option::Some(self.offset()),
                        _ => ::core::option::Option::None,
                    }
                }
            }
            impl<V, A, const N: ::core::primitive::usize> Doorbell
                for ::netmap_core::register::Array<V, A, N>
            {
                const QUEUES: ::core::primitive::u32 = N as ::core::primitive::u32;
                fn of(
                    self,
                    queue: ::core::primitive::u32,
                ) -> ::core::option::Option<::netmap_core::register::RegOffset> {
                    self.locate(queue)
                }
            }
            const fn queues<D: Doorbell>(_: &D) -> ::core::primitive::u32 {
                D::QUEUES
            }
            const _: () = ::core::assert!(
                #tx_queues <= queues(&<#registers>::MAP.#tx_doorbell),
                "fewer doorbells than queues"
            );
            const _: () = ::core::assert!(
                #rx_queues <= queues(&<#registers>::MAP.#rx_doorbell),
                "fewer doorbells than queues"
            );

            #[automatically_derived]
            impl ::netmap_core::Nic for #ident {
                const NAME: &'static ::core::primitive::str = #name;
                const TITLE: &'static ::core::primitive::str = #title;
                const PCI_IDS: &'static [::netmap_core::PciId] = &[#(#pci),*];
                const BAR: ::core::primitive::u8 = #bar;
                const BAR_SIZE: ::core::primitive::u32 = #bar_size;
                type Tx = #tx;
                type Rx = #rx;
                const TX: ::netmap_core::RingLimits = #tx_limits;
                const RX: ::netmap_core::RingLimits = #rx_limits;
                const BUFFER_SIZE: ::core::primitive::u32 = #buffer_size;
                const MULTICAST_HASH: ::netmap_core::MulticastHash = #multicast;
                const STATISTICS: &'static [::netmap_core::Statistic] = #statistics;

                fn tx_doorbell(
                    queue: ::core::primitive::u32,
                ) -> ::core::option::Option<::netmap_core::register::RegOffset> {
                    Doorbell::of(<#registers>::MAP.#tx_doorbell, queue)
                }

                fn rx_doorbell(
                    queue: ::core::primitive::u32,
                ) -> ::core::option::Option<::netmap_core::register::RegOffset> {
                    Doorbell::of(<#registers>::MAP.#rx_doorbell, queue)
                }
            }
        };
    }
}

fn limits(ring: &Ring) -> TokenStream {
    let Ring {
        queues,
        slots,
        multiple,
        align,
        address_bits,
        ..
    } = ring;
    let min = &slots.first;
    let max = slots.end - 1;
    quote! {
        ::netmap_core::RingLimits {
            queues: #queues,
            min: #min,
            max: #max,
            multiple: #multiple,
            align: #align,
            address_bits: #address_bits,
        }
    }
}

fn pci_id(id: &PciId) -> TokenStream {
    let PciId { vendor, device } = id;
    quote!(::netmap_core::PciId { vendor: #vendor, device: #device })
}

fn hash(multicast: &Multicast) -> TokenStream {
    let (kind, bits) = match multicast {
        Multicast::AddressBits(bits) => (quote!(AddressBits), bits),
        Multicast::Crc32(bits) => (quote!(Crc32), bits),
    };
    let (low, width) = (&bits.first, bits.count());
    quote!(::netmap_core::MulticastHash::#kind { low: #low, width: #width })
}
