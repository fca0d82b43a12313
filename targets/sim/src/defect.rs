//! Fault injection: ways in which a device can misbehave.

use netmap_core::Direction;

/// An injected fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// No descriptor is processed; registers still respond.
    Stuck,
    /// The same for transmit rings only.
    StuckTransmitter,
    /// The same for receive rings only.
    StuckReceiver,
    /// Every read returns all ones and every write is lost, as if the device was removed.
    Gone,
    /// The device resets itself after this many more frames were sent and received.
    ResetsAfter(u64),
    /// Causes are raised, but the interrupt line stays low.
    NoInterrupts,
    /// All other unmasked causes come right after the next read of the cause register.
    CausesAfterRead,
    /// The completed descriptors of a burst are written back one per step, the newest first.
    DoneOutOfOrder,
    /// The next completed descriptor of this direction is not written back, but later ones are.
    OldestNeverDone(Direction),
    /// Completed descriptors are written back this many steps later.
    DoneLate(u32),
    /// The reported head of transmit rings is this value, in registers and in memory.
    Head(u32),
    /// Received frames are reported with this length.
    Length(u16),
    /// Received frames have no last descriptor.
    Endless,
    /// Frames arrive with a wrong CRC: they are reported and counted as damaged.
    Damaged,
    /// Frames arrive with a wrong length: they are reported as damaged and counted as length errors.
    BadLength,
    /// Frames arrive too fast to be stored: they are lost and counted as overruns.
    Overrun,
    /// Every frame reaches this receive queue, whatever its hash.
    ReceivesOn(u32),
    /// Doorbells of transmit rings are lost while the link is down.
    ForgetsDoorbells,
    /// No frame can be sent: each is finished and reported as such.
    Unsendable,
}

/// The error of every arriving frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bad {
    Crc,
    Length,
    Overrun,
}

/// The active faults of a device.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Defects {
    pub(crate) stuck_tx: bool,
    pub(crate) stuck_rx: bool,
    pub(crate) gone: bool,
    pub(crate) resets_after: Option<u64>,
    pub(crate) no_interrupts: bool,
    pub(crate) causes_after_read: bool,
    pub(crate) out_of_order: bool,
    pub(crate) withholds: Option<Direction>,
    pub(crate) late: u32,
    pub(crate) head: Option<u32>,
    pub(crate) length: Option<u16>,
    pub(crate) endless: bool,
    pub(crate) bad: Option<Bad>,
    pub(crate) receives_on: Option<u32>,
    pub(crate) forgets_doorbells: bool,
    pub(crate) unsendable: bool,
}

impl Defects {
    pub(crate) fn add(&mut self, defect: Defect) {
        match defect {
            Defect::Stuck => (self.stuck_tx, self.stuck_rx) = (true, true),
            Defect::StuckTransmitter => self.stuck_tx = true,
            Defect::StuckReceiver => self.stuck_rx = true,
            Defect::Gone => self.gone = true,
            Defect::ResetsAfter(frames) => self.resets_after = Some(frames),
            Defect::NoInterrupts => self.no_interrupts = true,
            Defect::CausesAfterRead => self.causes_after_read = true,
            Defect::DoneOutOfOrder => self.out_of_order = true,
            Defect::OldestNeverDone(direction) => self.withholds = Some(direction),
            Defect::DoneLate(steps) => self.late = steps,
            Defect::Head(head) => self.head = Some(head),
            Defect::Length(bytes) => self.length = Some(bytes),
            Defect::Endless => self.endless = true,
            Defect::Damaged => self.bad = Some(Bad::Crc),
            Defect::BadLength => self.bad = Some(Bad::Length),
            Defect::Overrun => self.bad = Some(Bad::Overrun),
            Defect::ReceivesOn(queue) => self.receives_on = Some(queue),
            Defect::ForgetsDoorbells => self.forgets_doorbells = true,
            Defect::Unsendable => self.unsendable = true,
        }
    }

    /// Counts passed frames. Returns whether the device resets itself now.
    pub(crate) fn passed(&mut self, frames: u64) -> bool {
        let Some(left) = &mut self.resets_after else {
            return false;
        };
        *left = left.saturating_sub(frames);
        if *left > 0 {
            return false;
        }
        self.resets_after = None;
        true
    }

    /// Whether write-backs are delayed or reordered.
    pub(crate) fn delays(&self) -> bool {
        self.out_of_order || self.late > 0
    }
}
