//! Register maps on a bus that stores bytes.
#![forbid(unsafe_code)]
#![expect(missing_docs, reason = "the declarations stand in for generated ones")]

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bitfield_struct::bitfield;
use netmap_core::register::{Array, ReadClear, ReadOnly, ReadWrite, RegOffset, Register};
use netmap_core::{Bus, Dma, DmaAddr, DmaError, Fault};
use netmap_derive::Registers;

#[bitfield(u8)]
pub struct ChipCmd {
    #[bits(2)]
    __: u8,
    pub tx_enable: bool,
    pub rx_enable: bool,
    #[bits(4)]
    __: u8,
}

#[bitfield(u16)]
pub struct Causes {
    #[bits(16)]
    pub all: u16,
}

#[bitfield(u32)]
pub struct Ctrl {
    pub duplex: bool,
    #[bits(30)]
    __: u32,
    pub reset: bool,
}

#[bitfield(u64)]
pub struct Base {
    pub low: u32,
    pub high: u32,
}

#[derive(Debug, Clone, Copy, Registers)]
pub struct Regs {
    #[reg(offset = 0x00)]
    pub ctrl: Register<Ctrl, ReadWrite>,
    #[reg(offset = 0x04)]
    pub ctrl_dup: Register<Ctrl, ReadWrite>,
    #[reg(offset = 0x08)]
    pub status: Register<u32, ReadOnly>,
    #[reg(offset = 0x37, width = 8)]
    pub cr: Register<ChipCmd, ReadWrite>,
    #[reg(offset = 0x3e, width = 16)]
    pub isr: Register<Causes, ReadClear>,
    #[reg(offset = 0x40, width = 64)]
    pub base: Register<Base, ReadWrite>,
    #[reg(offset = 0x48)]
    pub byte: Register<u8, ReadWrite>,
    #[reg(offset = 0x50, shared)]
    pub eerd: Register<u32, ReadWrite>,
    #[reg(offset = 0x50, shared)]
    pub eerd_old: Register<u32, ReadWrite>,
    #[reg(offset = 0x60, stride = 8)]
    pub ral: Array<u32, ReadWrite, 2>,
    #[reg(offset = 0x64, stride = 8)]
    pub rah: Array<u32, ReadWrite, 2>,
    #[reg(offset = 0x80, stride = 4, elements = 0..2, name = "RDT")]
    #[reg(offset = 0xa0, stride = 8, elements = 2..4)]
    pub tail: Array<u32, ReadWrite, 4>,
}

/// Bytes that can be accessed with any width.
#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<[[u8; 16]; 16]>>);

impl Bytes {
    fn get<const N: usize>(&self, at: RegOffset) -> [u8; N] {
        let bytes = self.0.lock().unwrap();
        let at = at.0 as usize;
        std::array::from_fn(|byte| bytes.as_flattened()[at + byte])
    }

    fn put<const N: usize>(&self, at: RegOffset, value: [u8; N]) {
        let mut bytes = self.0.lock().unwrap();
        let at = at.0 as usize;
        bytes.as_flattened_mut()[at..at + N].copy_from_slice(&value);
    }
}

struct NoMemory;

impl Dma for NoMemory {
    fn words(&self) -> &[AtomicU64] {
        &[]
    }

    fn address(&self) -> DmaAddr {
        DmaAddr(0)
    }
}

impl Bus for Bytes {
    type Dma = NoMemory;

    fn read8(&self, at: RegOffset) -> u8 {
        u8::from_le_bytes(self.get(at))
    }
    fn read16(&self, at: RegOffset) -> u16 {
        u16::from_le_bytes(self.get(at))
    }
    fn read32(&self, at: RegOffset) -> u32 {
        u32::from_le_bytes(self.get(at))
    }
    fn read64(&self, at: RegOffset) -> u64 {
        u64::from_le_bytes(self.get(at))
    }
    fn write8(&self, at: RegOffset, value: u8) {
        self.put(at, value.to_le_bytes());
    }
    fn write16(&self, at: RegOffset, value: u16) {
        self.put(at, value.to_le_bytes());
    }
    fn write32(&self, at: RegOffset, value: u32) {
        self.put(at, value.to_le_bytes());
    }
    fn write64(&self, at: RegOffset, value: u64) {
        self.put(at, value.to_le_bytes());
    }
    fn publish(&self) {}
    fn observe(&self) {}
    fn delay(&self, _: Duration) {}
    fn sleep(&self, _: Duration) {}
    fn dma_alloc(&self, bytes: usize, align: usize, _: u32) -> Result<NoMemory, DmaError> {
        Err(DmaError { bytes, align })
    }
}

#[test]
fn a_register_is_accessed_at_its_offset_and_width() {
    let bus = &Bytes::default();
    bus.put(RegOffset(0x36), [0xff; 3]);
    Regs::MAP.cr.write(bus, ChipCmd::new().with_rx_enable(true));
    assert_eq!(bus.get(RegOffset(0x36)), [0xff, 0x08, 0xff]);

    bus.put(RegOffset(0x3e), [0x34, 0x12]);
    assert_eq!(Regs::MAP.isr.read(bus).all(), 0x1234);

    let base = Base::new().with_low(0x1111_2222).with_high(0x3333_4444);
    Regs::MAP.base.write(bus, base);
    assert_eq!(bus.read64(RegOffset(0x40)), 0x3333_4444_1111_2222);

    Regs::MAP.byte.write(bus, 0xab);
    assert_eq!(bus.get(RegOffset(0x48)), [0xab, 0]);
}

#[test]
fn fields_are_changed_in_place() {
    let bus = &Bytes::default();
    bus.write32(RegOffset(0x04), 0x0000_0100);
    Regs::MAP.ctrl_dup.modify(bus, |ctrl| ctrl.with_reset(true));
    assert_eq!(bus.read32(RegOffset(0x04)), 0x8000_0100);
    assert_eq!(bus.read32(RegOffset(0x00)), 0);
}

#[test]
fn an_element_is_in_its_piece() {
    let offsets: Vec<_> = (0..5).map(|index| Regs::MAP.tail.locate(index)).collect();
    let expected = [Some(0x80), Some(0x84), Some(0xa0), Some(0xa8), None];
    assert_eq!(offsets, expected.map(|offset| offset.map(RegOffset)));
    assert_eq!(Regs::MAP.ral.locate(1), Some(RegOffset(0x68)));
    assert_eq!(Regs::MAP.rah.locate(1), Some(RegOffset(0x6c)));
}

#[test]
fn an_array_has_its_own_name_or_that_of_the_field() {
    let missing = |array| Fault::NoSuchElement { array, index: 9 };
    assert_eq!(Regs::MAP.tail.at(9).err(), Some(missing("RDT")));
    assert_eq!(Regs::MAP.ral.at(9).err(), Some(missing("RAL")));
}
