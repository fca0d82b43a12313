//! The PCI function: configures what a BIOS would configure.
//!
//! Configuration space is accessed through the two I/O ports of configuration mechanism 1 (PCI Local Bus Specification
//! 3.0, 3.2.2.3.2).

use netmap_core::{PciId, PciIdentity};

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
const SUBSYSTEM: u8 = 0x2c;
const CAPABILITIES: u8 = 0x34;

/// I/O space and memory space are on.
const COMMAND_ANSWER: u32 = 0b011;
/// Bus mastering is on: the device may access memory.
const COMMAND_MASTER: u32 = 0b100;
/// The function has a capability list: a bit of the status register, in the upper half.
const STATUS_CAPABILITIES: u32 = 1 << 20;

/// The NIC's slot on the first bus.
pub(super) const SLOT: u8 = 4;

/// A base address register for memory space: its address and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) at: u64,
    pub(super) bytes: u64,
}

/// A configured function.
#[derive(Debug)]
pub(super) struct Function {
    /// Its ids and revision.
    pub(super) pci: PciIdentity,
    /// Its base address registers; `None` for I/O space and for the upper half of a 64-bit one.
    pub(super) bars: [Option<Bar>; 6],
}

impl Function {
    /// Finds the NIC, places its registers, and enables its registers and bus mastering.
    pub(super) fn set_up(qtest: &mut Qtest) -> Result<Function> {
        let mut config = Config(qtest);
        let id = config.read(ID)?;
        if id & 0xffff == 0xffff {
            return Err(Error::NoFunction {
                address: format!("00:{SLOT:02x}.0"),
            });
        }
        let pair = |word: u32| PciId {
            vendor: (word & 0xffff) as u16,
            device: (word >> 16) as u16,
        };
        let function = Function {
            pci: PciIdentity {
                id: pair(id),
                subsystem: pair(config.read(SUBSYSTEM)?),
                revision: config.read(REVISION)?.to_le_bytes()[0],
            },
            bars: config.place_bars()?,
        };
        config.join_bus();
        Ok(function)
    }
}

/// The configuration space of the NIC.
#[derive(Debug)]
pub(super) struct Config<'a>(pub(super) &'a mut Qtest);

impl Config<'_> {
    /// Enables the function's registers and bus mastering.
    pub(super) fn join_bus(&mut self) {
        self.write(COMMAND, COMMAND_ANSWER | COMMAND_MASTER);
    }

    /// Disables bus mastering; the registers still respond.
    pub(super) fn leave_bus(&mut self) {
        self.write(COMMAND, COMMAND_ANSWER);
    }

    /// Reads the 32-bit word that contains byte `at`.
    pub(super) fn read(&mut self, at: u8) -> Result<u32> {
        self.select(at);
        match self.0.port_read(DATA_PORT) {
            Some(value) => Ok((value & 0xffff_ffff) as u32),
            None => Err(self.0.failure().err().unwrap_or(Error::Gone)),
        }
    }

    /// Writes the 32-bit word that contains byte `at`.
    pub(super) fn write(&mut self, at: u8, value: u32) {
        self.select(at);
        self.0.port_write(DATA_PORT, value);
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
        let address = 1 << 31 | u32::from(SLOT) << 11 | u32::from(at & !3);
        self.0.port_write(ADDRESS_PORT, address);
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
            let is_io = answer & 1 == 1;
            let (next, end) = match is_io {
                true => (&mut ports, PORTS.end),
                false => (&mut memory, MEMORY.end),
            };
            let bytes = bar_bytes(answer);
            let start = next.next_multiple_of(bytes);
            if start + bytes > end {
                // It stays at the address of all ones, where it does not respond.
                continue;
            }
            *next = start + bytes;
            self.write(at, (start & 0xffff_ffff) as u32);
            *place = (!is_io).then_some(Bar { at: start, bytes });
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
