//! From valid facts to the implementation of `Nic`.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::facts::{Doorbell, Kick, Multicast, Nic, PciId, Ring, Rss, RxRing, TxRing};
use crate::number::Number;

pub(super) fn expand(nic: &Nic) -> TokenStream {
    let Nic {
        ident,
        name,
        title,
        bar,
        bar_size,
        pci,
        registers,
        transmit:
            TxRing {
                ring: transmit,
                completions,
                head,
            },
        receive:
            RxRing {
                ring: receive,
                buffer_size,
                frame_max,
            },
        multicast,
        statistics,
        rss,
        statistics_block,
    } = nic;
    let doorbell_trait = doorbell_trait();
    let checks = [transmit, receive].map(|ring| queues_have_doorbells(ring, registers));
    let head_check = head
        .as_ref()
        .map(|head| queues_have(&transmit.queues, head, registers, quote!(__heads)));
    let head = match head {
        Some(head) => of_queue(head, registers),
        None => option(None),
    };
    let completions = completions.iter().map(|name| {
        let variant = camel(name);
        quote!(::netmap_core::Completion::#variant)
    });
    let (tx, rx) = (&transmit.format, &receive.format);
    let (tx_limits, rx_limits) = (limits(transmit), limits(receive));
    let [tx_doorbell, rx_doorbell] = [transmit, receive].map(|ring| doorbell(ring, registers));
    let pci = pci.iter().map(|PciId { vendor, device }| {
        quote!(::netmap_core::PciId { vendor: #vendor, device: #device })
    });
    let multicast = option(multicast.as_ref().map(hash));
    let rss = option(rss.as_ref().map(|Rss { queues, entries }| {
        quote! {
            ::netmap_core::RssLimits {
                queues: #queues,
                entries: #entries,
            }
        }
    }));
    let statistics_block = match statistics_block {
        Some(bytes) => quote!(#bytes),
        None => quote!(0),
    };
    let bar = option(bar.as_ref().map(ToTokens::to_token_stream));
    quote! {
        const _: () = {
            #doorbell_trait
            #(#checks)*
            #head_check

            #[automatically_derived]
            impl ::netmap_core::Nic for #ident {
                const NAME: &'static ::core::primitive::str = #name;
                const TITLE: &'static ::core::primitive::str = #title;
                const PCI_IDS: &'static [::netmap_core::PciId] = &[#(#pci),*];
                const BAR: ::core::option::Option<::core::primitive::u8> = #bar;
                const BAR_SIZE: ::core::primitive::u32 = #bar_size;
                type Tx = #tx;
                type Rx = #rx;
                const TX: ::netmap_core::RingLimits = #tx_limits;
                const RX: ::netmap_core::RingLimits = #rx_limits;
                const COMPLETIONS: &'static [::netmap_core::Completion] = &[#(#completions),*];
                const BUFFER_SIZE: ::core::primitive::u32 = #buffer_size;
                const FRAME_MAX: ::core::primitive::u32 = #frame_max;
                const MULTICAST_HASH: ::core::option::Option<::netmap_core::MulticastHash> = #multicast;
                const STATISTICS: &'static [::netmap_core::Statistic] = #statistics;
                const STATISTICS_BLOCK: ::core::primitive::u32 = #statistics_block;
                const RSS: ::core::option::Option<::netmap_core::RssLimits> = #rss;

                fn tx_doorbell(
                    queue: ::core::primitive::u32,
                ) -> ::core::option::Option<::netmap_core::Doorbell> {
                    #tx_doorbell
                }

                fn rx_doorbell(
                    queue: ::core::primitive::u32,
                ) -> ::core::option::Option<::netmap_core::Doorbell> {
                    #rx_doorbell
                }

                #[allow(unused_variables)]
                fn tx_head(
                    queue: ::core::primitive::u32,
                ) -> ::core::option::Option<::netmap_core::register::RegOffset> {
                    #head
                }
            }
        };
    }
}

/// A doorbell is one register, or one for each queue, according to its type in the map.
///
/// Inside the block these names hide outer ones, so they are names that no declaration uses.
fn doorbell_trait() -> TokenStream {
    quote! {
        trait __Doorbell {
            type Value;
            type Access;
            const COUNT: ::core::primitive::u32;
            fn of_queue(
                self,
                queue: ::core::primitive::u32,
            ) -> ::core::option::Option<::netmap_core::register::RegOffset>;
        }

        impl<V, A> __Doorbell for ::netmap_core::register::Register<V, A> {
            type Value = V;
            type Access = A;
            const COUNT: ::core::primitive::u32 = 1;
            fn of_queue(
                self,
                queue: ::core::primitive::u32,
            ) -> ::core::option::Option<::netmap_core::register::RegOffset> {
                match queue {
                    0 => ::core::option::Option::Some(self.offset()),
                    _ => ::core::option::Option::None,
                }
            }
        }

        impl<V, A, const N: ::core::primitive::usize> __Doorbell
            for ::netmap_core::register::Array<V, A, { N }>
        {
            type Value = V;
            type Access = A;
            const COUNT: ::core::primitive::u32 = N as ::core::primitive::u32;
            fn of_queue(
                self,
                queue: ::core::primitive::u32,
            ) -> ::core::option::Option<::netmap_core::register::RegOffset> {
                self.locate(queue)
            }
        }

        /// Doorbells are written, as 8, 16 or 32 bits.
        #[allow(dead_code)]
        const fn __doorbells<D>(_: &D) -> ::core::primitive::u32
        where
            D: __Doorbell,
            D::Access: ::netmap_core::register::Writable,
            D::Value: ::netmap_core::register::Value<Raw: ::netmap_core::DoorbellRaw>,
        {
            D::COUNT
        }

        #[allow(dead_code)]
        const fn __width<D>(_: &D) -> ::netmap_core::DoorbellWidth
        where
            D: __Doorbell,
            D::Value: ::netmap_core::register::Value<Raw: ::netmap_core::DoorbellRaw>,
        {
            <<D::Value as ::netmap_core::register::Value>::Raw as ::netmap_core::DoorbellRaw>::WIDTH
        }

        /// Heads are read, as 32 bits.
        #[allow(dead_code)]
        const fn __heads<D>(_: &D) -> ::core::primitive::u32
        where
            D: __Doorbell,
            D::Access: ::netmap_core::register::Readable,
            D::Value: ::netmap_core::register::Value<Raw = ::core::primitive::u32>,
        {
            D::COUNT
        }
    }
}

fn queues_have_doorbells(ring: &Ring, registers: &Type) -> Option<TokenStream> {
    let doorbell = ring.doorbell.as_ref()?;
    let register = &doorbell.register;
    let queues = queues_have(&ring.queues, register, registers, quote!(__doorbells));
    let fits = doorbell.kick.as_ref().map(|kick| {
        let value = &kick.value;
        let message = format!("a kick has more bits than `{register}`");
        let width = width(register, registers);
        quote_spanned!(at(value)=> const _: () = ::core::assert!(#value <= #width.max(), #message);)
    });
    Some(quote!(#queues #fits))
}

fn width(register: &Ident, registers: &Type) -> TokenStream {
    quote_spanned!(at(register)=> __width(&<#registers>::MAP.#register))
}

/// An assertion reported at the number of queues; a register of the wrong kind is an error at its name.
fn queues_have(
    queues: &Number<u32>,
    register: &Ident,
    registers: &Type,
    count: TokenStream,
) -> TokenStream {
    let message = format!("`{register}` has fewer elements than there are queues");
    let found = quote_spanned!(at(register)=> #count(&<#registers>::MAP.#register));
    quote_spanned!(at(queues)=> const _: () = ::core::assert!(#queues <= #found, #message);)
}

fn doorbell(ring: &Ring, registers: &Type) -> TokenStream {
    let Some(Doorbell { register, kick }) = &ring.doorbell else {
        let queues = &ring.queues;
        return quote! {
            if queue < #queues {
                ::core::option::Option::Some(::netmap_core::Doorbell::Unneeded)
            } else {
                ::core::option::Option::None
            }
        };
    };
    let place = of_queue(register, registers);
    let width = width(register, registers);
    let doorbell = match kick {
        None => quote!(::netmap_core::Doorbell::Index { at, width: #width }),
        Some(Kick { value, again }) => {
            quote!(::netmap_core::Doorbell::Kick { at, width: #width, value: #value, again: #again })
        }
    };
    quote! {
        match #place {
            ::core::option::Option::Some(at) => ::core::option::Option::Some(#doorbell),
            ::core::option::Option::None => ::core::option::Option::None,
        }
    }
}

fn of_queue(register: &Ident, registers: &Type) -> TokenStream {
    quote_spanned!(at(register)=> __Doorbell::of_queue(<#registers>::MAP.#register, queue))
}

/// Converts `done_bit` to the core's `DoneBit`.
fn camel(name: &Ident) -> Ident {
    let words = name.to_string();
    let words = words.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    Ident::new(&words.collect::<String>(), at(name))
}

fn at(tokens: &impl ToTokens) -> Span {
    tokens
        .to_token_stream()
        .span()
        .resolved_at(Span::call_site())
}

fn limits(ring: &Ring) -> TokenStream {
    let Ring {
        queues,
        slots,
        multiple,
        align,
        address_bits,
        restart,
        ..
    } = ring;
    let restart = camel(restart);
    let min = &slots.first;
    let max = Literal::u32_unsuffixed(slots.last);
    quote! {
        ::netmap_core::RingLimits {
            queues: #queues,
            min: #min,
            max: #max,
            multiple: #multiple,
            align: #align,
            address_bits: #address_bits,
            restart: ::netmap_core::Restart::#restart,
        }
    }
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn hash(multicast: &Multicast) -> TokenStream {
    let (kind, bits) = match multicast {
        Multicast::AddressBits(bits) => (quote!(AddressBits), bits),
        Multicast::Crc32(bits) => (quote!(Crc32), bits),
    };
    let low = &bits.first;
    let width = Literal::u64_unsuffixed(bits.count());
    quote!(::netmap_core::MulticastHash::#kind { low: #low, width: #width })
}
