//! MSI-X: which message an event has, and when it is sent.

use netmap_core::Direction;
use netmap_core::model::MessageModel;

use super::interrupts::{Happened, Interrupts, ones};
use crate::error::ModelError;
use crate::follows::{Follows, View, registers_of};
use crate::registers::{Bits, Field, Place, RegisterFile, RegisterId};
use crate::simulated::Simulated;
use crate::violations::{Violation, Violations};

/// The messages of a device with MSI-X.
#[derive(Debug)]
pub(crate) struct Messages {
    model: &'static MessageModel,
    /// Messages of the table.
    count: u32,
    when: Option<Field>,
    cause: RegisterId,
    mask_set: RegisterId,
    /// The register that clears bits of the mask.
    pub(crate) mask_clear: RegisterId,
    auto_clear: RegisterId,
    /// Messages that clear their cause only if enabled; the others always do.
    asked: u64,
    due: Due,
    /// How many the system has allocated to the device; 0 while MSI-X is off.
    allocated: u32,
    /// Of the due messages, those already sent.
    reported: u64,
    /// Causes of the last message that were already sent.
    others: u64,
    /// Messages sent since the device was last asked, as bits.
    pub(crate) sent: u64,
}

/// Where the device stores due messages.
#[derive(Debug, Clone, Copy)]
enum Due {
    /// Bit `m` for message `m`.
    Numbered(u64),
    /// In the cause register, a bit for each queue and one for the rest.
    Causes { rx: Bits, tx: Bits, other: Bits },
}

/// The device state that messages depend on, besides their own registers.
pub(crate) struct Around<'a> {
    pub(crate) interrupts: &'a Interrupts,
    pub(crate) file: &'a mut RegisterFile,
    pub(crate) follows: &'a Follows,
    /// Whether there is a link partner.
    pub(crate) linked: bool,
    pub(crate) violations: &'a mut Violations,
}

/// What a message reports.
#[derive(Debug, Clone, Copy)]
enum Source {
    Queue(Direction, u32),
    Other,
}

impl Messages {
    /// The messages of a model with MSI-X; the device's own cause and mask are in `interrupts`.
    pub(crate) fn new(
        simulated: Simulated,
        file: &RegisterFile,
    ) -> Result<Option<Messages>, ModelError> {
        const WANTED: &str = "interrupts.messages";
        let Some(model) = &simulated.model.interrupts.messages else {
            return Ok(None);
        };
        for entry in [model.rx, model.tx, model.other] {
            registers_of(entry, simulated, file, WANTED)?;
        }
        let cause = file.register(model.cause, WANTED)?;
        let due = match &model.causes {
            Some(causes) => Due::Causes {
                rx: file.bits(cause, causes.rx, WANTED)?,
                tx: file.bits(cause, causes.tx, WANTED)?,
                other: file.bits(cause, causes.other, WANTED)?,
            },
            None => Due::Numbered(0),
        };
        let auto_clear = file.register(model.auto_clear, WANTED)?;
        let when = model.when.as_ref();
        Ok(Some(Messages {
            model,
            count: simulated.variant.limits.messages,
            when: when.map(|when| file.field(when, 1, WANTED)).transpose()?,
            cause,
            mask_set: file.register(model.mask_set, WANTED)?,
            mask_clear: file.register(model.mask_clear, WANTED)?,
            auto_clear,
            asked: match model.auto_field {
                "" => u64::MAX,
                field => file.bits(auto_clear, field, WANTED)?.mask(),
            },
            due,
            allocated: 0,
            reported: 0,
            others: 0,
            sent: 0,
        }))
    }

    /// Allocates `count` messages to the device; 0 disables MSI-X. Returns whether the device has so many.
    pub(crate) fn allocate(&mut self, count: u32) -> bool {
        let has = count <= self.count;
        self.allocated = if has { count } else { 0 };
        self.clear();
        has
    }

    /// Clears all due messages, as a reset does.
    pub(crate) fn clear(&mut self) {
        if let Due::Numbered(due) = &mut self.due {
            *due = 0;
        }
        (self.reported, self.others) = (0, 0);
    }

    /// Whether MSI-X is on.
    pub(crate) fn is_enabled(&self) -> bool {
        self.allocated > 0
    }

    /// Whether the map of messages is in use; without it the first message reports everything.
    pub(crate) fn maps(&self, file: &RegisterFile) -> bool {
        let when = self.when.as_ref();
        self.is_enabled() && when.is_none_or(|when| when.bits.get(file.get(when.place(0))) != 0)
    }

    /// The event that raises causes while there is a single interrupt. If the map can be switched to messages, it names
    /// a cause for each queue, or none, until it is switched.
    pub(crate) fn by_cause(&self, happened: Happened, view: &View<'_>) -> Happened {
        if self.when.is_none() {
            return happened;
        }
        let Happened::Frames(direction, queues) = happened else {
            return happened;
        };
        let sources = ones(queues).map(|queue| Source::Queue(direction, queue));
        let causes = sources.filter_map(|source| self.named(source, view));
        Happened::Frames(direction, causes.fold(0, |all, cause| all | 1 << cause))
    }

    /// Makes the messages of an event on queues due.
    pub(crate) fn raise(&mut self, happened: Happened, around: &mut Around<'_>) {
        let Happened::Frames(direction, queues) = happened else {
            return;
        };
        for queue in ones(queues) {
            match self.due {
                Due::Causes { rx, tx, .. } => {
                    let bits = if direction == Direction::Rx { rx } else { tx };
                    let place = self.cause.first();
                    let raised = bits.put(0, 1 << queue);
                    around.file.set(place, around.file.get(place) | raised);
                }
                Due::Numbered(due) => {
                    let message = self.message(Source::Queue(direction, queue), around);
                    self.due = Due::Numbered(due | message.map_or(0, |message| 1 << message));
                }
            }
        }
    }

