//! Receive rings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use netmap_core::{Progress, RxCounters, Sides as _, SlotCell, SyncError, SyncRing};

use super::{Stretch, TxRing, TxSlot, mark_changed, wait};
use crate::port::Lane;
use crate::{Buffer, Contents, Error, Result, Ring};

/// A receive ring: sync, read the frames, release them.
pub struct RxRing {
    ring: Ring,
    lane: Arc<dyn Lane<Counters = RxCounters>>,
}

impl RxRing {
    pub(crate) fn new(ring: Ring, lane: Arc<dyn Lane<Counters = RxCounters>>) -> RxRing {
        RxRing { ring, lane }
    }

    /// The ring in netmap's layout, where a client can do everything, wrong things too: syncs check all of it.
    pub fn raw(&self) -> &Ring {
        &self.ring
    }

    /// Slots of the ring.
    pub fn slots(&self) -> u32 {
        self.ring.slots().len() as u32
    }

    /// Slots that were received into and not released, those of bad frames among them.
    pub fn available(&self) -> u32 {
        Stretch::of(&self.ring, u32::MAX).left
    }

    /// The frames received and not released, oldest first.
    pub fn frames(&mut self) -> Received<'_> {
        Received {
            ring: &self.ring,
            stretch: Stretch::of(&self.ring, u32::MAX),
        }
    }

    /// Gives released slots back to the NIC and takes what it has received.
    ///
    /// # Errors
    /// A released slot has no buffer of a client's, or the device told of more bytes than a buffer has.
    #[inline]
    pub fn sync(&mut self) -> Result<Progress, SyncError> {
        self.lane.sync()
    }

    /// Waits for a frame, `timeout` at most; whether there is one.
    ///
    /// # Errors
    /// As [`sync`](Self::sync).
    pub fn wait(&mut self, timeout: Duration) -> Result<bool, SyncError> {
        wait(&*self.lane, timeout, || self.available() > 0)
    }

    /// Moves frames to a transmit ring without copying, as many as there are and fit; how many. Neither ring is synced.
    ///
    /// # Errors
    /// The rings lie on different memories.
    pub fn forward(&mut self, to: &mut TxRing) -> Result<usize> {
        let mut frames = self.frames();
        let mut slots = to.reserve(u32::MAX);
        let mut moved = 0;
        // A frame is taken only when there is a slot for it, and a slot only when there is a frame.
        while slots.len() > 0
            && let Some(frame) = frames.next()
            && let Some(mut slot) = slots.next()
        {
            slot.swap(frame)?;
            moved += 1;
        }
        frames.release();
        slots.commit();
        Ok(moved)
    }

    /// What the ring's queue counted.
    pub fn counters(&self) -> RxCounters {
        self.lane.counters()
    }
}

impl SyncRing for RxRing {
    fn sync(&mut self) -> Result<Progress, SyncError> {
        RxRing::sync(self)
    }
}

impl fmt::Debug for RxRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RxRing").field(&self.ring).finish()
    }
}

/// Frames received, in order. Slots of bad frames are passed over.
///
/// Dropped without [`release`](Self::release), all of them are there again next time.
#[derive(Debug)]
#[must_use = "frames that are not released come again"]
pub struct Received<'a> {
    ring: &'a Ring,
    stretch: Stretch<'a>,
}

impl Received<'_> {
    /// Releases the frames that the iterator has given out. The NIC gets their slots with the next sync.
    pub fn release(self) {
        self.stretch.release(self.ring);
    }
}

impl<'a> Iterator for Received<'a> {
    type Item = Frame<'a>;

    #[inline]
    fn next(&mut self) -> Option<Frame<'a>> {
        loop {
            let (index, slot) = self.stretch.next()?;
            let (len, _) = slot.len_flags();
            if len > 0 {
                return Some(Frame {
                    ring: self.ring,
                    slot,
                    index,
                    len,
                });
            }
        }
    }
}

/// A received frame: from the destination address to the last byte before the CRC.
#[derive(Debug)]
pub struct Frame<'a> {
    pub(super) ring: &'a Ring,
    pub(super) slot: &'a SlotCell,
    index: u32,
    len: u16,
}

#[expect(clippy::len_without_is_empty, reason = "no frame is empty")]
impl Frame<'_> {
    /// The slot's place in its ring.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Bytes of the frame.
    #[inline]
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// The frame's buffer; the frame is its first [`len`](Self::len) bytes.
    ///
    /// # Errors
    /// An illegal client left an index here that is no buffer of its.
    pub fn contents(&self) -> Result<Contents<'_>> {
        let index = self.slot.buffer();
        self.ring
            .memory()
            .contents(index)
            .ok_or(Error::NoSuchBuffer { index: index.0 })
    }

    /// Copies the frame out, as much of it as `into` takes; how much that was.
    ///
    /// # Errors
    /// As [`contents`](Self::contents).
    pub fn read(&self, into: &mut [u8]) -> Result<usize> {
        let len = into.len().min(self.len());
        Ok(self.contents()?.read(0, &mut into[..len]))
    }

    /// A copy of the frame.
    ///
    /// # Errors
    /// As [`contents`](Self::contents).
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        Ok(self.contents()?.to_vec(0, self.len()))
    }

    /// Sends the frame on without copying, as [`TxSlot::swap`].
    ///
    /// # Errors
    /// The rings lie on different memories.
    pub fn swap(self, slot: &mut TxSlot<'_>) -> Result<()> {
        slot.swap(self)
    }

    /// Keeps the frame: its buffer is exchanged for `buffer`, which then has it; how many bytes it is.
    ///
    /// # Errors
    /// The buffer is of another memory.
    pub fn swap_buffer(self, buffer: &mut Buffer) -> Result<usize> {
        buffer.exchange(self.ring.memory(), self.slot)?;
        mark_changed(self.slot);
        Ok(self.len())
    }
}
