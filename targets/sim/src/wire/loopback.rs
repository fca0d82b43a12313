//! A loopback wire: every frame returns to its sender.

use super::{Batch, Flow, Wire};
use crate::error::WireError;

/// Frames between transmitter and receiver.
const DEPTH: usize = 1024;

/// A wire on which a device receives its own frames.
#[derive(Debug, Default)]
pub struct Loopback {
    flow: Flow,
    frames: Batch,
    lost: u64,
}

impl Loopback {
    /// A loopback on which the transmitter waits for the receiver.
    pub fn new() -> Loopback {
        Loopback::default()
    }

    /// A loopback that drops frames without room.
    pub fn dropping() -> Loopback {
        Loopback {
            flow: Flow::Dropping,
            ..Loopback::default()
        }
    }
}

impl Wire for Loopback {
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        let room = DEPTH.saturating_sub(self.frames.len());
        frames.move_to(&mut self.frames, room);
        if self.flow == Flow::Dropping {
            self.lost += frames.len() as u64;
            frames.clear();
        }
        Ok(())
    }

    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        self.frames.move_to(frames, usize::MAX);
        Ok(())
    }

    fn flow(&self) -> Flow {
        self.flow
    }

    fn lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }
}