    /// A register was read, or ones were written to it: clears these bits of the sent messages, too. Returns whether
    /// the register is the cause.
    pub(crate) fn acknowledged(&mut self, register: RegisterId, bits: u64) -> bool {
        if register != self.cause {
            return false;
        }
        if let Due::Numbered(due) = &mut self.due {
            *due &= !bits;
        }
        true
    }

    /// The violation of a read of the cause, if it must not be read now.
    pub(crate) fn violated(&self, register: RegisterId, file: &RegisterFile) -> Option<Violation> {
        let clears = register == self.cause && file.get(self.auto_clear.first()) != 0;
        (self.is_enabled() && clears).then(|| Violation::CauseRead {
            register: file.name(register),
            section: self.model.section,
        })
    }

    /// Sends messages that are due, unmasked and not yet sent.
    pub(crate) fn update(&mut self, around: &mut Around<'_>) {
        self.check_others(around);
        let mask = self.mask(around.file);
        let auto_clear = around.file.get(self.auto_clear.first()) | !self.asked;
        let (due, ours) = match self.due {
            Due::Numbered(due) => (due, u64::MAX),
            Due::Causes { rx, tx, other } => {
                let ours = rx.mask() | tx.mask() | other.mask();
                (around.file.get(self.cause.first()), ours)
            }
        };
        let active = due & mask & ours;
        let fresh = active & !self.reported;
        for bit in ones(fresh) {
            let queue = |bits: Bits| bits.get(1 << bit).trailing_zeros();
            let source = match self.due {
                Due::Numbered(_) => None,
                Due::Causes { rx, .. } if rx.mask() >> bit & 1 == 1 => {
                    Some(Source::Queue(Direction::Rx, queue(rx)))
                }
                Due::Causes { tx, .. } if tx.mask() >> bit & 1 == 1 => {
                    Some(Source::Queue(Direction::Tx, queue(tx)))
                }
                Due::Causes { .. } => Some(Source::Other),
            };
            let message = source.map_or(Some(bit), |source| self.message(source, around));
            if let Some(message) = message {
                self.send(message, around.violations);
            }
        }
        let cleared = fresh & auto_clear;
        match &mut self.due {
            Due::Numbered(due) => *due &= !cleared,
            Due::Causes { .. } => around.file.set(self.cause.first(), due & !cleared),
        }
        self.reported = active & !cleared;
        if self.model.masks {
            self.unmask(cleared, around.file);
        }
    }

    /// Raises the last message for the other causes, from the register that reports them in every mode.
    fn check_others(&mut self, around: &mut Around<'_>) {
        let Around {
            interrupts, file, ..
        } = around;
        let apart = interrupts.cause != self.cause;
        let active = match apart {
            true => interrupts.active(file),
            false => interrupts.active(file) & interrupts.link_bits(),
        };
        let rose = active & !self.others != 0;
        self.others = active;
        if !rose {
            return;
        }
        if let Due::Causes { other, .. } = self.due {
            file.put(self.cause.first(), other, u64::MAX);
        } else if let Some(message) = self.message(Source::Other, around) {
            match &mut self.due {
                Due::Numbered(due) if apart => *due |= 1 << message,
                _ => self.send(message, around.violations),
            }
        }
    }

    /// The message that reports `source`, if any.
    fn message(&self, source: Source, around: &Around<'_>) -> Option<u32> {
        let view = View::new(around.file, around.follows, around.linked);
        self.named(source, &view)
    }

    /// The message in the map's entry, if the entry is valid.
    fn named(&self, source: Source, view: &View<'_>) -> Option<u32> {
        let (entry, queue) = match source {
            Source::Queue(Direction::Rx, queue) => (self.model.rx, queue),
            Source::Queue(Direction::Tx, queue) => (self.model.tx, queue),
            Source::Other => (self.model.other, 0),
        };
        let entry = entry(view, queue);
        let named = entry & ((1 << self.model.valid) - 1);
        (entry >> self.model.valid & 1 == 1).then_some(named as u32)
    }

    fn send(&mut self, message: u32, violations: &mut Violations) {
        if message < self.allocated {
            self.sent |= 1 << message;
        } else {
            violations.push(Violation::NoMessage {
                message,
                count: self.allocated,
            });
        }
    }

    /// Unmasked bits of all elements, in order.
    fn mask(&self, file: &RegisterFile) -> u64 {
        let places = self.mask_places(file);
        places.fold(0, |mask, (place, shift)| mask | file.get(place) << shift)
    }

    /// A write to the register that masks.
    pub(crate) fn masked(&mut self, written: Place, value: u64, file: &mut RegisterFile) {
        file.set(written, 0);
        self.unmask(value << (32 * written.element), file);
    }

    /// Clears these bits of the mask.
    fn unmask(&self, bits: u64, file: &mut RegisterFile) {
        for (place, shift) in self.mask_places(file) {
            file.set(place, file.get(place) & !(bits >> shift));
        }
    }

    fn mask_places(&self, file: &RegisterFile) -> impl Iterator<Item = (Place, u32)> + use<> {
        let places = file.places(self.mask_set).take(2);
        places.map(|place| (place, 32 * place.element))
    }
}
