//! Interrupt causes, their mask, and the interrupt line.

use netmap_core::model::{FieldModel, InterruptModel};

use crate::error::ModelError;
use crate::registers::{Bits, Place, RegisterFile, RegisterId};

/// An event that raises causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happened {
    /// Frames were sent and reported, on these queues, as bits.
    Sent(u128),
    /// Frames were received, on these queues, as bits.
    Received(u128),
    /// The link went up or down.
    Link,
    /// Any event that raises these bits.
    Anything(u64),
}

/// The interrupt registers.
#[derive(Debug)]
pub(crate) struct Interrupts {
    pub(crate) cause: RegisterId,
    pub(crate) mask_set: RegisterId,
    pub(crate) mask_clear: RegisterId,
    pub(crate) clears_on_read: bool,
    /// The causes that a read returned and acknowledged, if that was the last access.
    just_read: Option<u64>,
    tx: Option<Cause>,
    rx: Option<Cause>,
    link: Option<Cause>,
    line: bool,
    rose: bool,
}

/// A field of the cause register: one bit, or one bit for each of several queues.
#[derive(Debug, Clone, Copy)]
struct Cause {
    bits: Bits,
    low: u8,
    width: u8,
}

impl Interrupts {
    pub(crate) fn new(
        model: &InterruptModel,
        file: &RegisterFile,
    ) -> Result<Interrupts, ModelError> {
        let cause = file.register(model.cause, "interrupts.cause")?;
        let usual = |names: &[&'static str]| -> Result<Option<Cause>, ModelError> {
            for name in names {
                file.bits(cause, name, "interrupts")?;
            }
            let fields: &[FieldModel] = file.model(cause).fields;
            Ok(names
                .first()
                .and_then(|name| fields.iter().find(|field| field.name == *name))
                .map(|field| Cause {
                    bits: Bits::new(field.low, field.width),
                    low: field.low,
                    width: field.width,
                }))
        };
        Ok(Interrupts {
            cause,
            mask_set: file.register(model.mask_set, "interrupts.mask_set")?,
            mask_clear: file.register(model.mask_clear, "interrupts.mask_clear")?,
            clears_on_read: model.clears_on_read,
            just_read: None,
            tx: usual(model.tx)?,
            rx: usual(model.rx)?,
            link: usual(model.link)?,
            line: false,
            rose: false,
        })
    }

    /// Raises the causes of an event.
    pub(crate) fn raise(&mut self, happened: Happened, file: &mut RegisterFile) {
        let of_queues = |cause: Option<Cause>, queues: u128| {
            let cause = cause?;
            let queues = (0..128).filter(|queue| queues >> queue & 1 == 1);
            let bits = queues.map(|queue| 1 << (cause.low + queue % cause.width));
            Some(bits.fold(0, |all, bit: u64| all | bit) & cause.bits.mask())
        };
        let raised = match happened {
            Happened::Sent(queues) => of_queues(self.tx, queues),
            Happened::Received(queues) => of_queues(self.rx, queues),
            Happened::Link => of_queues(self.link, 1),
            Happened::Anything(bits) => Some(bits),
        };
        let Some(raised) = raised else { return };
        let place = first(self.cause);
        file.set(place, file.get(place) | raised);
        self.update(file);
    }

    /// Takes the causes that the last access returned and acknowledged; called before the next access.
    pub(crate) fn take_just_read(&mut self) -> u64 {
        self.just_read.take().unwrap_or(0)
    }

    /// After a read of the cause register that returned `seen`.
    pub(crate) fn after_read(&mut self, seen: u64, file: &mut RegisterFile) {
        if self.clears_on_read {
            self.just_read = Some(seen);
            file.set(first(self.cause), 0);
        }
        self.update(file);
    }

    /// A write to the register that sets bits of the mask.
    pub(crate) fn set_mask(&mut self, value: u64, file: &mut RegisterFile) {
        let mask = first(self.mask_set);
        if self.mask_set == self.mask_clear {
            // A single register holds the mask itself.
            file.set(mask, value);
        } else {
            file.set(mask, file.get(mask) | value);
        }
        self.update(file);
    }

    /// A write to the register that clears bits of the mask.
    pub(crate) fn clear_mask(&mut self, value: u64, file: &mut RegisterFile) {
        let mask = first(self.mask_set);
        file.set(mask, file.get(mask) & !value);
        file.set(first(self.mask_clear), 0);
        self.update(file);
    }

    /// Recomputes the line.
    pub(crate) fn update(&mut self, file: &RegisterFile) {
        let line = self.active(file) != 0;
        self.rose |= line && !self.line;
        self.line = line;
    }

    /// Causes that are raised and unmasked.
    pub(crate) fn active(&self, file: &RegisterFile) -> u64 {
        file.get(first(self.cause)) & file.get(first(self.mask_set))
    }

    /// The bits of the cause that the link raises.
    pub(crate) fn link_bits(&self) -> u64 {
        self.link.map_or(0, |cause| cause.bits.mask())
    }

    /// Whether the line rose since the last call.
    pub(crate) fn take_rise(&mut self) -> bool {
        std::mem::take(&mut self.rose)
    }
}

pub(crate) fn first(register: RegisterId) -> Place {
    Place {
        register,
        element: 0,
    }
}
