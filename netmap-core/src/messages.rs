//! Interrupts by MSI-X.

use crate::{Bus, Fault, Nic, Setup};

/// Interrupts by MSI-X: of the messages that a port was given, the last one tells of everything but queues.
///
/// With [`Setup::messages`] `n`, message `q % n` tells of the queues `q` of both directions, and message `n` of the link
/// and whatever else there is. The defaults are those of a NIC without MSI-X, on which nobody calls them.
#[expect(
    clippy::missing_errors_doc,
    reason = "every sequence fails for the reasons that `Fault` lists"
)]
pub trait Messages: Nic {
    /// Messages that the NIC has, the last one included; 0 without MSI-X.
    const MESSAGES: u32 = 0;

    /// Maps queues to messages and lets them be sent.
    fn messages_on<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault> {
        let _ = (bus, setup);
        Ok(())
    }
    /// What a message of queues asks of its handler, so that the next one is sent.
    fn messages_queue<B: Bus>(&self, bus: &B, message: u32) -> Result<(), Fault> {
        let _ = (bus, message);
        Ok(())
    }
    /// What the last message asks of its handler, so that the next one is sent.
    fn messages_other<B: Bus>(&self, bus: &B) -> Result<(), Fault> {
        let _ = bus;
        Ok(())
    }
}
