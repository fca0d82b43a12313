//! Devices that misbehave, for tests of how a driver takes it.

/// One way in which a device can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// No descriptor is worked on any more; registers still answer.
    Stuck,
    /// Every read yields all ones and every write is lost, as when a device was pulled out.
    Gone,
    /// What a burst has finished is written back one descriptor a step, the newest first.
    DoneOutOfOrder,
    /// What was finished is written back this many steps later.
    DoneLate(u32),
    /// Received frames are reported with this length.
    Length(u16),
    /// Received frames are reported as damaged.
    Damaged,
}

/// The defects of a device.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Defects {
    pub(crate) stuck: bool,
    pub(crate) gone: bool,
    pub(crate) out_of_order: bool,
    pub(crate) late: u32,
    pub(crate) length: Option<u16>,
    pub(crate) damaged: bool,
}

impl Defects {
    pub(crate) fn add(&mut self, defect: Defect) {
        match defect {
            Defect::Stuck => self.stuck = true,
            Defect::Gone => self.gone = true,
            Defect::DoneOutOfOrder => self.out_of_order = true,
            Defect::DoneLate(steps) => self.late = steps,
            Defect::Length(bytes) => self.length = Some(bytes),
            Defect::Damaged => self.damaged = true,
        }
    }
}
