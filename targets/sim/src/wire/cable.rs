//! A cable between two ports, or between a port and a program.
//!
//! Each direction is a queue with its own lock, held for one batch. A device may hold its own lock when it takes one of
//! these locks, and no device's lock is taken afterwards, so two devices on two threads cannot deadlock.

use std::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Release};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Batch, Flow, Loss, Wire};
use crate::error::WireError;
use crate::signal::Waker;

/// A cable that holds up to `depth` frames in each direction; its two ends.
pub fn cable(flow: Flow, depth: usize) -> (CableEnd, CableEnd) {
    let cable = Cable::new(flow, depth);
    let end = |side: usize| {
        cable.lock_ends()[side] = Holder::Present;
        CableEnd {
            cable: Arc::clone(&cable),
            side,
        }
    };
    (end(0), end(1))
}

/// A cable whose ends are taken one after the other, and again after they were dropped.
///
/// Frames for an end that nobody has taken yet wait in the cable. Once an end was dropped, the other one receives what is
/// on its way, and then is not connected until somebody takes the end again.
#[derive(Debug)]
pub struct Cable {
    flow: Flow,
    depth: usize,
    /// Way `n` carries the frames of end `n`.
    ways: [OneWay; 2],
    ends: Mutex<[Holder; 2]>,
    /// An end was dropped and not taken again. Changes with `ends` locked.
    cut: AtomicBool,
}

/// Who has an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// Nobody yet.
    Awaited,
    /// A device or a program.
    Present,
    /// Nobody any more.
    Gone,
}

impl Cable {
    /// A cable that holds up to `depth` frames in each direction, with both ends free.
    pub fn new(flow: Flow, depth: usize) -> Arc<Cable> {
        Arc::new(Cable {
            flow,
            depth: depth.max(1),
            ways: Default::default(),
            ends: Mutex::new([Holder::Awaited; 2]),
            cut: AtomicBool::new(false),
        })
    }

    /// Takes a free end; `None` if both are in use.
    pub fn end(self: &Arc<Cable>) -> Option<CableEnd> {
        let mut ends = self.lock_ends();
        let side = ends.iter().position(|holder| *holder != Holder::Present)?;
        ends[side] = Holder::Present;
        self.changed(&ends);
        Some(CableEnd {
            cable: Arc::clone(self),
            side,
        })
    }

    /// Gives an end back. Frames on their way to it are lost; those that it has sent still arrive.
    fn give_back(&self, side: usize) {
        let mut ends = self.lock_ends();
        ends[side] = Holder::Gone;
        // Before the frames are counted, so that none follows.
        self.cut.store(true, Release);
        let mut into = self.ways[1 - side].lock();
        into.unreceived += into.frames.len() as u64;
        into.frames.clear();
        into.receiver = None;
        drop(into);
        let mut out = self.ways[side].lock();
        out.sender_waits = false;
        out.unreceived = 0;
        out.sender = None;
        drop(out);
        self.changed(&ends);
    }

    /// Tells both ends whether they are connected.
    fn changed(&self, ends: &[Holder; 2]) {
        self.cut.store(ends.contains(&Holder::Gone), Release);
        for way in &self.ways {
            let inside = way.lock();
            for device in [&inside.sender, &inside.receiver].into_iter().flatten() {
                device.wake();
            }
            way.changed.notify_all();
        }
    }

    fn is_cut(&self) -> bool {
        self.cut.load(Acquire)
    }

    fn lock_ends(&self) -> MutexGuard<'_, [Holder; 2]> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts frames of end `side` into the cable.
    fn put(&self, side: usize, frames: &mut Batch) {
        let way = &self.ways[side];
        let mut inside = way.lock();
        let cut = self.is_cut();
        let room = match cut {
            true => 0,
            false => self.depth.saturating_sub(inside.frames.len()),
        };
        let was_empty = inside.frames.is_empty();
        let moved = frames.move_to(&mut inside.frames, room);
        if self.flow == Flow::Dropping {
            let dropped = frames.len() as u64;
            match cut {
                true => inside.unreceived += dropped,
                false => inside.lost += dropped,
            }
            frames.clear();
        }
        inside.sender_waits = !frames.is_empty();
        if moved > 0 && was_empty {
            if let Some(receiver) = &inside.receiver {
                receiver.wake();
            }
            way.notify(&inside);
        }
    }

