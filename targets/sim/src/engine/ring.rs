//! Rings from the device's side: registers, state, and violations of their rules.

use netmap_core::model::{DoorbellModel, RingModel};
use netmap_core::{Direction, RingLimits};

use super::codec::Words;
use super::writeback::Descriptors;
use crate::error::ModelError;
use crate::follows::View;
use crate::memory::MemoryMap;
use crate::registers::{Field, Place, RegisterFile, RegisterId};
use crate::violations::{RingName, Violation, Violations};

/// Bytes of a descriptor.
pub(crate) const DESCRIPTOR: u64 = 16;

/// All rings of one direction.
#[derive(Debug)]
pub(crate) struct Rings {
    base_low: RegisterId,
    /// `None` if the address has at most 32 bits.
    base_high: Option<RegisterId>,
    /// `None` if a mark in the last descriptor ends the ring, or all rings have one length.
    bytes: Option<RegisterId>,
    /// `None` if no register shows the device's position.
    pub(crate) head: Option<RegisterId>,
    /// `None` if each descriptor has an owner bit.
    pub(crate) tail: Option<RegisterId>,
    pub(crate) kick: Option<Kick>,
    enable: Vec<Field>,
    /// Whether a mark ends a ring without a length register; otherwise all rings have one length.
    has_mark: bool,
    limits: RingLimits,
    pub(crate) rings: Vec<Ring>,
    /// Queues whose ring runs.
    pub(crate) running: Vec<u32>,
}

/// The register that makes the device check for descriptors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kick {
    pub(crate) register: RegisterId,
    /// The value of a kick.
    pub(crate) bits: u64,
    /// Whether a kick is lost if it arrives while a burst is about to end.
    pub(crate) lossy: bool,
}

#[derive(Debug)]
pub(crate) struct Ring {
    pub(crate) name: RingName,
    state: State,
    /// The device's position, if no register has it.
    position: u32,
    /// Whether the device checks for descriptors; unused for rings without a kick.
    pub(crate) pace: Pace,
    /// Descriptors that a burst has completed and not yet written back.
    pub(crate) finished: Vec<(u32, Words)>,
    /// How often the driver must have observed the ring's memory before it hands over a completed descriptor again, for
    /// each descriptor; 0 if it was not completed.
    due: Vec<u64>,
}

/// Whether the device checks for descriptors of a ring that needs kicks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// The device waits for a kick.
    Idle,
    /// The device was kicked.
    Working,
    /// The device has processed the last descriptor, and is about to write back and to go idle.
    Ending,
}

/// The state of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not enabled.
    Off,
    /// Enabled without memory, like unused queues if one field enables all queues.
    Empty,
    /// Enabled with invalid settings.
    Broken,
    /// Enabled, with this base and number of descriptors, or their largest number.
    Runs(u64, u32),
}

impl Ring {
    /// Base and number of descriptors while it runs.
    pub(crate) fn runs(&self) -> Option<(u64, u32)> {
        match self.state {
            State::Runs(base, slots) => Some((base, slots)),
            State::Off | State::Empty | State::Broken => None,
        }
    }

    /// Sets the ring to its first descriptor, idle.
    fn start_over(&mut self) {
        self.position = 0;
        self.pace = Pace::Idle;
        self.finished.clear();
        self.due.clear();
    }

    /// The device fetches a descriptor: the driver must have observed its last completion.
    pub(crate) fn fetch(&self, ring: Descriptors<'_>, index: u32, violations: &mut Violations) {
        let due = self.due.get(index as usize).copied().unwrap_or(0);
        if due > 0
            && ring
                .memory
                .observed()
                .is_some_and(|observed| observed < due)
        {
            let ring = ring.ring;
            violations.push(Violation::Unobserved { ring, index });
        }
    }

    /// The device is about to complete a descriptor.
    pub(crate) fn complete(&mut self, ring: Descriptors<'_>, index: u32) {
        let Some(observed) = ring.memory.observed() else {
            return;
        };
        let at = index as usize;
        if self.due.len() <= at {
            self.due.resize(at + 1, 0);
        }
        self.due[at] = observed + 1;
    }

    /// Stops the ring until it is enabled again.
    pub(crate) fn halt(&mut self) {
        self.state = State::Broken;
    }
}

