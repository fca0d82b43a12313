//! The PCI function: configures what a BIOS would configure.
//!
//! Configuration space is accessed through the two I/O ports of configuration mechanism 1 (PCI Local Bus Specification
//! 3.0, 3.2.2.3.2).

use std::fmt;

use netmap_core::PciId;

use super::error::{Error, Result};
use super::qtest::Qtest;

const ADDRESS_PORT: u16 = 0xcf8;
const DATA_PORT: u16 = 0xcfc;

/// Memory space for devices: above all RAM, below the interrupt controllers at 0xfec0_0000.
const MEMORY: std::ops::Range<u64> = 0xe000_0000..0xfec0_0000;
/// Ports for devices, away from those of the chipset.
const PORTS: std::ops::Range<u64> = 0xc000..0x1_0000;

// Offsets of 32-bit words in a configuration header (PCI 3.0, 6.1).
const ID: u8 = 0x00;
const COMMAND: u8 = 0x04;
const REVISION: u8 = 0x08;
const BAR0: u8 = 0x10;
const CAPABILITIES: u8 = 0x34;

/// I/O space and memory space are on.
const COMMAND_ANSWER: u32 = 0b011;
/// Bus mastering is on: the device may access memory.
const COMMAND_MASTER: u32 = 0b100;
/// The function has a capability list: a bit of the status register, in the upper half.
const STATUS_CAPABILITIES: u32 = 1 << 20;

/// The address of a function on the first bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) slot: u8,
    pub(super) function: u8,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00:{:02x}.{}", self.slot, self.function)
    }
}

/// The space that a base address register maps, and its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bar {
    /// Memory space.
    Memory { at: u64, bytes: u64 },
    /// I/O space.
    Ports { at: u64, bytes: u64 },
}

/// A configured function.
#[derive(Debug)]
pub(super) struct Function {
    address: Address,
    /// Vendor and device id.
    pub(super) id: PciId,
    /// Revision id.
    pub(super) revision: u8,
    /// Its base address registers; the upper half of a 64-bit one is `None`.
    pub(super) bars: [Option<Bar>; 6],
}

impl Function {
    /// Finds the function at `address`, places its registers, and enables its registers and bus mastering.
    pub(super) fn set_up(qtest: &mut Qtest, address: Address) -> Result<Function> {
        let mut config = Config { qtest, address };
        let id = config.read(ID)?;
        if id & 0xffff == 0xffff {
            return Err(Error::NoFunction {
                address: address.to_string(),
            });
        }
        let revision = config.read(REVISION)?.to_le_bytes()[0];
        let bars = config.place_bars()?;
        let function = Function {
            address,
            id: PciId {
                vendor: (id & 0xffff) as u16,
                device: (id >> 16) as u16,
            },
            revision,
            bars,
        };
        function.join_bus(qtest);
        Ok(function)
    }

    /// Enables the function's registers and bus mastering.
    pub(super) fn join_bus(&self, qtest: &mut Qtest) {
        self.config(qtest)
            .write(COMMAND, COMMAND_ANSWER | COMMAND_MASTER);
    }

    /// Disables bus mastering; the registers still respond.
    pub(super) fn leave_bus(&self, qtest: &mut Qtest) {
        self.config(qtest).write(COMMAND, COMMAND_ANSWER);
    }

    /// The function's configuration space.
    pub(super) fn config<'a>(&self, qtest: &'a mut Qtest) -> Config<'a> {
        Config {
            qtest,
            address: self.address,
        }
    }

    /// The first base address register for memory.
    pub(super) fn first_memory_bar(&self) -> Option<u8> {
        (0u8..)
            .zip(&self.bars)
            .find(|(_, bar)| matches!(bar, Some(Bar::Memory { .. })))
            .map(|(index, _)| index)
    }
}

/// The configuration space of one function.
#[derive(Debug)]
pub(super) struct Config<'a> {
    qtest: &'a mut Qtest,
    address: Address,
}

impl Config<'_> {
    /// Reads the 32-bit word that contains byte `at`.
    pub(super) fn read(&mut self, at: u8) -> Result<u32> {
        self.select(at);
        match self.qtest.port_read(DATA_PORT) {
            Some(value) => Ok((value & 0xffff_ffff) as u32),
            None => Err(self.qtest.failure().err().unwrap_or(Error::Gone)),
        }
    }

    /// Writes the 32-bit word that contains byte `at`.
    pub(super) fn write(&mut self, at: u8, value: u32) {
        self.select(at);
        self.qtest.port_write(DATA_PORT, value);
    }

    /// Number and offset of each capability, in list order.
    pub(super) fn capabilities(&mut self) -> Result<Vec<(u8, u8)>> {
        let mut found = Vec::new();
        if self.read(COMMAND)? & STATUS_CAPABILITIES == 0 {
            return Ok(found);
        }
        let mut at = self.read(CAPABILITIES)?.to_le_bytes()[0] & !3;
        // A cyclic list ends after as many entries as fit.
        while at != 0 && found.len() < 48 {
            let [number, next, ..] = self.read(at)?.to_le_bytes();
            found.push((number, at));
            at = next & !3;
        }
        Ok(found)
    }

    fn select(&mut self, at: u8) {
        let Address { slot, function } = self.address;
        let device = u32::from(slot & 0x1f) << 11 | u32::from(function & 7) << 8;
        self.qtest
            .port_write(ADDRESS_PORT, 1 << 31 | device | u32::from(at & !3));
    }

    fn place_bars(&mut self) -> Result<[Option<Bar>; 6]> {
        let mut bars = [None; 6];
        let (mut memory, mut ports) = (MEMORY.start, PORTS.start);
        let mut index = 0;
        while let Some(place) = bars.get_mut(usize::from(index)) {
            let at = BAR0 + 4 * index;
            self.write(at, u32::MAX);
            let answer = self.read(at)?;
            index += 1;
            if answer == 0 {
                continue;
            }
            let (next, end) = if answer & 1 == 1 {
                (&mut ports, PORTS.end)
            } else {
                (&mut memory, MEMORY.end)
            };
            let bytes = bar_bytes(answer);
            let start = next.next_multiple_of(bytes);
            if start + bytes > end {
                // It stays at the address of all ones, where it does not respond.
                continue;
            }
            *next = start + bytes;
            self.write(at, (start & 0xffff_ffff) as u32);
            *place = Some(if answer & 1 == 1 {
                Bar::Ports { at: start, bytes }
            } else {
                Bar::Memory { at: start, bytes }
            });
            if answer & 0b111 == 0b100 {
                self.write(BAR0 + 4 * index, 0);
                index += 1;
            }
        }
        Ok(bars)
    }
}

/// The size of a base address register, from its value after ones were written to it (PCI 3.0, 6.2.5.1).
fn bar_bytes(answer: u32) -> u64 {
    let address = if answer & 1 == 1 {
        // The upper half of an I/O BAR may be hardwired to zero.
        answer & !0b11 | 0xffff_0000
    } else {
        answer & !0b1111
    };
    u64::from(!address) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_bar_is_its_lowest_writable_address_bit() {
        for (answer, bytes) in [
            (0xfffe_0000, 0x2_0000),
            (0xffff_c00c, 0x4000),
            (0xffff_ffc1, 0x40),
            (0x0000_ffe1, 0x20),
            (0xffff_fff0, 0x10),
            (0x8000_0008, 0x8000_0000),
        ] {
            assert_eq!(bar_bytes(answer), bytes, "{answer:#x}");
        }
    }
}
