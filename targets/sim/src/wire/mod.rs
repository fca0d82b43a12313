//! Wires: what a device's port is connected to.

mod batch;
mod cable;
mod capture;
mod loopback;

pub use batch::Batch;
pub use cable::{CableEnd, Socket, cable};
pub use capture::Capture;
pub use loopback::Loopback;

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

/// The other side of a device's port. The device calls it with its own lock held, so it must not call the device.
pub trait Wire: Send {
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

    /// Frames lost on their way to the device since the last call.
    fn lost(&mut self) -> u64 {
        0
    }

    /// Provides the waker to call when frames have arrived, and when there is room again.
    fn plugged(&mut self, waker: Waker) {
        drop(waker);
    }
}
