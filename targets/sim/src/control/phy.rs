//! The PHY behind its command register. What every PHY has in common is that of IEEE 802.3 clause 22.

use netmap_core::model::{PhyAccess, PhyModel};

use crate::error::ModelError;
use crate::registers::{Bits, Place, RegisterFile, RegisterId};
use crate::violations::{Violation, Violations};

/// Registers of a PHY.
const REGISTERS: usize = 32;
/// Basic control: reset and restart of the negotiation clear themselves.
const CONTROL: usize = 0;
const CONTROL_RESET: u16 = 1 << 15;
const CONTROL_NEGOTIATES: u16 = 1 << 12;
const CONTROL_OFF: u16 = 1 << 11;
const CONTROL_ISOLATED: u16 = 1 << 10;
const CONTROL_RESTART: u16 = 1 << 9;
const CONTROL_RESERVED: u16 = 0x001f;
/// Basic status: read-only; negotiation complete and link only with a partner.
const STATUS: usize = 1;
const STATUS_OF_LINK: u16 = 1 << 5 | 1 << 2;
/// Advertisement: what it is about has to be IEEE 802.3.
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
/// Reads of the command register until an access is over. More than a driver gets by without waiting.
const READS: u32 = 4;

const WRITE: u64 = 1;
const READ: u64 = 2;

/// A PHY and the access under way.
#[derive(Debug)]
pub(crate) struct Phy {
    pub(crate) command: RegisterId,
    register: Bits,
    data: Bits,
    access: Access,
    /// The register that chooses the page, if there are pages.
    page: Option<usize>,
    power_on: [u16; REGISTERS],
    registers: [u16; REGISTERS],
    /// Those of every other page.
    elsewhere: [u16; REGISTERS],
    /// What was offered when it last negotiated: by the two registers of offers.
    offered: [u16; 2],
    /// Reads left until the access is over.
    pending: Option<u32>,
    /// Times that the driver started a negotiation.
    pub(crate) negotiations: u64,
}

/// How an access is started and ends.
#[derive(Debug, Clone, Copy)]
enum Access {
    Operation {
        op: Bits,
        ready: Bits,
    },
    /// One to write, zero to read; the other way round at the end.
    Flag(Bits),
}

impl Access {
    /// A command as it looks until the access is over.
    fn begun(self, command: u64) -> u64 {
        match self {
            Access::Operation { ready, .. } => ready.put(command, 0),
            Access::Flag(_) => command,
        }
    }

    /// The operation of a command.
    fn operation(self, command: u64) -> u64 {
        match self {
            Access::Operation { op, .. } => op.get(command),
            Access::Flag(flag) if flag.get(command) != 0 => WRITE,
            Access::Flag(_) => READ,
        }
    }

    /// A command as it looks when the access is over.
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
        file.set(self.place(), self.access.begun(value));
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
        let command = file.get(self.place());
        let at = self.register.get(command) as usize % REGISTERS;
        let mut answer = command;
        match self.access.operation(command) {
            WRITE => self.write(at, self.data.get(command) as u16, violations),
            READ => answer = self.data.put(command, self.read(at, partner).into()),
            _ => {}
        }
        file.set(self.place(), self.access.over(answer));
    }

    /// Whether a register is one of another page now.
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
                }
                let restarts = value & CONTROL_RESTART != 0 && self.negotiates();
                self.negotiations += u64::from(restarts);
            }
            STATUS => {}
            _ => self.registers[at] = value,
        }
    }

    fn read(&self, at: usize, partner: bool) -> u16 {
        match at {
            _ if self.is_elsewhere(at) => self.elsewhere[at],
            STATUS if !(partner && self.negotiates()) => self.registers[STATUS] & !STATUS_OF_LINK,
            // A reader has to do without them.
            _ => self.registers[at] | reserved(at),
        }
    }

    /// Whether it comes to a link with a partner that can do everything, but only by negotiation.
    pub(crate) fn negotiates(&self) -> bool {
        let control = self.registers[CONTROL];
        let [offer, gigabit] = self.offered;
        let is_on = control & (CONTROL_OFF | CONTROL_ISOLATED) == 0;
        let offers = offer & OFFER_SPEEDS != 0 || gigabit & GIGABIT_OFFERS != 0;
        let is_802_3 = offer & OFFER_SELECTOR == OFFER_IEEE_802_3;
        is_on && control & CONTROL_NEGOTIATES != 0 && offers && is_802_3
    }

    /// A register; 0 past the last one.
    pub(crate) fn register(&self, at: u8) -> u16 {
        self.registers.get(usize::from(at)).copied().unwrap_or(0)
    }

    /// Makes a register hold `value`, whoever did that.
    pub(crate) fn set_register(&mut self, at: u8, value: u16) {
        if let Some(register) = self.registers.get_mut(usize::from(at)) {
            *register = value;
        }
        self.offered = [self.registers[OFFER], self.registers[GIGABIT]];
    }

    /// Leaves it as another driver may have left it, which no reset of the NIC mends: off, and on another page.
    pub(crate) fn disturb(&mut self) {
        self.registers[CONTROL] |= CONTROL_OFF;
        if let Some(page) = self.page {
            self.registers[page] = OTHER_PAGE;
        }
    }

    fn place(&self) -> Place {
        Place {
            register: self.command,
            element: 0,
        }
    }
}

/// Bits that are written as zero and read as anything.
fn reserved(at: usize) -> u16 {
    match at {
        CONTROL => CONTROL_RESERVED,
        GIGABIT => GIGABIT_RESERVED,
        _ => 0,
    }
}
