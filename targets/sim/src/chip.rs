//! A device without its thread: what a lock protects.

use std::sync::Arc;

use netmap_core::model::Model;
use netmap_core::{Direction, DmaAddr, MacAddress};

use crate::control::counters::Counters;
use crate::control::demands::Demands;
use crate::control::eeprom::Eeprom;
use crate::control::interrupts::{Happened, Interrupts};
use crate::control::order::Order;
use crate::control::phy::Phy;
use crate::engine::{Engine, World};
use crate::error::ModelError;
use crate::follows::{Follows, View};
use crate::memory::{DmaMemory, MemoryMap};
use crate::registers::{Bits, Place, RegisterFile, RegisterId};
use crate::violations::{Violation, Violations};

/// What a write to a register means besides holding a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Nothing.
    Plain,
    /// Descriptors are announced.
    Tail(Direction),
    Cause,
    MaskSet,
    MaskClear,
    Eeprom,
    Phy,
}

/// What a write was.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// Whether it rang a doorbell.
    pub(crate) doorbell: bool,
    /// Whether the device may have something to do now.
    pub(crate) work: bool,
}

impl Written {
    const NOTHING: Written = Written {
        doorbell: false,
        work: false,
    };
}

/// A device: registers, engine, and what hangs on them.
pub(crate) struct Chip {
    file: RegisterFile,
    follows: Follows,
    roles: Vec<Role>,
    /// Registers that the engine or the link depends on.
    watched: Vec<bool>,
    resets: Vec<(RegisterId, Bits)>,
    self_clearing: Vec<(RegisterId, Bits)>,
    keeps: Vec<RegisterId>,
    order: Order,
    demands: Demands,
    interrupts: Interrupts,
    counters: Counters,
    eeprom: Option<Eeprom>,
    phy: Option<Phy>,
    station: Station,
    pub(crate) engine: Engine,
    pub(crate) memory: MemoryMap,
    pub(crate) violations: Violations,
    partner: bool,
    /// The link as of the last look.
    link: bool,
}

/// Where a reset puts the station address.
struct Station {
    mac: MacAddress,
    low: RegisterId,
    high: RegisterId,
    valid: Bits,
}

impl Chip {
    pub(crate) fn new(model: &'static Model, mac: MacAddress) -> Result<Chip, ModelError> {
        let file = RegisterFile::new(model.size, model.registers)?;
        let fields = |names: &[netmap_core::model::FieldName], wanted_by| {
            names
                .iter()
                .map(|name| {
                    let field = file.field(name, 1, wanted_by)?;
                    Ok((field.register, field.bits))
                })
                .collect::<Result<Vec<_>, ModelError>>()
        };
        let high = file.register(model.station.high, "station.high")?;
        let mut chip = Chip {
            follows: Follows::new(model, &file)?,
            roles: Vec::new(),
            watched: Vec::new(),
            resets: fields(model.reset, "reset")?,
            self_clearing: fields(model.self_clearing, "self_clearing")?,
            keeps: model
                .keeps
                .iter()
                .map(|name| file.register(name, "keeps"))
                .collect::<Result<_, _>>()?,
            order: Order::new(model, &file)?,
            demands: Demands::new(model, &file)?,
            interrupts: Interrupts::new(&model.interrupts, &file)?,
            counters: Counters::new(model, &file)?,
            eeprom: match &model.eeprom {
                Some(eeprom) => Some(Eeprom::new(eeprom, mac, &file)?),
                None => None,
            },
            phy: match &model.phy {
                Some(phy) => Some(Phy::new(phy, &file)?),
                None => None,
            },
            station: Station {
                mac,
                low: file.register(model.station.low, "station.low")?,
                high,
                valid: file.bits(high, model.station.valid, "station.valid")?,
            },
            engine: Engine::new(model, &file)?,
            memory: MemoryMap::new(),
            violations: Violations::default(),
            partner: true,
            link: false,
            file,
        };
        chip.assign_roles();
        chip.reset();
        Ok(chip)
    }

