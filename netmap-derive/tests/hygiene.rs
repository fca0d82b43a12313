//! The derives in a scope that redefines every name they might use and forbids `unsafe`.
#![forbid(unsafe_code)]
#![expect(missing_docs, reason = "the declarations stand in for generated ones")]

use bitfield_struct::bitfield;

#[bitfield(u32)]
pub struct Ctrl {
    #[bits(32)]
    pub all: u32,
}

#[bitfield(u64)]
pub struct Status {
    pub length: u16,
    pub dd: bool,
    pub eop: bool,
    pub rs: bool,
    #[bits(45)]
    __: u64,
}

pub mod hostile {
    #![no_implicit_prelude]
    #![allow(non_camel_case_types, reason = "the hidden names have this style")]

    use ::core::clone::Clone;
    use ::core::fmt::Debug;
    use ::core::marker::Copy;
    use ::core::prelude::v1::derive;
    use ::netmap_core::register::{Array, ReadWrite, Register};
    use ::netmap_derive::{Descriptor, Nic, Registers};

    use super::{Ctrl, Status};

    pub mod core {}
    pub mod std {}
    pub mod netmap_core {}

    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct Result;
    pub struct Self_;
    pub struct Piece;
    pub struct RegOffset;
    pub struct Doorbell;
    pub struct Value;
    pub struct Raw;
    pub struct V;
    pub struct A;
    pub struct D;
    pub struct N {}
    pub struct TxFormat;
    pub struct RxFormat;
    pub struct DmaAddr;
    pub struct u8;
    pub struct u16;
    pub struct u32;
    pub struct u64;
    pub struct usize;
    pub struct str;
    pub trait From {}
    pub trait Into {}
    pub const N: () = ();
    pub const MAP: () = ();
    pub const QUEUES: () = ();
    pub const fn queue() {}
    pub const fn buffer() {}
    pub const fn len() {}
    pub const fn status() {}

    #[allow(unused_macros, reason = "hides the standard macro")]
    macro_rules! assert {
        ($($any:tt)*) => {
            compile_error!("the wrong `assert`")
        };
    }

    #[derive(Debug, Clone, Copy, Registers)]
    pub struct Regs {
        #[reg(offset = 0x0_0000)]
        pub ctrl: Register<Ctrl, ReadWrite>,
        #[reg(offset = 0x0_3818)]
        pub tdt: Register<::core::primitive::u32, ReadWrite>,
        #[reg(offset = 0x0_1018, stride = 0x40, elements = 0..2)]
        #[reg(offset = 0x0_d018, stride = 0x40, elements = 2..4)]
        pub r#type: Array<::core::primitive::u32, ReadWrite, 4>,
    }

    #[derive(Descriptor)]
    #[descriptor(transmit, min = 17, max = 16288)]
    pub struct Tx {
        #[descriptor(address)]
        pub address: ::core::primitive::u64,
        #[descriptor(length = length, set(eop = 1), report(rs), done(dd))]
        pub status: Status,
    }

    #[derive(Descriptor)]
    #[descriptor(receive)]
    pub struct Rx {
        #[descriptor(address)]
        pub address: ::core::primitive::u64,
        pub nothing: ::core::primitive::u64,
        #[descriptor(written_back)]
        pub info: ::core::primitive::u64,
        #[descriptor(written_back, length = length, done(dd), good(eop = 1))]
        pub status: Status,
    }

    #[derive(Debug, Clone, Copy, Nic)]
    #[nic(
        name = "hostile",
        title = "Hostile Controller",
        bar = 0,
        bar_size = 0x2_0000
    )]
    #[nic(pci(0x8086:0x100e))]
    #[nic(transmit(
        format = Tx,
        doorbell = tdt,
        restart = device,
        completions(done_bit),
        queues = 1,
        slots = 8..=4096,
        multiple = 8,
        align = 16,
        address_bits = 64,
    ))]
    #[nic(receive(
        format = Rx,
        doorbell = r#type,
        restart = device,
        frame_max = 1518,
        queues = 4,
        slots = 8..=4096,
        multiple = 8,
        align = 16,
        address_bits = 64,
        buffer_size = 2048,
    ))]
    #[nic(registers = Regs, multicast(address_bits = 36..48), statistics = &[])]
    pub struct Hostile;
}

#[test]
fn expansions_are_independent_of_the_scope() {
    use netmap_core::register::RegOffset;
    use netmap_core::{DmaAddr, Doorbell, Fault, Nic, RxFormat, TxFormat};

    assert_eq!(
        hostile::Hostile::tx_doorbell(0),
        Some(Doorbell::index(RegOffset(0x3818)))
    );
    assert_eq!(
        hostile::Hostile::rx_doorbell(3),
        Some(Doorbell::index(RegOffset(0xd058)))
    );
    assert_eq!(hostile::Tx::encode(DmaAddr(7), 60), [7, 60 | 1 << 17]);
    assert_eq!(hostile::Rx::arm(DmaAddr(7)), [7, 0]);
    assert_eq!(
        hostile::Regs::MAP.r#type.at(4).err(),
        Some(Fault::NoSuchElement {
            array: "TYPE",
            index: 4
        })
    );
}
