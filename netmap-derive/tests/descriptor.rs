//! Compares derived codecs with one that works bit by bit.
#![forbid(unsafe_code)]

use bitfield_struct::bitfield;
use netmap_core::{DmaAddr, RxFormat, TxFormat};
use netmap_derive::Descriptor;
use proptest::prelude::*;

/// Two words, one bit at a time; bit 64 is the lowest of the second word.
#[derive(Default)]
struct Bits([u64; 2]);

impl Bits {
    fn with(mut self, low: usize, width: usize, value: u64) -> Self {
        for bit in 0..width {
            let at = low + bit;
            let one = 1 << (at % 64);
            match value >> bit & 1 {
                0 => self.0[at / 64] &= !one,
                _ => self.0[at / 64] |= one,
            }
        }
        self
    }

    fn get(&self, low: usize, width: usize) -> u64 {
        (0..width).fold(0, |value, bit| {
            let at = low + bit;
            value | (self.0[at / 64] >> (at % 64) & 1) << bit
        })
    }
}

/// Legacy transmit descriptor of the 8254x (3.3.3): both sides use one layout.
mod legacy_tx {
    use super::*;

    #[bitfield(u64)]
    pub struct Address {
        #[bits(64)]
        pub address: u64,
    }

    #[bitfield(u64)]
    pub struct Command {
        pub length: u16,
        pub cso: u8,
        pub eop: bool,
        pub ifcs: bool,
        pub ic: bool,
        pub rs: bool,
        #[bits(4)]
        __: u8,
        pub dd: bool,
        #[bits(31)]
        __: u32,
    }

    #[derive(Descriptor)]
    #[descriptor(transmit, min = 17, max = 16288)]
    pub struct Format {
        #[descriptor(address = address)]
        pub address: Address,
        #[descriptor(length = length, set(eop = 1, ifcs = 1), report(rs), done(dd))]
        pub command: Command,
    }
}

/// Advanced transmit descriptor of the 82599 (7.2.3.2.4): two fields have the length, and the NIC writes back another
/// layout.
mod advanced_tx {
    use super::*;

    #[bitfield(u64)]
    pub struct Command {
        pub dtalen: u16,
        #[bits(4)]
        __: u8,
        #[bits(4)]
        pub dtyp: u8,
        pub eop: bool,
        pub ifcs: bool,
        __: bool,
        pub rs: bool,
        __: bool,
        pub dext: bool,
        #[bits(16)]
        __: u32,
        #[bits(18)]
        pub paylen: u32,
    }

    #[bitfield(u64)]
    pub struct WrittenBack {
        #[bits(32)]
        __: u32,
        pub dd: bool,
        #[bits(31)]
        __: u32,
    }

    #[derive(Descriptor)]
    #[descriptor(transmit, min = 17, max = 15872, descriptors = 38)]
    pub struct Format {
        #[descriptor(address)]
        pub address: u64,
        #[descriptor(length = dtalen, frame = paylen, set(dtyp = 3, ifcs = 1, dext = 1))]
        #[descriptor(report(rs), last(eop))]
        pub command: Command,
        #[descriptor(written_back)]
        pub reserved: u64,
        #[descriptor(written_back, done(dd))]
        pub status: WrittenBack,
    }
}

/// A format with a short address in the middle, a short length, and a NIC that reports every descriptor.
mod narrow_tx {
    use super::*;

    #[bitfield(u64)]
    pub struct First {
        #[bits(8)]
        pub tag: u8,
        #[bits(40)]
        pub buffer: u64,
        #[bits(14)]
        pub count: u16,
        #[bits(2)]
        __: u8,
    }

    #[bitfield(u64)]
    pub struct Second {
        pub seven: bool,
        #[bits(62)]
        __: u64,
        pub sent: bool,
    }

    #[derive(Descriptor)]
    #[descriptor(transmit, min = 60, max = 1514)]
    pub struct Format {
        #[descriptor(address = buffer, length = count, set(tag = 0xa5))]
        pub first: First,
        #[descriptor(report(), done = sent)]
        pub second: Second,
    }
}

/// Transmit descriptor of the RTL8169: the owner bit and all marks are in the first word, and the NIC keeps the layout.
mod owned_tx {
    use super::*;

    #[bitfield(u64)]
    pub struct Command {
        #[bits(14)]
        pub length: u16,
        #[bits(14)]
        __: u16,
        pub ls: bool,
        pub fs: bool,
        pub eor: bool,
        pub own: bool,
        pub vlan: u32,
    }

    #[derive(Descriptor)]
    #[descriptor(transmit, min = 17, max = 40000, descriptors = 3)]
    pub struct Format {
        #[descriptor(length = length, report(), owner = own)]
        #[descriptor(first = fs, last = ls, end_of_ring = eor)]
        pub command: Command,
        #[descriptor(address)]
        pub address: u64,
    }
}