    /// Waits until `ready` returns true for the frames of end `side`, at most for `within` and only while no end was
    /// dropped. Returns whether it does.
    fn wait(&self, side: usize, within: Duration, ready: impl Fn(&Inside) -> bool) -> bool {
        let way = &self.ways[side];
        let mut inside = way.lock();
        inside.sleepers += 1;
        let waits = |inside: &mut Inside| !ready(inside) && !self.is_cut();
        let (mut inside, _) = (way.changed)
            .wait_timeout_while(inside, within, waits)
            .unwrap_or_else(PoisonError::into_inner);
        inside.sleepers -= 1;
        ready(&inside)
    }
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
    /// Frames without room, not yet reported by the receiver.
    lost: u64,
    /// Frames that were sent and that no end has received or will receive.
    unreceived: u64,
    /// Whether the sender still has frames because the cable did not take them.
    sender_waits: bool,
    sender: Option<Waker>,
    receiver: Option<Waker>,
    /// Programs that wait on `changed`.
    sleepers: u32,
}

impl OneWay {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, frames: &mut Batch, most: usize) {
        let mut inside = self.lock();
        inside.frames.move_to(frames, most);
        // Wakes the sender if it waits.
        if std::mem::take(&mut inside.sender_waits) {
            if let Some(sender) = &inside.sender {
                sender.wake();
            }
            self.notify(&inside);
        }
    }

    fn notify(&self, inside: &Inside) {
        if inside.sleepers > 0 {
            self.changed.notify_all();
        }
    }
}

/// One end of a cable, for a device or a program. Dropping it disconnects the cable.
#[derive(Debug)]
pub struct CableEnd {
    cable: Arc<Cable>,
    side: usize,
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

    /// The frames on their way to this end.
    fn arriving(&self) -> &OneWay {
        &self.cable.ways[1 - self.side]
    }
}

impl Wire for CableEnd {
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        self.cable.put(self.side, frames);
        Ok(())
    }

    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        self.arriving().take(frames, usize::MAX);
        Ok(())
    }

    fn flow(&self) -> Flow {
        self.cable.flow
    }

    fn is_connected(&self) -> bool {
        // What was sent before the other end was dropped arrives first.
        !self.cable.is_cut() || !self.arriving().lock().frames.is_empty()
    }

    fn lost(&mut self) -> u64 {
        std::mem::take(&mut self.arriving().lock().lost)
    }

    fn losses(&self) -> Vec<Loss> {
        let is_heard = self.cable.lock_ends()[1 - self.side] == Holder::Present;
        let out = self.cable.ways[self.side].lock();
        let waiting = match is_heard {
            true => 0,
            false => out.frames.len() as u64,
        };
        let lost = out.unreceived + waiting;
        vec![Loss::new(lost, "sent to a cable without another port")]
    }

    fn plugged(&mut self, waker: Waker) {
        self.cable.ways[self.side].lock().sender = Some(waker.clone());
        self.arriving().lock().receiver = Some(waker);
    }
}

impl Drop for CableEnd {
    fn drop(&mut self) {
        self.cable.give_back(self.side);
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
        self.end.cable.put(self.end.side, &mut self.sending);
        let sent = self.sending.is_empty();
        self.sending.clear();
        sent
    }

    /// Waits until there is room for a frame, at most for `within`.
    pub fn wait_for_room(&self, within: Duration) -> bool {
        let CableEnd { cable, side } = &self.end;
        let has_room = |inside: &Inside| inside.frames.len() < cable.depth;
        cable.wait(*side, within, has_room)
    }

    /// The next frame that has arrived.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        if self.received.is_empty() {
            self.end.arriving().take(&mut self.received, usize::MAX);
        }
        let frame = self.received.front()?.to_vec();
        self.received.pop();
        Some(frame)
    }

    /// The next frame; waits for it at most for `within`.
    pub fn receive_within(&mut self, within: Duration) -> Option<Vec<u8>> {
        if self.received.is_empty() {
            let has_frames = |inside: &Inside| !inside.frames.is_empty();
            (self.end.cable).wait(1 - self.end.side, within, has_frames);
        }
        self.receive()
    }
}
