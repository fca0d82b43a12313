//! The PHY behind its command register. The common registers are those of IEEE 802.3 clause 22.

use netmap_core::model::{PhyAccess, PhyModel};

use crate::error::ModelError;
use crate::registers::{Bits, RegisterFile, RegisterId};
use crate::violations::{Violation, Violations};

/// Registers of a PHY.
const REGISTERS: usize = 32;
/// Basic control: reset and restart of negotiation clear themselves.
const CONTROL: usize = 0;
const CONTROL_RESET: u16 = 1 << 15;
const CONTROL_NEGOTIATES: u16 = 1 << 12;
const CONTROL_OFF: u16 = 1 << 11;
const CONTROL_ISOLATED: u16 = 1 << 10;
const CONTROL_RESTART: u16 = 1 << 9;
const CONTROL_RESERVED: u16 = 0x001f;
/// Basic status, read-only: negotiation complete and link are set only with a partner.
const STATUS: usize = 1;
const STATUS_OF_LINK: u16 = 1 << 5 | 1 << 2;
/// Advertisement: the selector has to be IEEE 802.3.
const OFFER: usize = 4;
const OFFER_SELECTOR: u16 = 0x001f;
const OFFER_IEEE_802_3: u16 = 1;
/// 10BASE-T and 100BASE-TX, at half and full duplex.
const OFFER_SPEEDS: u16 = 0x01e0;
/// Control of 1000BASE-T.
const GIGABIT: usize = 9;
const GIGABIT_OFFERS: u16 = 1 << 9 | 1 << 8;
const GIGABIT_RESERVED: u16 = 0x00ff;
/// Any page but the first.
const OTHER_PAGE: u16 = 5;
/// Reads of the command register until an access is complete: more than a driver makes without polling.
const READS: u32 = 4;

const WRITE: u64 = 1;
const READ: u64 = 2;

/// A PHY and its current access.
#[derive(Debug)]
pub(crate) struct Phy {
    pub(crate) command: RegisterId,
    register: Bits,
    data: Bits,
    access: Access,
    /// The register that selects the page, if there are pages.
    page: Option<usize>,
    power_on: [u16; REGISTERS],
    registers: [u16; REGISTERS],
    /// The registers of every other page.
    elsewhere: [u16; REGISTERS],
    /// The two advertisement registers as of the last negotiation.
    offered: [u16; 2],
    /// Remaining reads until the access is complete.
    pending: Option<u32>,
    /// Negotiations that the driver started.
    pub(crate) negotiations: u64,
}

/// How an access starts and completes.
#[derive(Debug, Clone, Copy)]
enum Access {
    Operation {
        op: Bits,
        ready: Bits,
    },
    /// One writes, zero reads; inverted on completion.
    Flag(Bits),
}

impl Access {
    /// The command register's value until the access is complete.
    fn begun(self, command: u64) -> u64 {
        match self {
            Access::Operation { ready, .. } => ready.put(command, 0),
            Access::Flag(_) => command,
        }
    }

    fn operation(self, command: u64) -> u64 {
        match self {
            Access::Operation { op, .. } => op.get(command),
            Access::Flag(flag) if flag.get(command) != 0 => WRITE,
            Access::Flag(_) => READ,
        }
    }

    /// The command register's value when the access is complete.
    fn over(self, command: u64) -> u64 {
        match self {
            Access::Operation { ready, .. } => ready.put(command, u64::MAX),
            Access::Flag(flag) => flag.put(command, !flag.get(command)),
        }
    }
}

impl Phy {
    pub(crate) fn new(model: &PhyModel, file: &RegisterFile) -> Result<Phy, ModelError> {
        let command = file.register(model.command, "phy.command")?;
        let bits = |field, wanted_by| file.bits(command, field, wanted_by);
        let mut registers = [0; REGISTERS];
        for &(at, value) in model.registers {
            if let Some(register) = registers.get_mut(usize::from(at)) {
                *register = value;
            }
        }
        Ok(Phy {
            command,
            register: bits(model.register, "phy.register")?,
            data: bits(model.data, "phy.data")?,
            access: match model.access {
                PhyAccess::Operation { op, ready } => Access::Operation {
                    op: bits(op, "phy.op")?,
                    ready: bits(ready, "phy.ready")?,
                },
                PhyAccess::Flag(flag) => Access::Flag(bits(flag, "phy.flag")?),
            },
            page: model.page.map(|page| usize::from(page) % REGISTERS),
            power_on: registers,
            registers,
            elsewhere: [u16::MAX; REGISTERS],
            offered: [registers[OFFER], registers[GIGABIT]],
            pending: None,
            negotiations: 0,
        })
    }

