//! What the derives make of declarations, as a reader sees it.

use insta::assert_snapshot;
use proc_macro2::TokenStream;
use quote::quote;

use crate::{descriptor, nic, registers};

fn expansion(derive: fn(TokenStream) -> syn::Result<TokenStream>, input: TokenStream) -> String {
    let file = derive(input).and_then(syn::parse2);
    prettyplease::unparse(&file.expect("the declaration has no mistakes"))
}

fn mistakes(
    derive: fn(TokenStream) -> syn::Result<TokenStream>,
    input: TokenStream,
) -> Vec<String> {
    let errors = derive(input).expect_err("the declaration has mistakes");
    errors.into_iter().map(|error| error.to_string()).collect()
}

#[test]
fn a_register_map_becomes_one_constant_and_the_values_of_its_registers() {
    let expansion = expansion(
        registers::derive,
        quote! {
            pub struct Regs {
                #[reg(offset = 0x0_0000)]
                pub ctrl: Register<Ctrl, ReadWrite>,
                #[reg(offset = 0x37, width = 8)]
                pub cr: Register<ChipCmd, ReadWrite>,
                #[reg(offset = 0x0_5400, stride = 8)]
                pub ral: Array<u32, ReadWrite, 16>,
                #[reg(offset = 0x0_1018, stride = 0x40, elements = 0..64)]
                #[reg(offset = 0x0_d018, stride = 0x40, elements = 64..128, name = "RDT[n]")]
                pub rdt: Array<u32, ReadWrite, 128>,
            }
        },
    );
    assert_snapshot!(expansion);
}

#[test]
fn a_transmit_descriptor_becomes_masks_and_shifts() {
    let expansion = expansion(
        descriptor::derive,
        quote! {
            #[descriptor(transmit, min = 17, max = 16288)]
            pub struct TxDescriptor {
                #[descriptor(address)]
                pub address: u64,
                #[descriptor(length(dtalen, paylen), set(dtyp = 3, dext = 1), report(rs), done(dd))]
                pub command: TxCommand,
            }
        },
    );
    assert_snapshot!(expansion);
}

#[test]
fn a_receive_descriptor_is_armed_in_one_layout_and_read_in_another() {
    let expansion = expansion(
        descriptor::derive,
        quote! {
            #[descriptor(receive, crc_bytes = 0)]
            pub struct RxDescriptor {
                #[descriptor(address = packet)]
                pub packet: RxPacket,
                pub header: RxHeader,
                #[descriptor(written_back)]
                pub info: RxInfo,
                #[descriptor(written_back, length = length, done(dd), good(eop = 1, rxe = 0))]
                pub status: RxStatus,
            }
        },
    );
    assert_snapshot!(expansion);
}

#[test]
fn facts_become_the_constants_of_the_trait() {
    let expansion = expansion(
        nic::derive,
        quote! {
            #[nic(name = "toy", title = "Toy Controller", bar = 0, bar_size = 0x2_0000)]
            #[nic(pci(0x8086:0x100e, 0x8086:0x1015))]
            #[nic(transmit(
                format = TxDescriptor, doorbell = tdt, queues = 1, slots = 8..=4096,
                multiple = 8, align = 16, address_bits = 64,
            ))]
            #[nic(receive(
                format = RxDescriptor, doorbell = rdt, queues = 128, slots = 8..=4096,
                multiple = 8, align = 16, address_bits = 64, buffer_size = 2048,
            ))]
            #[nic(registers = Regs, multicast(crc32 = 26..32), statistics = STATISTICS)]
            pub struct Toy;
        },
    );
    assert_snapshot!(expansion);
}

#[test]
fn all_mistakes_of_a_map_come_at_once() {
    let mistakes = mistakes(
        registers::derive,
        quote! {
            pub struct Regs<T> {
                pub ctrl: Register<u32, ReadWrite>,
                #[reg(offset = 0x0_0006)]
                pub status: Register<u32, ReadOnly>,
                #[reg(offset = 0x0_0004, strid = 8, name = RAL)]
                pub ral: Array<u32, ReadWrite>,
                #[reg(offset = 0x0_0007)]
                pub cr: Register<u8, ReadWrite>,
                #[reg(offset = 0x0_0010)]
                pub plain: Register<u32>,
            }
        },
    );
    assert_eq!(
        mistakes,
        [
            "a register map has no parameters",
            "where does it lie? `#[reg(offset = ...)]` is missing",
            "a register of 32 bits lies at a multiple of 4 bytes",
            "an array has a value type, an access kind and a number of elements: `Array<V, A, N>`",
            "unknown key `strid`; `reg` has `offset`, `stride`, `elements`, `width`, `name`, `shared`",
            "expected string literal",
            "a register has a value type and an access kind: `Register<V, A>`",
            "`cr` lies on `status`; mark both `shared` if no variant has both",
        ]
    );
}

#[test]
fn a_value_that_is_wrong_is_not_missing_as_well() {
    let mistakes = mistakes(
        nic::derive,
        quote! {
            #[nic(name = 1, title = 2, bar = "0", bar_size = -1, pci(), registers = 3, statistics = ;)]
            #[nic(transmit(nothing), receive = Rx, multicast(address_bits = 0))]
            struct Toy;
        },
    );
    let missing: Vec<_> = mistakes
        .iter()
        .filter(|mistake| mistake.contains("is missing"))
        .collect();
    assert_eq!(missing.len(), 7, "those of `transmit`: {missing:#?}");
    assert_eq!(mistakes.len(), 7 + 10, "{mistakes:#?}");
}

#[test]
fn registers_may_share_bytes_if_both_say_so() {
    expansion(
        registers::derive,
        quote! {
            struct Regs {
                #[reg(offset = 0x14, shared)]
                eerd: Register<u32, ReadWrite>,
                #[reg(offset = 0x14, shared)]
                flash: Register<u32, ReadWrite>,
            }
        },
    );
}

#[test]
fn arrays_may_interleave() {
    expansion(
        registers::derive,
        quote! {
            struct Regs {
                #[reg(offset = 0x0_5400, stride = 8)]
                ral: Array<u32, ReadWrite, 16>,
                #[reg(offset = 0x0_5404, stride = 8)]
                rah: Array<u32, ReadWrite, 16>,
            }
        },
    );
}
