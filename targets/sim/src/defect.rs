//! Devices that misbehave, for tests of how a driver takes it.

use netmap_core::Direction;

/// One way in which a device can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// No descriptor is worked on any more; registers still answer.
    Stuck,
    /// The same of transmit rings only.
    StuckTransmitter,
    /// The same of receive rings only.
    StuckReceiver,
    /// Every read yields all ones and every write is lost, as when a device was pulled out.
    Gone,
    /// It resets itself once this many more frames were sent and received.
    ResetsAfter(u64),
    /// Causes are noted, and the interrupt line stays down.
    NoInterrupts,
    /// What a burst has finished is written back one descriptor a step, the newest first.
    DoneOutOfOrder,
    /// The next descriptor that is finished in this direction is not written back, and those after it are.
    OldestNeverDone(Direction),
    /// What was finished is written back this many steps later.
    DoneLate(u32),
    /// The head of transmit rings is told to be this, in registers and in memory.
    Head(u32),
    /// Received frames are reported with this length.
    Length(u16),
    /// Received frames have no last descriptor.
    Endless,
    /// Frames come with a wrong CRC: they are reported as damaged and counted as such.
    Damaged,
    /// Frames come with a length that is not theirs: they are reported as damaged and counted as such.
    BadLength,
    /// Frames come too fast to be stored: they are lost and counted as such.
    Overrun,
}

/// What is wrong with every frame that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bad {
    Crc,
    Length,
    Overrun,
}

/// The defects of a device.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Defects {
    pub(crate) stuck_tx: bool,
    pub(crate) stuck_rx: bool,
    pub(crate) gone: bool,
    pub(crate) resets_after: Option<u64>,
    pub(crate) no_interrupts: bool,
    pub(crate) out_of_order: bool,
    pub(crate) withholds: Option<Direction>,
    pub(crate) late: u32,
    pub(crate) head: Option<u32>,
    pub(crate) length: Option<u16>,
    pub(crate) endless: bool,
    pub(crate) bad: Option<Bad>,
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
            Defect::DoneOutOfOrder => self.out_of_order = true,
            Defect::OldestNeverDone(direction) => self.withholds = Some(direction),
            Defect::DoneLate(steps) => self.late = steps,
            Defect::Head(head) => self.head = Some(head),
            Defect::Length(bytes) => self.length = Some(bytes),
            Defect::Endless => self.endless = true,
            Defect::Damaged => self.bad = Some(Bad::Crc),
            Defect::BadLength => self.bad = Some(Bad::Length),
            Defect::Overrun => self.bad = Some(Bad::Overrun),
        }
    }

    /// Counts frames that passed; whether the device resets itself now.
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

    /// Whether write-backs are not simply written.
    pub(crate) fn delays(&self) -> bool {
        self.out_of_order || self.late > 0
    }
}