    /// After a write to the command register.
    pub(crate) fn written(
        &mut self,
        value: u64,
        file: &mut RegisterFile,
        violations: &mut Violations,
    ) {
        if self.pending.is_some() {
            violations.push(Violation::PhyBusy {
                register: file.name(self.command),
            });
        }
        file.set(self.command.first(), self.access.begun(value));
        self.pending = Some(READS);
    }

    /// Before a read of the command register.
    pub(crate) fn before_read(
        &mut self,
        partner: bool,
        file: &mut RegisterFile,
        violations: &mut Violations,
    ) {
        let Some(left) = &mut self.pending else {
            return;
        };
        *left -= 1;
        if *left > 0 {
            return;
        }
        self.pending = None;
        let place = self.command.first();
        let command = file.get(place);
        let at = self.register.get(command) as usize % REGISTERS;
        let mut answer = command;
        match self.access.operation(command) {
            WRITE => self.write(at, self.data.get(command) as u16, violations),
            READ => answer = self.data.put(command, self.read(at, partner).into()),
            _ => {}
        }
        file.set(place, self.access.over(answer));
    }

    /// Whether the register is on another page now.
    fn is_elsewhere(&self, at: usize) -> bool {
        self.page
            .is_some_and(|page| at != page && self.registers[page] != 0)
    }

    fn write(&mut self, at: usize, value: u16, violations: &mut Violations) {
        if self.is_elsewhere(at) {
            self.elsewhere[at] = value;
            return;
        }
        let bits = value & reserved(at);
        if bits != 0 {
            violations.push(Violation::PhyReserved {
                register: at as u8,
                bits,
            });
        }
        match at {
            CONTROL if value & CONTROL_RESET != 0 => {
                self.registers = self.power_on;
                self.offered = [self.registers[OFFER], self.registers[GIGABIT]];
            }
            CONTROL => {
                self.registers[CONTROL] = value & !CONTROL_RESTART;
                if value & CONTROL_RESTART != 0 {
                    self.offered = [self.registers[OFFER], self.registers[GIGABIT]];
                    self.negotiations += u64::from(self.negotiates());
                }
            }
            STATUS => {}
            _ => self.registers[at] = value,
        }
    }

    fn read(&self, at: usize, partner: bool) -> u16 {
        match at {
            _ if self.is_elsewhere(at) => self.elsewhere[at],
            STATUS if !(partner && self.negotiates()) => self.registers[STATUS] & !STATUS_OF_LINK,
            // Reserved bits read as arbitrary values.
            _ => self.registers[at] | reserved(at),
        }
    }

    /// Whether negotiation with a partner that supports every mode gives a link.
    pub(crate) fn negotiates(&self) -> bool {
        let control = self.registers[CONTROL];
        let [offer, gigabit] = self.offered;
        let is_powered = control & (CONTROL_OFF | CONTROL_ISOLATED) == 0;
        let offers = offer & OFFER_SPEEDS != 0 || gigabit & GIGABIT_OFFERS != 0;
        let is_802_3 = offer & OFFER_SELECTOR == OFFER_IEEE_802_3;
        is_powered && control & CONTROL_NEGOTIATES != 0 && offers && is_802_3
    }

    /// A register; 0 past the last one.
    pub(crate) fn register(&self, at: u8) -> u16 {
        self.registers.get(usize::from(at)).copied().unwrap_or(0)
    }

    /// Sets a register, independently of the driver.
    pub(crate) fn set_register(&mut self, at: u8, value: u16) {
        if let Some(register) = self.registers.get_mut(usize::from(at)) {
            *register = value;
        }
        self.offered = [self.registers[OFFER], self.registers[GIGABIT]];
    }

    /// Leaves the PHY as a previous driver may have left it, which no reset of the NIC corrects: off, and on another
    /// page.
    pub(crate) fn disturb(&mut self) {
        self.registers[CONTROL] |= CONTROL_OFF;
        if let Some(page) = self.page {
            self.registers[page] = OTHER_PAGE;
        }
    }
}

/// Bits that have to be written as zero and read as arbitrary values.
fn reserved(at: usize) -> u16 {
    match at {
        CONTROL => CONTROL_RESERVED,
        GIGABIT => GIGABIT_RESERVED,
        _ => 0,
    }
}
