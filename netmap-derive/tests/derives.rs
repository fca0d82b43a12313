//! The three derives on declarations as the generator writes them.
#![forbid(unsafe_code)]
#![expect(missing_docs, reason = "the declarations stand in for generated ones")]

use bitfield_struct::bitfield;
use netmap_core::register::{Array, ReadOnly, ReadWrite, RegOffset, Register};
use netmap_core::{DmaAddr, Nic as _, RxFormat, Statistic, TxFormat};
use netmap_derive::{Descriptor, Nic, Registers};

#[bitfield(u32)]
pub struct Ctrl {
    #[bits(26)]
    __: u32,
    pub rst: bool,
    #[bits(5)]
    __: u32,
}

#[bitfield(u8)]
pub struct ChipCmd {
    #[bits(2)]
    __: u8,
    pub te: bool,
    pub re: bool,
    pub rst: bool,
    #[bits(3)]
    __: u8,
}

#[derive(Debug, Clone, Copy, Registers)]
pub struct Regs {
    /// Device Control, `CTRL` (13.4.1).
    #[reg(offset = 0x0_0000)]
    pub ctrl: Register<Ctrl, ReadWrite>,
    /// Device Status, `STATUS` (13.4.2).
    #[reg(offset = 0x0_0008)]
    pub status: Register<u32, ReadOnly>,
    #[reg(offset = 0x37, width = 8)]
    pub cr: Register<ChipCmd, ReadWrite>,
    /// Receive Address Low, `RAL[n]` (13.5.2).
    #[reg(offset = 0x0_5400, stride = 8)]
    pub ral: Array<u32, ReadWrite, 16>,
    /// Receive Descriptor Tail, `RDT[n]` (8.2.3.8.5).
    #[reg(offset = 0x0_1018, stride = 0x40, elements = 0..64)]
    #[reg(offset = 0x0_d018, stride = 0x40, elements = 64..128)]
    pub rdt: Array<u32, ReadWrite, 128>,
    /// Transmit Descriptor Tail, `TDT` (8.2.3.8.5).
    #[reg(offset = 0x0_6018)]
    pub tdt: Register<u32, ReadWrite>,
}

#[bitfield(u64)]
pub struct Address {
    #[bits(64)]
    pub address: u64,
}

#[bitfield(u64)]
pub struct TxCommand {
    #[bits(16)]
    pub length: u16,
    #[bits(8)]
    pub cso: u8,
    pub eop: bool,
    pub ifcs: bool,
    pub ic: bool,
    pub rs: bool,
    #[bits(4)]
    __: u8,
    pub dd: bool,
    #[bits(31)]
    __: u64,
}

#[derive(Descriptor)]
#[descriptor(transmit, min = 17, max = 16288)]
pub struct TxDescriptor {
    #[descriptor(address = address)]
    pub address: Address,
    #[descriptor(length = length, set(eop = 1, ifcs = 1), report(rs), done(dd))]
    pub command: TxCommand,
}

#[bitfield(u64)]
pub struct RxStatus {
    #[bits(16)]
    pub length: u16,
    #[bits(16)]
    pub checksum: u16,
    pub dd: bool,
    pub eop: bool,
    #[bits(6)]
    __: u8,
    #[bits(8)]
    pub errors: u8,
    #[bits(16)]
    pub special: u16,
}

#[derive(Descriptor)]
#[descriptor(receive, crc_bytes = 0)]
pub struct RxDescriptor {
    #[descriptor(address = address)]
    pub address: Address,
    #[descriptor(length = length, done(dd), good(eop = 1, errors = 0))]
    pub status: RxStatus,
}

const STATISTICS: &[Statistic] = &[];

#[derive(Debug, Clone, Copy, Nic)]
#[nic(name = "toy", title = "Toy Controller", bar = 0, bar_size = 0x2_0000)]
#[nic(pci(0x8086:0x100e, 0x8086:0x1015))]
#[nic(transmit(format = TxDescriptor, doorbell = tdt, queues = 1, slots = 8..=4096, multiple = 8, align = 128, address_bits = 64))]
#[nic(receive(format = RxDescriptor, doorbell = rdt, queues = 128, slots = 8..=4096, multiple = 8, align = 128, address_bits = 64, buffer_size = 2048))]
#[nic(registers = Regs, multicast(address_bits = 36..48), statistics = STATISTICS)]
pub struct Toy;

#[test]
fn thin() {
    assert_eq!(Regs::MAP.ctrl.offset(), RegOffset(0));
    assert_eq!(Toy::tx_doorbell(0), Some(RegOffset(0x6018)));
    assert_eq!(Toy::tx_doorbell(1), None);
    assert_eq!(Toy::rx_doorbell(64), Some(RegOffset(0xd018)));
    assert_eq!(Toy::rx_doorbell(128), None);
    assert_eq!(
        TxDescriptor::encode(DmaAddr(0x1234_5678_9abc_def0), 60),
        [0x1234_5678_9abc_def0, 0x0300_003c]
    );
    assert_eq!(RxDescriptor::arm(DmaAddr(0x1000)), [0x1000, 0]);
    assert_eq!(RxDescriptor::len(0x5_ffff_05dc), 1500);
}
