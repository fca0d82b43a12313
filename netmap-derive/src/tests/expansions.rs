//! One snapshot a kind of declaration.

use insta::assert_snapshot;
use quote::quote;

use super::expansion;
use crate::{descriptor, nic, registers};

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
            #[descriptor(receive)]
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
                format = TxDescriptor, doorbell = tdt, restart = device, completions(done_bit), queues = 1, slots = 8..=4096,
                multiple = 8, align = 16, address_bits = 64,
            ))]
            #[nic(receive(
                format = RxDescriptor, doorbell = rdt, restart = device, frame_max = 1518, queues = 128, slots = 8..=4096,
                multiple = 8, align = 16, address_bits = 64, buffer_size = 2048,
            ))]
            #[nic(registers = Regs, multicast(crc32 = 26..32), statistics = STATISTICS)]
            pub struct Toy;
        },
    );
    assert_snapshot!(expansion);
}
