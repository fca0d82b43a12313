//! Interrupts by MSI-X.

use crate::{Bus, Fault, Nic, Setup};

/// Interrupts by MSI-X: the last of a port's messages reports everything except queues.
///
/// With [`Setup::messages`] `n`, message `q % n` reports queue `q` of both directions, and message `n` reports the link
/// and everything else. The defaults are for a NIC without MSI-X, on which they are never called.
#[expect(
    clippy::missing_errors_doc,
    reason = "every sequence fails for the reasons that `Fault` lists"
)]
pub trait Messages: Nic {
    /// The number of the NIC's messages, including the last one; 0 without MSI-X.
    const MESSAGES: u32 = 0;

    /// Maps queues to messages and enables them.
    fn messages_on<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault> {
        let _ = (bus, setup);
        Ok(())
    }
    /// Handles a message for queues, so that the next one can be sent.
    fn messages_queue<B: Bus>(&self, bus: &B, message: u32) -> Result<(), Fault> {
        let _ = (bus, message);
        Ok(())
    }
    /// Handles the last message, so that the next one can be sent.
    fn messages_other<B: Bus>(&self, bus: &B) -> Result<(), Fault> {
        let _ = bus;
        Ok(())
    }
}
