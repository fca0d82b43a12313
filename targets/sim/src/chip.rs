//! A device's state, which a lock protects; the thread is in [`device`](crate::device).

mod doorbells;
mod outside;

use std::mem;

use netmap_core::model::{Access, FieldName};
use netmap_core::{Direction, MacAddress};

use crate::control::counters::Counters;
use crate::control::demands::Demands;
use crate::control::dump::Dump;
use crate::control::eeprom::Eeprom;
use crate::control::foreign::Foreign;
use crate::control::interrupts::{Happened, Interrupts};
use crate::control::late::Late;
use crate::control::locks::Locks;
use crate::control::messages::{Around, Messages};
use crate::control::order::Order;
use crate::control::phy::Phy;
use crate::control::station::Stations;
use crate::engine::{Engine, World};
use crate::error::ModelError;
use crate::follows::{Follows, View};
use crate::memory::MemoryMap;
use crate::registers::{Field, Place, RegisterFile, RegisterId};
use crate::simulated::Simulated;
use crate::violations::{Violation, Violations};

/// The side effect of a write to a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// None.
    Plain,
    /// Announces descriptors.
    Tail(Direction),
    /// Makes the device check for descriptors.
    Kick(Direction),
    /// The head of transmit rings.
    Head,
    Cause,
    MaskSet,
    MaskClear,
    MessageMaskClear,
    Eeprom,
    Phy,
    Dump,
}

/// The result of a write.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// Whether it rang a doorbell.
    pub(crate) doorbell: bool,
    /// Whether the device may have work now.
    pub(crate) work: bool,
}

impl Written {
    const NOTHING: Written = Written {
        doorbell: false,
        work: false,
    };
}

/// A device: registers, engine, and the parts that depend on them.
pub(crate) struct Chip {
    file: RegisterFile,
    follows: Follows,
    roles: Vec<Role>,
    /// Registers that the engine or the link depends on.
    watched: Vec<bool>,
    resets: Vec<Field>,
    self_clearing: Vec<Field>,
    set_by_reading: Vec<Field>,
    keeps: Vec<RegisterId>,
    comes_up: Vec<(Field, u64)>,
    order: Order,
    demands: Demands,
    foreign: Foreign,
    late: Late,
    /// Whether unnamed bits hold and return arbitrary values.
    is_noisy: bool,
    /// Whether registers hold arbitrary values, until a reset.
    is_disturbed: bool,
    /// Fields that read as a fixed value, whatever they hold.
    shown: Vec<(Field, u64)>,
    interrupts: Interrupts,
    messages: Option<Messages>,
    counters: Counters,
    pub(crate) eeprom: Option<Eeprom>,
    pub(crate) phy: Option<Phy>,
    locks: Locks,
    dump: Option<Dump>,
    /// The MAC address that a reset loads.
    mac: MacAddress,
    pub(crate) loads_address: bool,
    stations: Stations,
    pub(crate) engine: Engine,
    pub(crate) memory: MemoryMap,
    pub(crate) violations: Violations,
    partner: bool,
    /// The wire was connected at the last step.
    connected: bool,
    /// The link state when last checked.
    link: bool,
}

