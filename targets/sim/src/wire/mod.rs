//! Wires: what a device's port is connected to.

mod batch;
mod cable;
mod capture;
mod loopback;

pub use batch::Batch;
pub use cable::{Cable, CableEnd, Socket, cable};
pub use capture::{
    BadFrame, Capture, CaptureError, CaptureFailure, CaptureReader, CaptureUse, CaptureWriter,
    Next, Records, Tally,
};
pub use loopback::Loopback;

use std::fmt;

use crate::error::WireError;
use crate::signal::Waker;

/// What happens to frames without room at the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flow {
    /// They wait, and so does the sender: no frame is lost.
    #[default]
    Lossless,
    /// They are dropped and counted, as on a real wire.
    Dropping,
}

/// Frames that got lost for one reason; as text, their number and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What happened to them, to follow their number in a message.
    pub why: String,
    /// Their number.
    pub frames: u64,
}

impl Loss {
    /// `frames` frames that got lost because of `why`.
    pub fn new(frames: u64, why: impl Into<String>) -> Loss {
        let why = why.into();
        Loss { why, frames }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.frames, self.why)
    }
}

/// The other side of a device's port. The device calls it with its own lock held, so it must not call the device.
pub trait Wire: Send {
    /// Prepares the wire for its first frame. Outputs are replaced here, once everything else is known to work.
    ///
    /// # Errors
    /// The wire has failed.
    fn begin(&mut self) -> Result<(), WireError> {
        Ok(())
    }

    /// Takes frames from the front of `frames`; the remaining frames are offered again.
    ///
    /// # Errors
    /// The wire has failed.
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError>;

    /// Adds frames that have arrived to `frames`.
    ///
    /// # Errors
    /// The wire has failed.
    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError>;

    /// Whether frames wait while the device has no room for them.
    fn flow(&self) -> Flow {
        Flow::Lossless
    }

    /// Whether there is something at the other end. A device has a link only while there is.
    fn is_connected(&self) -> bool {
        true
    }

    /// Frames lost on their way to the device since the last call.
    fn lost(&mut self) -> u64 {
        0
    }

    /// Sent frames that got lost on the wire so far, by reason.
    fn losses(&self) -> Vec<Loss> {
        Vec::new()
    }

    /// Tries again to write frames that were taken and that an output has not accepted. Returns how many it has not
    /// accepted still.
    ///
    /// # Errors
    /// The wire has failed.
    fn waiting(&mut self) -> Result<u64, WireError> {
        Ok(0)
    }

    /// Whether the capture that it replays, if any, has been delivered.
    fn has_ended(&self) -> bool {
        true
    }

    /// What happened to frames besides arriving or leaving, for a program's last line.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Provides the waker to call when frames have arrived, and when there is room again.
    fn plugged(&mut self, waker: Waker) {
        drop(waker);
    }
}