    fn assign_roles(&mut self) {
        self.roles = self.file.ids().map(|_| Role::Plain).collect();
        self.watched = self.file.ids().map(|_| false).collect();
        let watches = self.engine.watches();
        for id in watches.into_iter().chain(self.follows.registers()) {
            self.watched[id.index()] = true;
        }
        let mut roles = vec![
            (self.engine.tx.tail, Role::Tail(Direction::Tx)),
            (self.engine.rx.tail, Role::Tail(Direction::Rx)),
            (self.interrupts.cause, Role::Cause),
            (self.interrupts.mask_clear, Role::MaskClear),
            (self.interrupts.mask_set, Role::MaskSet),
        ];
        roles.extend(self.eeprom.as_ref().map(|e| (e.command, Role::Eeprom)));
        roles.extend(self.phy.as_ref().map(|p| (p.command, Role::Phy)));
        for (id, role) in roles {
            self.roles[id.index()] = role;
        }
    }

    fn view(&self) -> View<'_> {
        View::new(&self.file, &self.follows, self.partner)
    }

    /// A read over the bus.
    pub(crate) fn read(&mut self, offset: u32, bytes: u32) -> u64 {
        if self.engine.defects.gone {
            return u64::MAX;
        }
        let place = match self.file.locate(offset, bytes) {
            Ok(place) => place,
            Err(violation) => {
                self.violations.push(violation);
                return 0;
            }
        };
        let role = self.roles[place.register.index()];
        match (role, &mut self.eeprom, &mut self.phy) {
            (Role::Eeprom, Some(eeprom), _) => eeprom.before_read(&mut self.file),
            (Role::Phy, _, Some(phy)) => phy.before_read(self.partner, &mut self.file),
            _ => {}
        }
        let seen = self.view().value(place);
        let seen = self.file.read(place, seen, &mut self.violations);
        if role == Role::Cause {
            self.interrupts.after_read(&mut self.file);
        }
        seen
    }

    /// A write over the bus. `published` tells whether a barrier stood before it.
    pub(crate) fn write(
        &mut self,
        offset: u32,
        bytes: u32,
        value: u64,
        published: bool,
    ) -> Written {
        if self.engine.defects.gone {
            return Written::NOTHING;
        }
        let place = match self.file.locate(offset, bytes) {
            Ok(place) => place,
            Err(violation) => {
                self.violations.push(violation);
                return Written::NOTHING;
            }
        };
        let old = self.file.get(place);
        self.order
            .check(place, old, value, &self.file, &mut self.violations);
        match self.roles[place.register.index()] {
            Role::Tail(direction) => Written {
                doorbell: true,
                work: self.doorbell(direction, place, value, published),
            },
            role => {
                self.write_control(role, place, value);
                Written {
                    doorbell: false,
                    work: true,
                }
            }
        }
    }

    /// Moves a tail; whether the device may have something to do now.
    fn doorbell(
        &mut self,
        direction: Direction,
        place: Place,
        value: u64,
        published: bool,
    ) -> bool {
        let rings = match direction {
            Direction::Tx => &self.engine.tx,
            Direction::Rx => &self.engine.rx,
        };
        if let Some(ring) = rings.rings.get(place.element as usize) {
            if let Some((_, slots)) = ring.runs().filter(|(_, slots)| value >= u64::from(*slots)) {
                self.violations.push(Violation::RingPosition {
                    ring: ring.name,
                    register: self.file.name(place.register),
                    value,
                    slots,
                });
                return false;
            }
            if !published && value != self.file.get(place) {
                self.violations.push(Violation::Unpublished {
                    ring: ring.name,
                    tail: value as u32,
                });
            }
        }
        self.file.write(place, value, &mut self.violations);
        direction == Direction::Tx || self.engine.rx_waits
    }

    fn write_control(&mut self, role: Role, place: Place, value: u64) {
        for rings in [&self.engine.tx, &self.engine.rx] {
            rings.before_write(place, &self.file, &mut self.violations);
        }
        let taken = self.file.write(place, value, &mut self.violations);
        if !taken {
            return;
        }
        if holds(&self.resets, place, value) {
            self.reset();
            return;
        }
        match role {
            Role::Eeprom => {
                if let Some(eeprom) = &mut self.eeprom {
                    eeprom.written(value, &mut self.file);
                }
            }
            Role::Phy => {
                if let Some(phy) = &mut self.phy {
                    phy.written(value, &mut self.file);
                }
            }
            Role::MaskSet => self.interrupts.set_mask(value, &mut self.file),
            Role::MaskClear => self.interrupts.clear_mask(value, &mut self.file),
            Role::Cause => self.interrupts.update(&self.file),
            Role::Plain | Role::Tail(_) => {}
        }
        for (register, bits) in &self.self_clearing {
            if *register == place.register {
                let value = bits.put(self.file.get(place), 0);
                self.file.set(place, value);
            }
        }
        if self.watched[place.register.index()] {
            let view = View::new(&self.file, &self.follows, self.partner);
            self.engine.refresh(place, &view, &mut self.violations);
            self.look_at_link();
        }
    }

    fn look_at_link(&mut self) {
        let link = self.view().link();
        if link != self.link {
            self.link = link;
            self.interrupts.raise(Happened::Link, &mut self.file);
        }
    }

    /// Power-on values, rings stopped at 0, the station address loaded from the EEPROM.
    pub(crate) fn reset(&mut self) {
        self.engine.stop();
        self.file.reset(&self.keeps);
        let [a, b, c, d, e, f] = self.station.mac.0;
        let place = |register| Place {
            register,
            element: 0,
        };
        self.file.set(
            place(self.station.low),
            u32::from_le_bytes([a, b, c, d]).into(),
        );
        let high = self.station.valid.put(0, u64::MAX);
        self.file.set(
            place(self.station.high),
            high | u64::from(u16::from_le_bytes([e, f])),
        );
        let view = View::new(&self.file, &self.follows, self.partner);
        self.engine.start_over(&view, &mut self.violations);
        self.interrupts.update(&self.file);
        self.link = self.view().link();
    }

    /// One burst in each direction; whether there may be more to do at once.
    pub(crate) fn step(&mut self) -> bool {
        let mut world = World {
            file: &mut self.file,
            memory: &self.memory,
            violations: &mut self.violations,
            demands: &self.demands,
        };
        let did = self.engine.step(&mut world, self.link);
        self.counters.update(&self.engine.counts, &mut self.file);
        if did.tx != 0 {
            self.interrupts
                .raise(Happened::Sent(did.tx), &mut self.file);
        }
        if did.rx != 0 {
            self.interrupts
                .raise(Happened::Received(did.rx), &mut self.file);
        }
        did.progress
    }

    /// Whether the interrupt line rose since the last call.
    pub(crate) fn take_rise(&mut self) -> bool {
        self.interrupts.take_rise()
    }

    /// Gives the port a link partner or takes it away.
    pub(crate) fn set_partner(&mut self, partner: bool) {
        self.partner = partner;
        self.look_at_link();
    }

    pub(crate) fn attach(
        &mut self,
        memory: Arc<dyn DmaMemory>,
        align: u64,
        address_bits: u32,
    ) -> Option<DmaAddr> {
        self.memory.attach(memory, align, address_bits)
    }

    /// A register as a reader would see it, without any effect of reading.
    pub(crate) fn peek(&self, register: &str, element: u32) -> Option<u64> {
        let register = self.file.lookup(register)?;
        (element < self.file.count(register))
            .then(|| self.view().value(Place { register, element }))
    }
}

/// Whether a write of `value` sets one of `fields`.
fn holds(fields: &[(RegisterId, Bits)], place: Place, value: u64) -> bool {
    fields
        .iter()
        .any(|(register, bits)| *register == place.register && bits.get(value) != 0)
}