impl Chip {
    pub(crate) fn new(simulated: Simulated, mac: MacAddress) -> Result<Chip, ModelError> {
        let Simulated { model, variant, .. } = simulated;
        let limits = &variant.limits;
        let file = RegisterFile::new(model.size, model.registers, variant.name)?;
        let (eeprom, block) = (model.eeprom.iter(), model.block.iter());
        let mut eeprom = eeprom.filter(|eeprom| !file.is_elsewhere(eeprom.command));
        let mut block = block.filter(|block| !file.is_elsewhere(block.low));
        let mut chip = Chip {
            follows: Follows::new(simulated, &file)?,
            roles: Vec::new(),
            watched: Vec::new(),
            resets: file.fields(model.reset, 1, "reset")?,
            self_clearing: file.fields(model.self_clearing, 1, "self_clearing")?,
            set_by_reading: file.fields(model.set_by_reading, 1, "set_by_reading")?,
            keeps: file.registers(model.keeps, "keeps")?,
            comes_up: shown(model.comes_up, &file, "comes_up")?,
            order: Order::new(model, &file)?,
            demands: Demands::new(model, variant, &file)?,
            foreign: Foreign::new(model, &file)?,
            late: Late::new(model, limits, &file)?,
            is_noisy: false,
            is_disturbed: false,
            shown: Vec::new(),
            interrupts: Interrupts::new(&model.interrupts, &file)?,
            messages: Messages::new(simulated, &file)?,
            counters: Counters::new(model, &file)?,
            locks: Locks::new(simulated, &file)?,
            eeprom: (eeprom.next())
                .map(|eeprom| Eeprom::new(eeprom, mac, &file))
                .transpose()?,
            phy: Phy::new(model, &file)?,
            dump: (block.next())
                .map(|block| Dump::new(block, &file))
                .transpose()?,
            mac,
            loads_address: true,
            stations: Stations::new(&model.station, &file)?,
            engine: Engine::new(simulated, &file)?,
            memory: MemoryMap::new(),
            violations: Violations::default(),
            partner: true,
            connected: true,
            link: false,
            file,
        };
        chip.assign_roles();
        chip.stations.load(mac, &mut chip.file);
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
        let messages = self.messages.iter();
        let mut roles: Vec<_> = messages
            .map(|messages| (messages.mask_clear, Role::MessageMaskClear))
            .collect();
        roles.extend([
            (self.interrupts.cause, Role::Cause),
            (self.interrupts.mask_clear, Role::MaskClear),
            (self.interrupts.mask_set, Role::MaskSet),
        ]);
        roles.extend(self.engine.tx.head.map(|id| (id, Role::Head)));
        for (rings, direction) in [
            (&self.engine.tx, Direction::Tx),
            (&self.engine.rx, Direction::Rx),
        ] {
            roles.extend(rings.tail.map(|id| (id, Role::Tail(direction))));
            let kick = rings.kick;
            roles.extend(kick.map(|kick| (kick.register, Role::Kick(direction))));
        }
        roles.extend(self.eeprom.as_ref().map(|e| (e.command, Role::Eeprom)));
        roles.extend(self.dump.as_ref().map(|d| (d.low, Role::Dump)));
        let phy = self.phy.iter().flat_map(Phy::registers);
        roles.extend(phy.map(|id| (id, Role::Phy)));
        for (id, role) in roles {
            self.roles[id.index()] = role;
        }
    }

