//! The PHY, behind a command register or with registers of its own. The common registers are those of IEEE 802.3 clause 22.

use netmap_core::model::{Model, PhyAccess, PhyCommand};

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

/// How registers are accessed.
#[derive(Debug)]
enum Access {
    Command(Command),
    /// Registers of the NIC, each with its number.
    Mapped(Vec<(RegisterId, usize)>),
}

/// A command register.
#[derive(Debug, Clone, Copy)]
struct Command {
    command: RegisterId,
    register: Bits,
    data: Bits,
    way: Way,
}

/// How an access through a command register starts and completes.
#[derive(Debug, Clone, Copy)]
enum Way {
    Operation {
        op: Bits,
        ready: Bits,
    },
    /// One writes, zero reads; inverted on completion.
    Flag(Bits),
}

impl Way {
    /// The command register's value until the access is complete.
    fn begun(self, command: u64) -> u64 {
        match self {
            Way::Operation { ready, .. } => ready.put(command, 0),
            Way::Flag(_) => command,
        }
    }

    fn operation(self, command: u64) -> u64 {
        match self {
            Way::Operation { op, .. } => op.get(command),
            Way::Flag(flag) if flag.get(command) != 0 => WRITE,
            Way::Flag(_) => READ,
        }
    }

    /// The command register's value when the access is complete.
    fn over(self, command: u64) -> u64 {
        match self {
            Way::Operation { ready, .. } => ready.put(command, u64::MAX),
            Way::Flag(flag) => flag.put(command, !flag.get(command)),
        }
    }
}

impl Access {
    /// `None` if the variant lacks one of the registers.
    fn new(access: &PhyAccess, file: &RegisterFile) -> Result<Option<Access>, ModelError> {
        let (command, register, data, way) = match *access {
            PhyAccess::Command {
                command,
                register,
                data,
                way,
            } => (command, register, data, way),
            PhyAccess::Mapped(mapped) => {
                if mapped.iter().any(|(_, name)| file.is_elsewhere(name)) {
                    return Ok(None);
                }
                let mapped = mapped.iter().map(|(number, name)| {
                    let register = file.register(name, "phy.mapped")?;
                    Ok((register, usize::from(*number) % REGISTERS))
                });
                return Ok(Some(Access::Mapped(mapped.collect::<Result<_, _>>()?)));
            }
        };
        if file.is_elsewhere(command) {
            return Ok(None);
        }
        let command = file.register(command, "phy.command")?;
        let bits = |field, wanted_by| file.bits(command, field, wanted_by);
        Ok(Some(Access::Command(Command {
            command,
            register: bits(register, "phy.register")?,
            data: bits(data, "phy.data")?,
            way: match way {
                PhyCommand::Operation { op, ready } => Way::Operation {
                    op: bits(op, "phy.op")?,
                    ready: bits(ready, "phy.ready")?,
                },
                PhyCommand::Flag(flag) => Way::Flag(bits(flag, "phy.flag")?),
            },
        })))
    }

    /// The number of the PHY register that a register of the NIC is.
    fn number(&self, register: RegisterId) -> Option<usize> {
        match self {
            Access::Command(_) => None,
            Access::Mapped(mapped) => {
                let mut mapped = mapped.iter();
                mapped.find_map(|&(id, number)| (id == register).then_some(number))
            }
        }
    }
}

impl Phy {
    /// The PHY of a model; `None` if the variant has none.
    pub(crate) fn new(model: &Model, file: &RegisterFile) -> Result<Option<Phy>, ModelError> {
        let Some(model) = &model.phy else {
            return Ok(None);
        };
        let Some(access) = Access::new(&model.access, file)? else {
            return Ok(None);
        };
        let mut registers = [0; REGISTERS];
        for &(at, value) in model.registers {
            if let Some(register) = registers.get_mut(usize::from(at)) {
                *register = value;
            }
        }
        Ok(Some(Phy {
            access,
            page: model.page.map(|page| usize::from(page) % REGISTERS),
            power_on: registers,
            registers,
            elsewhere: [u16::MAX; REGISTERS],
            offered: [registers[OFFER], registers[GIGABIT]],
            pending: None,
            negotiations: 0,
        }))
    }

    /// The registers of the NIC that access it.
    pub(crate) fn registers(&self) -> Vec<RegisterId> {
        match &self.access {
            Access::Command(access) => vec![access.command],
            Access::Mapped(mapped) => mapped.iter().map(|(register, _)| *register).collect(),
        }
    }

    /// After a write to one of these registers.
    pub(crate) fn written(
        &mut self,
        register: RegisterId,
        value: u64,
        file: &mut RegisterFile,
        violations: &mut Violations,
    ) {
        if let Some(number) = self.access.number(register) {
            return self.write(number, value as u16, violations);
        }
        let Access::Command(access) = self.access else {
            return;
        };
        if self.pending.is_some() {
            violations.push(Violation::PhyBusy {
                register: file.name(access.command),
            });
        }
        file.set(access.command.first(), access.way.begun(value));
        self.pending = Some(READS);
    }

    /// Before a read of one of its registers.
    pub(crate) fn before_read(
        &mut self,
        register: RegisterId,
        partner: bool,
        file: &mut RegisterFile,
        violations: &mut Violations,
    ) {
        if let Some(number) = self.access.number(register) {
            return file.set(register.first(), self.read(number, partner).into());
        }
        let Access::Command(access) = self.access else {
            return;
        };
        let Some(left) = &mut self.pending else {
            return;
        };
        *left -= 1;
        if *left > 0 {
            return;
        }
        self.pending = None;
        let place = access.command.first();
        let command = file.get(place);
        let at = access.register.get(command) as usize % REGISTERS;
        let mut answer = command;
        match access.way.operation(command) {
            WRITE => self.write(at, access.data.get(command) as u16, violations),
            READ => answer = access.data.put(command, self.read(at, partner).into()),
            _ => {}
        }
        file.set(place, access.way.over(answer));
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