impl Rings {
    pub(crate) fn new(
        model: &RingModel,
        has_mark: bool,
        limits: RingLimits,
        variant: &str,
        direction: Direction,
        file: &RegisterFile,
    ) -> Result<Rings, ModelError> {
        let register = |name: &str| {
            let id = file.register(name, "ring")?;
            if file.count(id) < limits.queues {
                return Err(ModelError::NoElement {
                    register: name.to_owned(),
                    element: limits.queues - 1,
                    wanted_by: "ring",
                });
            }
            Ok(id)
        };
        let may = |name: &str| match name {
            "" => Ok(None),
            name => register(name).map(Some),
        };
        let kick = match model.doorbell {
            DoorbellModel::Tail | DoorbellModel::Unneeded => None,
            DoorbellModel::Kick {
                register: name,
                fields,
                lost_while_busy,
            } => {
                let register = register(name)?;
                let mut bits = 0;
                for field in fields {
                    bits |= file.bits(register, field, "doorbell")?.mask();
                }
                Some(Kick {
                    register,
                    bits,
                    lossy: lost_while_busy.contains(&variant),
                })
            }
        };
        let ring = |queue| Ring {
            name: RingName { direction, queue },
            state: State::Off,
            position: 0,
            pace: Pace::Idle,
            finished: Vec::new(),
            due: Vec::new(),
        };
        Ok(Rings {
            base_low: register(model.base_low)?,
            base_high: may(model.base_high)?,
            bytes: may(model.bytes)?,
            head: may(model.head)?,
            tail: may(model.tail)?,
            kick,
            enable: file.fields(model.enable, limits.queues, "ring.enable")?,
            has_mark,
            limits,
            rings: (0..limits.queues).map(ring).collect(),
            running: Vec::new(),
        })
    }

    /// The registers that decide whether a ring runs.
    pub(crate) fn setup(&self) -> impl Iterator<Item = RegisterId> {
        let enable = self.enable.iter().map(|field| field.register);
        self.geometry().chain(enable)
    }

    fn geometry(&self) -> impl Iterator<Item = RegisterId> + use<> {
        let all = [Some(self.base_low), self.base_high, self.bytes, self.head];
        all.into_iter().flatten()
    }

    /// The device's position.
    #[inline]
    pub(crate) fn position(&self, queue: u32, file: &RegisterFile) -> u32 {
        match self.head {
            Some(head) => file.get(head.at(queue)) as u32,
            None => self.rings[queue as usize].position,
        }
    }

    #[inline]
    pub(crate) fn set_position(&mut self, queue: u32, position: u32, file: &mut RegisterFile) {
        match self.head {
            Some(head) => file.set(head.at(queue), position.into()),
            None => self.rings[queue as usize].position = position,
        }
    }

    /// The driver's position; `None` if each descriptor has an owner bit.
    #[inline]
    pub(crate) fn announced(&self, queue: u32, file: &RegisterFile) -> Option<u32> {
        Some(file.get(self.tail?.at(queue)) as u32)
    }