    fn view(&self) -> View<'_> {
        View::new(&self.file, &self.follows, self.is_linked())
    }

    /// Whether there is a link partner at the other end of the wire.
    fn has_partner(&self) -> bool {
        self.partner && self.connected
    }

    /// Whether partner and PHY have established a link.
    fn is_linked(&self) -> bool {
        self.has_partner() && self.phy.as_ref().is_none_or(Phy::negotiates)
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
        self.late.check(place, &self.file, &mut self.violations);
        self.interrupts.just_read = 0;
        let role = self.roles[place.register.index()];
        self.before_read(role, place.register);
        if let Some(messages) = &self.messages
            && let Some(violation) = messages.violated(place.register, &self.file)
        {
            self.violations.push(violation);
        }
        let mut seen = self.seen(place);
        seen = self.late.read(place, seen);
        if self.is_noisy && self.is_read_only(place.register) {
            seen |= self.file.nameless(place.register);
        }
        if let (Role::Head, Some(head)) = (role, self.engine.defects.head) {
            seen = head.into();
        }
        let seen = self.file.read(place, seen, &mut self.violations);
        if role == Role::Cause {
            self.interrupts.after_read(seen, &mut self.file);
            if mem::take(&mut self.engine.defects.causes_after_read) {
                let others = self.interrupts.unmasked(&self.file) & !seen;
                self.deliver(Some(Happened::Anything(others)));
            }
        }
        let messages = self.messages.as_mut();
        let taken = messages.is_some_and(|all| all.acknowledged(place.register, u64::MAX));
        if taken || role == Role::Cause {
            self.deliver(None);
        }
        for field in of(&self.set_by_reading, place) {
            self.file.put(place, field.bits, u64::MAX);
        }
        seen
    }

    /// Whether no driver writes a register's value back: it ignores writes, or writes are commands.
    fn is_read_only(&self, register: RegisterId) -> bool {
        let is_command = matches!(self.roles[register.index()], Role::Eeprom | Role::Phy);
        let is_cleared = register == self.interrupts.cause && self.interrupts.clears_on_read;
        let access = self.file.model(register).access;
        is_command || is_cleared || matches!(access, Access::ReadOnly | Access::ReadClear)
    }

    /// A register as a driver sees it.
    fn seen(&self, place: Place) -> u64 {
        let here = |field: &Field| field.place(place.element) == place;
        let shown = self.shown.iter().filter(|(field, _)| here(field));
        let held = self.view().value(place);
        shown.fold(held, |seen, (field, value)| field.bits.put(seen, *value))
    }

    /// Updates a command register.
    fn before_read(&mut self, role: Role, register: RegisterId) {
        let file = &mut self.file;
        if let (Role::Eeprom, Some(eeprom)) = (role, &mut self.eeprom) {
            eeprom.before_read(file);
        }
        if let (Role::Dump, Some(dump)) = (role, &mut self.dump) {
            dump.before_read(&self.counters, &self.memory, file, &mut self.violations);
        }
        let has_partner = self.has_partner();
        if let (Role::Phy, Some(phy)) = (role, &mut self.phy) {
            phy.before_read(register, has_partner, &mut self.file, &mut self.violations);
            self.check_link();
        }
    }

    /// A write over the bus. `published`: a barrier precedes it.
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
        if let Some(locked) = self.locks.violated(place.register, &self.view()) {
            self.violations.push(locked);
            return Written::NOTHING;
        }
        self.late.check(place, &self.file, &mut self.violations);
        let old = self.file.get(place);
        self.order
            .check(place, old, value, &self.file, &mut self.violations);
        let role = self.roles[place.register.index()];
        let mut doorbell = matches!(role, Role::Tail(_));
        let work = match role {
            Role::Tail(direction) => self.doorbell(direction, place, value, published),
            Role::Kick(direction) => {
                let kick = self
                    .engine
                    .rings(direction)
                    .kick
                    .map_or(0, |kick| kick.bits);
                doorbell = value & kick == kick;
                // The register may have more in it.
                if value & !kick != 0 || old & !kick != 0 {
                    self.write_control(role, place, value & !kick);
                }
                self.kick(direction, place, value, published)
            }
            _ => {
                self.write_control(role, place, value);
                true
            }
        };
        Written { doorbell, work }
    }

    fn write_control(&mut self, role: Role, place: Place, value: u64) {
        for rings in [&self.engine.tx, &self.engine.rx] {
            rings.before_write(place, &self.file, &mut self.violations);
        }
        let again = mem::take(&mut self.interrupts.just_read) & value;
        if role == Role::Cause && again != 0 {
            self.violations.push(Violation::AcknowledgedTwice {
                register: self.file.name(place.register),
                bits: again,
            });
        }
        let computed = self.late.computed(&self.view());
        let seen = self.seen(place);
        self.demands.of_write(place, value, &mut self.violations);
        self.foreign
            .check(place, seen, value, &self.file, &mut self.violations);
        let taken = self.file.write(place, value, &mut self.violations);
        if !taken {
            return;
        }
        self.late.written(place, seen, value);
        if of(&self.resets, place).any(|field| field.bits.get(value) != 0) {
            self.demands.of_reset(&self.file, &mut self.violations);
            self.reset();
            self.late.reset();
            return;
        }
        if let (Role::Eeprom, Some(eeprom)) = (role, &mut self.eeprom) {
            eeprom.written(value, &mut self.file);
        }
        if let (Role::Phy, Some(phy)) = (role, &mut self.phy) {
            phy.written(place.register, value, &mut self.file, &mut self.violations);
            self.check_link();
        }
        if let (Role::Dump, Some(dump)) = (role, &mut self.dump) {
            dump.written(value);
        }
        if let (Role::MessageMaskClear, Some(messages)) = (role, &mut self.messages) {
            messages.masked(place, value, &mut self.file);
        }
        match role {
            Role::MaskSet => self.interrupts.set_mask(value, &mut self.file),
            Role::MaskClear => self.interrupts.clear_mask(value, &mut self.file),
            Role::Cause => self.interrupts.update(&self.file),
            _ => {}
        }
        for field in of(&self.self_clearing, place) {
            self.file.put(place, field.bits, 0);
        }
        if let Some(messages) = &mut self.messages {
            messages.acknowledged(place.register, value);
        }
        let view = View::new(&self.file, &self.follows, self.is_linked());
        self.late.recomputed(&computed, &view);
        if self.watched[place.register.index()] && !self.is_disturbed {
            let view = View::new(&self.file, &self.follows, self.is_linked());
            (self.engine).refresh(Some(place), &view, &mut self.violations);
            self.check_link();
        }
        self.deliver(None);
    }

    fn check_link(&mut self) {
        let link = self.view().link();
        if link != self.link {
            self.link = link;
            self.deliver(Some(Happened::Link));
        }
    }

    /// Raises the causes of an event, and sends due messages.
    fn deliver(&mut self, happened: Option<Happened>) {
        let linked = self.is_linked();
        let messages = self.messages.as_ref();
        let maps = messages.is_some_and(|messages| messages.maps(&self.file));
        let of_queues = matches!(happened, Some(Happened::Frames(..)));
        if let Some(mut happened) = happened.filter(|_| !maps || !of_queues) {
            if let Some(messages) = &self.messages {
                let view = View::new(&self.file, &self.follows, linked);
                happened = messages.by_cause(happened, &view);
            }
            self.interrupts.raise(happened, &mut self.file);
        }
        if let Some(messages) = self.messages.as_mut().filter(|_| maps) {
            let mut around = Around {
                interrupts: &self.interrupts,
                file: &mut self.file,
                follows: &self.follows,
                linked,
                violations: &mut self.violations,
            };
            if let Some(happened) = happened {
                messages.raise(happened, &mut around);
            }
            messages.update(&mut around);
        }
    }

    /// Allocates `count` MSI-X messages to the device; 0 disables MSI-X. Returns whether the device has so many.
    pub(crate) fn set_message_count(&mut self, count: u32) -> bool {
        match &mut self.messages {
            Some(messages) => messages.allocate(count),
            None => count == 0,
        }
    }

    /// Restores power-on values except in kept registers, stops the rings at 0, and loads the MAC address from the
    /// EEPROM.
    pub(crate) fn reset(&mut self) {
        self.engine.stop();
        self.engine.counts.resets += 1;
        self.is_disturbed = false;
        self.file.reset(&self.keeps);
        for &(field, value) in &self.comes_up {
            self.file.put(field.place(0), field.bits, value);
        }
        if self.is_noisy {
            self.foreign.disturb(&mut self.file);
            self.file.fill_undefined();
        }
        if let Some(dump) = &mut self.dump {
            dump.stop();
        }
        let kept = |id| self.keeps.contains(id);
        if self.loads_address && !self.stations.registers().iter().any(kept) {
            self.stations.load(self.mac, &mut self.file);
        }
        let view = View::new(&self.file, &self.follows, self.is_linked());
        self.engine.refresh(None, &view, &mut self.violations);
        self.interrupts.update(&self.file);
        if let Some(messages) = &mut self.messages {
            messages.clear();
        }
        self.link = self.view().link();
    }

    /// One burst in each direction. Returns whether there may be more work at once.
    pub(crate) fn step(&mut self) -> bool {
        let connected = self.engine.is_connected();
        if connected != self.connected {
            self.connected = connected;
            self.check_link();
        }
        let mut world = World {
            file: &mut self.file,
            memory: &self.memory,
            violations: &mut self.violations,
            demands: &self.demands,
        };
        let before = self.engine.counts;
        let did = self.engine.step(&mut world, self.link);
        let counts = &self.engine.counts;
        let passed = counts.tx_frames - before.tx_frames + counts.rx_frames - before.rx_frames;
        self.counters.update(counts, &mut self.file);
        if did.tx != 0 {
            self.deliver(Some(Happened::Frames(Direction::Tx, did.tx)));
        }
        if did.rx != 0 {
            self.deliver(Some(Happened::Frames(Direction::Rx, did.rx)));
        }
        if self.engine.defects.passed(passed) {
            self.reset();
        }
        did.progress
    }

    /// Interrupts since the last call, as bits: sent messages, or bit 0 if the line rose.
    pub(crate) fn take_interrupts(&mut self) -> u64 {
        let rose = u64::from(mem::take(&mut self.interrupts.rose));
        let interrupts = match &mut self.messages {
            Some(messages) if messages.maps(&self.file) => mem::take(&mut messages.sent),
            _ => rose,
        };
        match self.engine.defects.no_interrupts {
            true => 0,
            false => interrupts,
        }
    }
}

/// The fields of `shows` that the variant has, with their values.
fn shown(
    shows: &[(FieldName, u64)],
    file: &RegisterFile,
    wanted_by: &'static str,
) -> Result<Vec<(Field, u64)>, ModelError> {
    let here = shows.iter();
    let here = here.filter(|(name, _)| !file.is_elsewhere(name.register));
    here.map(|(name, value)| Ok((file.field(name, 1, wanted_by)?, *value)))
        .collect()
}

/// Those of `fields` that the register of `place` has.
fn of(fields: &[Field], place: Place) -> impl Iterator<Item = &Field> {
    let fields = fields.iter();
    fields.filter(move |field| field.register == place.register)
}
