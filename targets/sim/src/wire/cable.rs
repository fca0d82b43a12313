//! A cable between two ports, or between a port and a program.
//!
//! Each direction is a queue with its own lock, held for one batch. A device that holds its own lock takes one of these
//! locks and no other afterwards, so two devices on two threads cannot deadlock.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Batch, Flow, Wire};
use crate::error::WireError;
use crate::signal::Waker;

/// A cable that holds up to `depth` frames in each direction; its two ends.
pub fn cable(flow: Flow, depth: usize) -> (CableEnd, CableEnd) {
    let there = Arc::new(OneWay::default());
    let back = Arc::new(OneWay::default());
    let end = |out: &Arc<OneWay>, into: &Arc<OneWay>| CableEnd {
        flow,
        depth: depth.max(1),
        out: Arc::clone(out),
        into: Arc::clone(into),
    };
    (end(&there, &back), end(&back, &there))
}

/// One direction.
#[derive(Debug, Default)]
struct OneWay {
    inside: Mutex<Inside>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inside {
    frames: Batch,
    lost: u64,
    /// Whether the sender still has frames because the queue was full.
    sender_waits: bool,
    sender: Option<Waker>,
    receiver: Option<Waker>,
    /// Programs that wait on `changed`.
    sleepers: u32,
    /// One end was dropped.
    cut: bool,
}

impl OneWay {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, frames: &mut Batch, flow: Flow, depth: usize) {
        let mut inside = self.lock();
        let room = if inside.cut {
            0
        } else {
            depth.saturating_sub(inside.frames.len())
        };
        let was_empty = inside.frames.is_empty();
        let moved = frames.move_to(&mut inside.frames, room);
        if flow == Flow::Dropping || inside.cut {
            inside.lost += frames.len() as u64;
            frames.clear();
        }
        inside.sender_waits = !frames.is_empty();
        if moved > 0 && was_empty {
            if let Some(receiver) = &inside.receiver {
                receiver.wake();
            }
            self.notify(&inside);
        }
    }

    fn take(&self, frames: &mut Batch, most: usize) {
        let mut inside = self.lock();
        inside.frames.move_to(frames, most);
        self.room(&mut inside);
    }

    /// Wakes the sender if it waits.
    fn room(&self, inside: &mut Inside) {
        if std::mem::take(&mut inside.sender_waits) {
            if let Some(sender) = &inside.sender {
                sender.wake();
            }
            self.notify(inside);
        }
    }

    fn notify(&self, inside: &Inside) {
        if inside.sleepers > 0 {
            self.changed.notify_all();
        }
    }

    fn cut(&self) {
        let mut inside = self.lock();
        inside.cut = true;
        self.room(&mut inside);
        self.changed.notify_all();
    }

    /// Waits until `ready` returns true, at most for `within`. Returns whether it does.
    fn wait(&self, within: Duration, ready: impl Fn(&Inside) -> bool) -> bool {
        let mut inside = self.lock();
        inside.sleepers += 1;
        let waits = |inside: &mut Inside| !ready(inside) && !inside.cut;
        let (mut inside, _) = (self.changed)
            .wait_timeout_while(inside, within, waits)
            .unwrap_or_else(PoisonError::into_inner);
        inside.sleepers -= 1;
        ready(&inside)
    }
}

/// One end of a cable, for a device or a program. Dropping it disconnects the cable.
#[derive(Debug)]
pub struct CableEnd {
    flow: Flow,
    depth: usize,
    out: Arc<OneWay>,
    into: Arc<OneWay>,
}

impl CableEnd {
    /// Uses this end from a program.
    pub fn socket(self) -> Socket {
        Socket {
            end: self,
            sending: Batch::new(),
            received: Batch::new(),
        }
    }
}

impl Wire for CableEnd {
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        self.out.put(frames, self.flow, self.depth);
        Ok(())
    }

    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        self.into.take(frames, usize::MAX);
        Ok(())
    }

    fn flow(&self) -> Flow {
        self.flow
    }

    fn lost(&mut self) -> u64 {
        std::mem::take(&mut self.into.lock().lost)
    }

    fn plugged(&mut self, waker: Waker) {
        self.out.lock().sender = Some(waker.clone());
        self.into.lock().receiver = Some(waker);
    }
}

impl Drop for CableEnd {
    fn drop(&mut self) {
        self.out.cut();
        self.into.cut();
    }
}

/// A program's end of a cable.
#[derive(Debug)]
pub struct Socket {
    end: CableEnd,
    sending: Batch,
    received: Batch,
}

impl Socket {
    /// Sends a frame without its CRC; false if a lossless cable has no room now.
    pub fn send(&mut self, frame: &[u8]) -> bool {
        self.sending.push(frame);
        self.end
            .out
            .put(&mut self.sending, self.end.flow, self.end.depth);
        let sent = self.sending.is_empty();
        self.sending.clear();
        sent
    }

    /// Waits until there is room for a frame, at most for `within`.
    pub fn wait_for_room(&self, within: Duration) -> bool {
        let depth = self.end.depth;
        let has_room = |inside: &Inside| inside.frames.len() < depth;
        self.end.out.wait(within, has_room)
    }

    /// The next frame that has arrived.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        if self.received.is_empty() {
            self.end.into.take(&mut self.received, usize::MAX);
        }
        let frame = self.received.front()?.to_vec();
        self.received.pop();
        Some(frame)
    }

    /// The next frame; waits for it at most for `within`.
    pub fn receive_within(&mut self, within: Duration) -> Option<Vec<u8>> {
        if self.received.is_empty() {
            let has_frames = |inside: &Inside| !inside.frames.is_empty();
            self.end.into.wait(within, has_frames);
        }
        self.receive()
    }
}