/// Receive descriptor of the RTL8169: it is written back in another layout, with the owner bit at the same position.
mod owned_rx {
    use super::*;

    #[bitfield(u64)]
    pub struct Command {
        #[bits(14)]
        pub size: u16,
        #[bits(16)]
        __: u16,
        pub eor: bool,
        pub own: bool,
        pub vlan: u32,
    }

    #[bitfield(u64)]
    pub struct Status {
        #[bits(14)]
        pub length: u16,
        #[bits(7)]
        __: u16,
        pub res: bool,
        #[bits(6)]
        __: u8,
        pub ls: bool,
        pub fs: bool,
        pub eor: bool,
        pub owned: bool,
        pub vlan: u32,
    }

    #[derive(Descriptor)]
    #[descriptor(receive)]
    pub struct Format {
        #[descriptor(set(size = 2048), owner = own, end_of_ring = eor)]
        pub command: Command,
        #[descriptor(address)]
        pub address: u64,
        #[descriptor(written_back, length = length, owner = owned)]
        #[descriptor(first = fs, last = ls, good(res = 0))]
        pub status: Status,
        #[descriptor(written_back)]
        pub left: u64,
    }
}

/// Legacy receive descriptor of the 8254x (3.2.3): both sides use one layout.
mod legacy_rx {
    use super::*;

    #[bitfield(u64)]
    pub struct Status {
        pub length: u16,
        pub checksum: u16,
        pub dd: bool,
        pub eop: bool,
        #[bits(6)]
        __: u8,
        pub ce: bool,
        pub se: bool,
        pub seq: bool,
        __: bool,
        pub cxe: bool,
        #[bits(2)]
        __: u8,
        pub rxe: bool,
        pub special: u16,
    }

    #[derive(Descriptor)]
    #[descriptor(receive)]
    pub struct Format {
        #[descriptor(address)]
        pub address: u64,
        #[descriptor(length = length, done(dd))]
        #[descriptor(good(eop = 1, ce = 0, se = 0, seq = 0, cxe = 0, rxe = 0))]
        pub status: Status,
    }
}

/// A format that the NIC writes back in another layout, with the status in the first word and an error field of more
/// than one bit.
mod split_rx {
    use super::*;

    #[bitfield(u64)]
    pub struct Buffer {
        #[bits(8)]
        pub owner: u8,
        #[bits(56)]
        pub address: u64,
    }

    #[bitfield(u64)]
    pub struct Info {
        #[bits(3)]
        pub outcome: u8,
        __: bool,
        #[bits(12)]
        pub bytes: u16,
        #[bits(47)]
        __: u64,
        pub done: bool,
    }

    #[derive(Descriptor)]
    #[descriptor(receive)]
    pub struct Format {
        pub header: u64,
        #[descriptor(address = address, set(owner = 0x80))]
        pub buffer: Buffer,
        #[descriptor(written_back, length = bytes, done = done, good(outcome = 5))]
        pub info: Info,
        #[descriptor(written_back)]
        pub time: u64,
    }
}

#[test]
fn constants_are_masks_on_the_word_that_the_core_reads() {
    assert_eq!(legacy_tx::Format::MIN_LEN, 17);
    assert_eq!(legacy_tx::Format::MAX_LEN, 16288);
    assert_eq!(legacy_tx::Format::REPORT, 1 << 27);
    assert_eq!(legacy_tx::Format::DONE, 1 << 32);
    assert_eq!(advanced_tx::Format::REPORT, 1 << 27);
    assert_eq!(advanced_tx::Format::DONE, 1 << 32);
    assert_eq!(narrow_tx::Format::REPORT, 0);
    assert_eq!(narrow_tx::Format::DONE, 1 << 63);

    assert_eq!(legacy_rx::Format::STATUS_WORD, 1);
    assert_eq!(legacy_rx::Format::DONE, 1 << 32);
    assert_eq!(legacy_rx::Format::GOOD, 1 << 33);
    assert_eq!(legacy_rx::Format::GOOD_MASK, 0b1001_0111_0000_0010 << 32);
    assert_eq!(split_rx::Format::STATUS_WORD, 0);
    assert_eq!(split_rx::Format::DONE, 1 << 63);
    assert_eq!(split_rx::Format::GOOD, 5);
    assert_eq!(split_rx::Format::GOOD_MASK, 7);
}

