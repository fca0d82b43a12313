//! Interrupt causes, their mask, and the interrupt line.

use netmap_core::Direction;
use netmap_core::model::InterruptModel;

use crate::error::ModelError;
use crate::registers::{Bits, RegisterFile, RegisterId};

/// An event that raises causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happened {
    /// Frames were sent and reported, or received, on these queues, as bits.
    Frames(Direction, u128),
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
    /// The causes that the last access returned and acknowledged.
    pub(crate) just_read: u64,
    // Fields of the cause register: one bit, or one bit for each of several queues.
    tx: Option<Bits>,
    rx: Option<Bits>,
    link: Option<Bits>,
    line: bool,
    /// Whether the line rose since it was last asked.
    pub(crate) rose: bool,
}

impl Interrupts {
    pub(crate) fn new(
        model: &InterruptModel,
        file: &RegisterFile,
    ) -> Result<Interrupts, ModelError> {
        let cause = file.register(model.cause, "interrupts.cause")?;
        let usual = |names: &[&str]| {
            let fields = names
                .iter()
                .map(|name| file.bits(cause, name, "interrupts"));
            let fields: Vec<_> = fields.collect::<Result<_, ModelError>>()?;
            Ok(fields.first().copied())
        };
        Ok(Interrupts {
            cause,
            mask_set: file.register(model.mask_set, "interrupts.mask_set")?,
            mask_clear: file.register(model.mask_clear, "interrupts.mask_clear")?,
            clears_on_read: model.clears_on_read,
            just_read: 0,
            tx: usual(model.tx)?,
            rx: usual(model.rx)?,
            link: usual(model.link)?,
            line: false,
            rose: false,
        })
    }

    /// Raises the causes of an event.
    pub(crate) fn raise(&mut self, happened: Happened, file: &mut RegisterFile) {
        let of_queues = |cause: Option<Bits>, queues: u128| {
            let cause = cause?;
            let bits = ones(queues).map(|queue| cause.put(0, 1 << (queue % cause.width())));
            Some(bits.fold(0, |all, bit| all | bit))
        };
        let raised = match happened {
            Happened::Frames(Direction::Tx, queues) => of_queues(self.tx, queues),
            Happened::Frames(Direction::Rx, queues) => of_queues(self.rx, queues),
            Happened::Link => of_queues(self.link, 1),
            Happened::Anything(bits) => Some(bits),
        };
        let Some(raised) = raised else { return };
        let place = self.cause.first();
        file.set(place, file.get(place) | raised);
        self.update(file);
    }

    /// After a read of the cause register that returned `seen`.
    pub(crate) fn after_read(&mut self, seen: u64, file: &mut RegisterFile) {
        if self.clears_on_read {
            self.just_read = seen;
            file.set(self.cause.first(), 0);
        }
        self.update(file);
    }

    /// A write to the register that sets bits of the mask.
    pub(crate) fn set_mask(&mut self, value: u64, file: &mut RegisterFile) {
        let mask = self.mask_set.first();
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
        let mask = self.mask_set.first();
        file.set(mask, file.get(mask) & !value);
        file.set(self.mask_clear.first(), 0);
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
        file.get(self.cause.first()) & self.unmasked(file)
    }

    /// Causes that are unmasked.
    pub(crate) fn unmasked(&self, file: &RegisterFile) -> u64 {
        file.get(self.mask_set.first())
    }

    /// The bits of the cause that the link raises.
    pub(crate) fn link_bits(&self) -> u64 {
        self.link.map_or(0, Bits::mask)
    }
}

/// The numbers of the bits that are set.
pub(crate) fn ones(bits: impl Into<u128>) -> impl Iterator<Item = u32> {
    let bits = bits.into();
    (0..128).filter(move |bit| bits >> bit & 1 == 1)
}
