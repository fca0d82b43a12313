//! What a device's port is plugged into.

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

/// What happens to frames that find no room at the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flow {
    /// They wait, and the sender with them: nothing is ever lost.
    #[default]
    Lossless,
    /// They are lost, and counted, as on a real wire.
    Dropping,
}

/// The other side of a device's port. The device calls it with its own lock held, so it must not call the device.
pub trait Wire: Send {
    /// Takes frames from the front of `frames`; those that stay are offered again.
    ///
    /// # Errors
    /// The wire is of no use any more.
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError>;

    /// Adds frames that have arrived to `frames`.
    ///
    /// # Errors
    /// The wire is of no use any more.
    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError>;

    /// Whether frames wait while the device has no room for them.
    fn flow(&self) -> Flow {
        Flow::Lossless
    }

    /// Frames lost on their way to the device since the last call.
    fn lost(&mut self) -> u64 {
        0
    }

    /// Tells how to wake the device: when frames have arrived, and when there is room again after there was none.
    fn plugged(&mut self, waker: Waker) {
        drop(waker);
    }
}

/// A wire that leads nowhere: frames sent are gone, and none arrive.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nowhere;

impl Wire for Nowhere {
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        frames.clear();
        Ok(())
    }

    fn receive(&mut self, _: &mut Batch) -> Result<(), WireError> {
        Ok(())
    }
}