#[test]
fn an_owner_bit_is_set_to_hand_over_and_cleared_on_completion() {
    use owned_rx::Format as Rx;
    use owned_tx::Format as Tx;

    assert_eq!((Tx::CONTROL, Tx::REPORT), (0, 0));
    assert_eq!((Tx::OWNER, Tx::DONE_MASK, Tx::DONE), (1 << 31, 1 << 31, 0));
    let marks = (Tx::FIRST, Tx::LAST, Tx::END_OF_RING);
    assert_eq!(marks, (1 << 29, 1 << 28, 1 << 30));
    // The descriptor has no frame length, and its field limits the bytes of one descriptor.
    let limits = (Tx::MAX_LEN, Tx::FRAME_MAX, Tx::SLOTS_MAX);
    assert_eq!(limits, (0x3fff, 40000, 3));
    assert_eq!(Tx::part(DmaAddr(7), 60, 9000), [1 << 31 | 60, 7]);
    assert_eq!(Tx::encode(DmaAddr(7), 60), [0b1011 << 28 | 60, 7]);

    assert_eq!(Rx::STATUS_WORD, 0);
    assert_eq!((Rx::OWNER, Rx::DONE_MASK, Rx::DONE), (1 << 31, 1 << 31, 0));
    let marks = (Rx::FIRST, Rx::LAST, Rx::END_OF_RING);
    assert_eq!(marks, (1 << 29, 1 << 28, 1 << 30));
    assert_eq!(
        (Rx::GOOD, Rx::GOOD_MASK),
        (0b11 << 28, 0b11 << 28 | 1 << 21)
    );
    assert_eq!(Rx::arm(DmaAddr(7)), [1 << 31 | 2048, 7]);
}

#[test]
fn a_part_has_its_own_length_and_that_of_the_frame() {
    use advanced_tx::Format as Tx;

    let bits = Bits::default().with(0, 64, 7).with(64, 16, 2048);
    let bits = bits.with(64 + 46, 18, 9000);
    let bits = bits.with(64 + 20, 4, 3).with(89, 1, 1).with(93, 1, 1);
    assert_eq!(Tx::part(DmaAddr(7), 2048, 9000), bits.0);
    assert_eq!((Tx::FIRST, Tx::LAST, Tx::OWNER), (0, 1 << 24, 0));
    assert_eq!((Tx::CONTROL, Tx::SLOTS_MAX), (1, 38));
    assert_eq!((Tx::MAX_LEN, Tx::FRAME_MAX), (15872, 15872));
}

proptest! {
    #[test]
    fn encoding_puts_every_bit_where_it_belongs(address: u64, len: u16) {
        let address_and_length = legacy_tx::Format::encode(DmaAddr(address), len.into());
        let bits = Bits::default().with(0, 64, address).with(64, 16, len.into());
        let bits = bits.with(88, 1, 1).with(89, 1, 1);
        prop_assert_eq!(address_and_length, bits.0);

        let length_twice = advanced_tx::Format::encode(DmaAddr(address), len.into());
        let bits = Bits::default().with(0, 64, address).with(64, 16, len.into());
        let bits = bits.with(64 + 46, 18, len.into());
        let bits = bits.with(64 + 20, 4, 3).with(88, 1, 1).with(89, 1, 1).with(93, 1, 1);
        prop_assert_eq!(length_twice, bits.0);
    }

    #[test]
    fn values_that_do_not_fit_do_not_change_other_fields(address: u64, len: u16) {
        let words = narrow_tx::Format::encode(DmaAddr(address), len.into());
        let bits = Bits::default().with(0, 8, 0xa5).with(8, 40, address).with(48, 14, len.into());
        prop_assert_eq!(words, bits.0);
    }

    #[test]
    fn every_byte_adds_the_same_value(address: u64, len in 0..=0x3fff_u16) {
        fn check<F: TxFormat>(address: u64, len: u16) {
            let [first, second] = F::encode(DmaAddr(address), 0);
            let adds = F::PER_BYTE.map(|each| each * u64::from(len));
            let words = F::encode(DmaAddr(address), len.into());
            assert_eq!(words, [first + adds[0], second + adds[1]]);
        }
        check::<legacy_tx::Format>(address, len);
        check::<advanced_tx::Format>(address, len);
        check::<narrow_tx::Format>(address, len);
        check::<owned_tx::Format>(address, len);
    }

    #[test]
    fn arming_writes_the_address_and_the_fixed_values(address: u64) {
        prop_assert_eq!(legacy_rx::Format::arm(DmaAddr(address)), [address, 0]);
        let bits = Bits::default().with(64, 8, 0x80).with(72, 56, address);
        prop_assert_eq!(split_rx::Format::arm(DmaAddr(address)), bits.0);
    }

    #[test]
    fn decoding_reads_only_the_length(word: u64) {
        let bits = Bits([word, word]);
        prop_assert_eq!(u64::from(legacy_rx::Format::len(word)), bits.get(64, 16));
        prop_assert_eq!(u64::from(split_rx::Format::len(word)), bits.get(4, 12));
    }

    #[test]
    fn a_frame_is_good_if_every_field_matches(word: u64) {
        let bits = Bits([0, word]);
        let errors = [104, 105, 106, 108, 111].map(|bit| bits.get(bit, 1));
        let good = bits.get(97, 1) == 1 && errors == [0; 5];
        prop_assert_eq!(word & legacy_rx::Format::GOOD_MASK == legacy_rx::Format::GOOD, good);
    }
}