    /// The descriptors of a running ring; the ring is halted if they are not in attached memory.
    #[inline]
    pub(crate) fn descriptors<'m>(
        &mut self,
        queue: u32,
        memory: &'m MemoryMap,
        violations: &mut Violations,
    ) -> Option<Descriptors<'m>> {
        let ring = self.rings.get_mut(queue as usize)?;
        let (base, slots) = ring.runs()?;
        // Otherwise the end mark gives their number.
        let count = self.bytes.map(|_| slots);
        let bytes = u64::from(count.unwrap_or(1)) * DESCRIPTOR;
        let found = match count {
            Some(_) => memory.find(base, bytes as usize),
            None => memory.find_rest(base, bytes as usize),
        };
        let found = found.and_then(|found| Some((found.words()?, found.memory())));
        let Some((words, memory)) = found else {
            violations.push(Violation::DmaOutside {
                ring: ring.name,
                address: base,
                bytes: bytes as u32,
            });
            ring.halt();
            return None;
        };
        Some(Descriptors {
            ring: ring.name,
            base,
            words,
            memory,
            count,
        })
    }

    /// The descriptor after `index`, which may have the end mark. `None` if the ring is invalid; it is then halted.
    #[inline]
    pub(crate) fn after(
        &mut self,
        ring: Descriptors<'_>,
        index: u32,
        marked: bool,
        violations: &mut Violations,
    ) -> Option<u32> {
        match ring.count {
            Some(count) => Some(if index + 1 >= count { 0 } else { index + 1 }),
            None => self.after_marked(ring.ring.queue, index, marked, violations),
        }
    }

    fn after_marked(
        &mut self,
        queue: u32,
        index: u32,
        marked: bool,
        violations: &mut Violations,
    ) -> Option<u32> {
        let (_, slots) = self.rings.get(queue as usize)?.runs()?;
        if !marked && index + 1 < slots {
            return Some(index + 1);
        }
        if !self.has_mark {
            return Some(0);
        }
        let RingLimits { min, multiple, .. } = self.limits;
        let count = index + 1;
        if marked && count >= min && count.is_multiple_of(multiple.max(1)) {
            return Some(0);
        }
        let ring = self.rings.get_mut(queue as usize)?;
        violations.push(match marked {
            true => Violation::RingLength {
                ring: ring.name,
                bytes: u64::from(count) * DESCRIPTOR,
            },
            false => Violation::NoEndOfRing { ring: ring.name },
        });
        ring.halt();
        None
    }

    /// A kick. Returns whether the device may have work now.
    pub(crate) fn kicked(&mut self, queue: u32) -> bool {
        let lossy = self.kick.is_some_and(|kick| kick.lossy);
        let Some(ring) = self.rings.get_mut(queue as usize) else {
            return false;
        };
        if ring.pace != Pace::Idle && lossy {
            return false;
        }
        ring.pace = Pace::Working;
        true
    }

    /// Records a violation for a write to the setup of a running ring.
    pub(crate) fn before_write(
        &self,
        place: Place,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        let Some(ring) = self.rings.get(place.element as usize) else {
            return;
        };
        if ring.runs().is_some() && self.geometry().any(|id| id == place.register) {
            violations.push(Violation::RingChanged {
                ring: ring.name,
                register: file.name(place.register),
            });
        }
    }

    /// The queue of `place`, if it belongs to one queue only.
    fn queue_of(&self, place: Place) -> Option<u32> {
        let mut enable = self.enable.iter();
        let by_queue = enable.any(|field| field.register == place.register && field.is_by_queue());
        (by_queue || self.geometry().any(|id| id == place.register)).then_some(place.element)
    }

    /// Updates which rings run, after a write to `written`, one of [`setup`](Self::setup), or to all of them. Returns
    /// whether a ring was enabled or disabled.
    pub(crate) fn update(
        &mut self,
        written: Option<Place>,
        view: &View<'_>,
        violations: &mut Violations,
    ) -> bool {
        let queue = written.and_then(|place| self.queue_of(place));
        let mut changed = false;
        let all = 0..self.rings.len() as u32;
        for queue in queue.map_or(all, |queue| queue..queue + 1) {
            let Some(ring) = self.rings.get(queue as usize) else {
                continue;
            };
            let (was, name) = (ring.state, ring.name);
            let mut enable = self.enable.iter();
            let enabled = enable.all(|field| view.field(field, queue) == 1);
            let state = match was {
                _ if !enabled => State::Off,
                State::Off | State::Empty => self.enabled(name, view, violations),
                State::Broken | State::Runs(..) => was,
            };
            let ring = &mut self.rings[queue as usize];
            ring.state = state;
            if !matches!(was, State::Runs(..)) && state != was {
                ring.start_over();
            }
            changed |= state != was;
        }
        if changed {
            self.running.clear();
            let running = self.rings.iter().filter(|ring| ring.runs().is_some());
            self.running.extend(running.map(|ring| ring.name.queue));
        }
        changed
    }

    /// The state of a ring that was just enabled.
    fn enabled(&self, ring: RingName, view: &View<'_>, violations: &mut Violations) -> State {
        let get = |register: RegisterId| view.file.get(register.at(ring.queue));
        let (align, bits) = (self.limits.align, self.limits.address_bits);
        let bytes = self.bytes.map(get);
        let base = self.base_high.map_or(0, get) << 32 | get(self.base_low) & 0xffff_ffff;
        if bytes.unwrap_or(base) == 0 {
            return State::Empty;
        }
        if !base.is_multiple_of(u64::from(align.max(1))) {
            violations.push(Violation::RingBase { ring, base, align });
            return State::Broken;
        }
        if bits < 64 && base >> bits != 0 {
            violations.push(Violation::RingBeyond { ring, base, bits });
            return State::Broken;
        }
        let most = self.limits.max;
        let Some(bytes) = bytes else {
            return State::Runs(base, most);
        };
        let slots = u32::try_from(bytes / DESCRIPTOR).unwrap_or(u32::MAX);
        if !bytes.is_multiple_of(DESCRIPTOR) || !self.limits.allows(slots) {
            violations.push(Violation::RingLength { ring, bytes });
            return State::Broken;
        }
        for register in [self.head, self.tail].into_iter().flatten() {
            let value = get(register);
            if value >= u64::from(slots) {
                violations.push(Violation::RingPosition {
                    ring,
                    register: view.file.name(register),
                    value,
                    slots,
                });
                return State::Broken;
            }
        }
        State::Runs(base, slots)
    }

    /// Stops all rings, as a reset does.
    pub(crate) fn stop(&mut self) {
        for ring in &mut self.rings {
            ring.state = State::Off;
            ring.start_over();
        }
        self.running.clear();
    }
}
