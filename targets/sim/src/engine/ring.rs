//! Rings as the device sees them: registers, whether they run, and what they may not be.

use netmap_core::Direction;
use netmap_core::model::RingModel;

use crate::error::ModelError;
use crate::follows::View;
use crate::registers::{Field, Place, RegisterFile, RegisterId};
use crate::violations::{RingName, Violation, Violations};

/// Bytes of a descriptor.
pub(crate) const DESCRIPTOR: u64 = 16;

/// All rings of one direction.
#[derive(Debug)]
pub(crate) struct Rings {
    pub(crate) base_low: RegisterId,
    pub(crate) base_high: RegisterId,
    pub(crate) bytes: RegisterId,
    pub(crate) head: RegisterId,
    pub(crate) tail: RegisterId,
    enable: Vec<Field>,
    slots: (u32, u32, u32),
    align: u32,
    pub(crate) rings: Vec<Ring>,
    /// Queues whose ring runs.
    pub(crate) running: Vec<u32>,
}

/// One ring.
#[derive(Debug)]
pub(crate) struct Ring {
    pub(crate) name: RingName,
    state: State,
}

/// What a ring does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not enabled.
    Off,
    /// Enabled without memory, as all queues are that nobody uses where one field enables all of them.
    Empty,
    /// Enabled with what the hardware forbids.
    Broken,
    /// Enabled, with this base and number of descriptors.
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

    /// Stops it until it is enabled again.
    pub(crate) fn halt(&mut self) {
        self.state = State::Broken;
    }
}

impl Rings {
    pub(crate) fn new(
        model: &RingModel,
        direction: Direction,
        file: &RegisterFile,
    ) -> Result<Rings, ModelError> {
        let register = |name: &str| {
            let id = file.register(name, "ring")?;
            if file.count(id) < model.queues {
                return Err(ModelError::NoElement {
                    register: name.to_owned(),
                    element: model.queues - 1,
                    wanted_by: "ring",
                });
            }
            Ok(id)
        };
        Ok(Rings {
            base_low: register(model.base_low)?,
            base_high: register(model.base_high)?,
            bytes: register(model.bytes)?,
            head: register(model.head)?,
            tail: register(model.tail)?,
            enable: model
                .enable
                .iter()
                .map(|name| file.field(name, model.queues, "ring.enable"))
                .collect::<Result<_, _>>()?,
            slots: model.slots,
            align: model.align,
            rings: (0..model.queues)
                .map(|queue| Ring {
                    name: RingName { direction, queue },
                    state: State::Off,
                })
                .collect(),
            running: Vec::new(),
        })
    }

    /// The registers on which it depends whether a ring runs.
    pub(crate) fn setup(&self) -> impl Iterator<Item = RegisterId> {
        let enable = self.enable.iter().map(|field| field.register);
        self.geometry().into_iter().chain(enable)
    }

    fn geometry(&self) -> [RegisterId; 4] {
        [self.base_low, self.base_high, self.bytes, self.head]
    }

    pub(crate) fn head(&self, queue: u32) -> Place {
        Place {
            register: self.head,
            element: queue,
        }
    }

    pub(crate) fn tail(&self, queue: u32) -> Place {
        Place {
            register: self.tail,
            element: queue,
        }
    }

    /// Complains of a write to what a running ring stands on.
    pub(crate) fn before_write(
        &self,
        place: Place,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        let Some(ring) = self.rings.get(place.element as usize) else {
            return;
        };
        if ring.runs().is_some() && self.geometry().contains(&place.register) {
            violations.push(Violation::RingChanged {
                ring: ring.name,
                register: file.name(place.register),
            });
        }
    }

    /// The queue that a write to `place` is about, if it is about one only.
    fn queue_of(&self, place: Place) -> Option<u32> {
        let by_queue = self
            .enable
            .iter()
            .any(|field| field.register == place.register && field.is_by_queue());
        (by_queue || self.geometry().contains(&place.register)).then_some(place.element)
    }

    /// Looks again at which rings run after `written`, one of [`setup`](Self::setup), was written, or all of them were;
    /// whether a ring was turned on or off.
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
            let enabled = self
                .enable
                .iter()
                .all(|field| view.field(field, queue) == 1);
            let state = match was {
                _ if !enabled => State::Off,
                State::Off | State::Empty => self.enabled(name, view, violations),
                State::Broken | State::Runs(..) => was,
            };
            self.rings[queue as usize].state = state;
            changed |= state != was;
        }
        if changed {
            self.running.clear();
            let running = self.rings.iter().filter(|ring| ring.runs().is_some());
            self.running.extend(running.map(|ring| ring.name.queue));
        }
        changed
    }

    /// What a ring does that was just enabled.
    fn enabled(&self, ring: RingName, view: &View<'_>, violations: &mut Violations) -> State {
        let get = |register| {
            view.file.get(Place {
                register,
                element: ring.queue,
            })
        };
        let bytes = get(self.bytes);
        if bytes == 0 {
            return State::Empty;
        }
        let base = get(self.base_high) << 32 | get(self.base_low) & 0xffff_ffff;
        if !base.is_multiple_of(u64::from(self.align.max(1))) {
            violations.push(Violation::RingBase {
                ring,
                base,
                align: self.align,
            });
            return State::Broken;
        }
        let (fewest, most, multiple) = self.slots;
        let slots = u32::try_from(bytes / DESCRIPTOR).unwrap_or(u32::MAX);
        if !bytes.is_multiple_of(DESCRIPTOR)
            || !(fewest..=most).contains(&slots)
            || !slots.is_multiple_of(multiple.max(1))
        {
            violations.push(Violation::RingLength { ring, bytes });
            return State::Broken;
        }
        for register in [self.head, self.tail] {
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
        }
        self.running.clear();
    }
}
