//! What is varied from one measurement to the next.

/// One measurement.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Slots of the ring.
    pub slots: u32,
    /// Frames per sync.
    pub batch: u32,
}
