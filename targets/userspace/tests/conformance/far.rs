//! The far end of a port's wire.

use std::time::{Duration, Instant};

use netmap_sim::wire::Socket;
use netmap_userspace::bus::qemu::Wire;

use crate::bench::LONG;

/// The far end of a port's wire: frames sent here arrive at the port, on any bus.
pub enum Far {
    Sim(Socket),
    Qemu(Wire),
}

impl Far {
    /// Sends a frame if there is room on the wire now. Returns whether there was.
    pub fn offer(&mut self, frame: &[u8]) -> bool {
        match self {
            Far::Sim(socket) => socket.send(frame),
            Far::Qemu(wire) => wire.offer(frame).expect("a wire with two ends"),
        }
    }

    /// Sends a frame when there is room on the wire.
    pub fn send(&mut self, frame: &[u8]) {
        let since = Instant::now();
        while !self.offer(frame) {
            assert!(since.elapsed() < LONG, "the NIC takes no frame");
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// The next frame that has arrived.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        match self {
            Far::Sim(socket) => socket.receive(),
            Far::Qemu(wire) => wire.recv(Duration::ZERO),
        }
    }

    /// The next frame; waits for it at most for `within`.
    pub fn receive_within(&mut self, within: Duration) -> Option<Vec<u8>> {
        match self {
            Far::Sim(socket) => socket.receive_within(within),
            Far::Qemu(wire) => wire.recv(within),
        }
    }
}
