//! Receive rings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use netmap_core::abi::NS_MOREFRAG;
use netmap_core::{Progress, RxCounters, Sides as _, SlotCell, SyncError, SyncRing};

use super::{Stretch, TxRing, TxSlot, mark_changed, wait};
use crate::port::RingQueue;
use crate::{BUFFER_SIZE, Buffer, Contents, Error, Result, Ring};

/// A receive ring: sync, read the frames, release them.
pub struct RxRing {
    ring: Ring,
    queue: Arc<dyn RingQueue<Counters = RxCounters>>,
}

impl RxRing {
    pub(crate) fn new(ring: Ring, queue: Arc<dyn RingQueue<Counters = RxCounters>>) -> RxRing {
        RxRing { ring, queue }
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
        self.queue.sync()
    }

    /// Waits for a frame, `timeout` at most; whether there is one.
    ///
    /// # Errors
    /// As [`sync`](Self::sync).
    pub fn wait(&mut self, timeout: Duration) -> Result<bool, SyncError> {
        wait(&*self.queue, timeout, || self.available() > 0)
    }

    /// Moves frames to a transmit ring without copying, those over several slots too, as many as there are and fit; how many. Neither ring is synced.
    ///
    /// # Errors
    /// The rings lie on different memories.
    pub fn forward(&mut self, to: &mut TxRing) -> Result<usize> {
        let mut frames = self.frames();
        let mut slots = to.reserve(u32::MAX);
        let mut moved = 0;
        while let Some(frame) = frames.next_within(slots.len() as u32) {
            slots.swap(frame)?;
            moved += 1;
        }
        frames.release();
        slots.commit();
        Ok(moved)
    }

    /// What the ring's queue counted.
    pub fn counters(&self) -> RxCounters {
        self.queue.counters()
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
#[derive(Debug, Clone)]
#[must_use = "frames that are not released come again"]
pub struct Received<'a> {
    ring: &'a Ring,
    stretch: Stretch<'a>,
}

impl<'a> Received<'a> {
    /// Releases the frames that the iterator has given out. The NIC gets their slots with the next sync.
    pub fn release(self) {
        self.stretch.release(self.ring);
    }

    /// The next frame if it lies in `slots` slots at most; a longer one stays the next.
    #[inline]
    pub fn next_within(&mut self, slots: u32) -> Option<Frame<'a>> {
        loop {
            let from = self.stretch;
            let mut ahead = from;
            let (mut len, mut parts) = (0, 0);
            let whole = loop {
                let Some((_, slot)) = ahead.next() else {
                    break false;
                };
                let (bytes, flags) = slot.len_flags();
                len += u32::from(bytes);
                parts += u32::from(bytes > 0);
                if flags & NS_MOREFRAG == 0 {
                    break true;
                }
            };
            if whole && len > 0 {
                if parts > slots {
                    return None;
                }
                self.stretch = ahead;
                let slots = Stretch {
                    left: from.left - ahead.left,
                    ..from
                };
                return Some(Frame {
                    ring: self.ring,
                    slots,
                    parts,
                    len,
                });
            }
            if from.left == 0 {
                return None;
            }
            // A bad frame; or one without an end, which nobody but an illegal client can have made.
            self.stretch = ahead;
        }
    }
}

impl<'a> Iterator for Received<'a> {
    type Item = Frame<'a>;

    #[inline]
    fn next(&mut self) -> Option<Frame<'a>> {
        self.next_within(u32::MAX)
    }
}

/// A received frame: from the destination address to the last byte before the CRC, in one slot or several.
#[derive(Debug)]
pub struct Frame<'a> {
    ring: &'a Ring,
    slots: Stretch<'a>,
    parts: u32,
    len: u32,
}

#[expect(clippy::len_without_is_empty, reason = "no frame is empty")]
impl<'a> Frame<'a> {
    /// The first slot's place in its ring.
    pub fn index(&self) -> u32 {
        self.slots.at
    }

    /// Bytes of the frame.
    #[inline]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// The frame's parts, one a slot, in order.
    #[inline]
    pub fn parts(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let ring = self.ring;
        self.slots.filter_map(move |(index, slot)| {
            let (len, _) = slot.len_flags();
            (len > 0).then_some(Part {
                ring,
                slot,
                index,
                len,
            })
        })
    }

    /// How many parts there are, which is how many slots it takes to send the frame on.
    #[inline]
    pub fn slots(&self) -> u32 {
        self.parts
    }

    /// Copies the frame out, as much of it as `into` takes; how much that was.
    ///
    /// # Errors
    /// An illegal client left an index in a slot that is no buffer of its.
    pub fn read(&self, into: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        for part in self.parts() {
            let rest = &mut into[done..];
            let len = rest.len().min(part.len());
            done += part.contents()?.read(0, &mut rest[..len]);
        }
        Ok(done)
    }

    /// A copy of the frame.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.len()];
        let len = self.read(&mut bytes)?;
        bytes.truncate(len);
        Ok(bytes)
    }

    /// Sends the frame on without copying, as [`TxSlot::swap`].
    ///
    /// # Errors
    /// As [`TxSlot::swap`].
    pub fn swap(self, slot: &mut TxSlot<'_>) -> Result<()> {
        slot.swap(self)
    }

    /// Keeps the frame: its buffer is exchanged for `buffer`, which then has it; how many bytes it is.
    ///
    /// # Errors
    /// The buffer is of another memory, or the frame lies in several.
    pub fn swap_buffer(self, buffer: &mut Buffer) -> Result<usize> {
        let part = self.only_part()?;
        buffer.exchange(self.ring.memory(), part.slot)?;
        mark_changed(part.slot);
        Ok(part.len())
    }

    /// The part of a frame that has one only.
    pub(super) fn only_part(&self) -> Result<Part<'a>> {
        let mut parts = self.parts();
        match (parts.next(), parts.next()) {
            (Some(part), None) => Ok(part),
            _ => Err(Error::FrameTooLong {
                len: self.len(),
                size: BUFFER_SIZE as usize,
            }),
        }
    }
}

/// The part of a received frame that lies in one slot.
#[derive(Debug)]
pub struct Part<'a> {
    pub(super) ring: &'a Ring,
    pub(super) slot: &'a SlotCell,
    index: u32,
    len: u16,
}

#[expect(clippy::len_without_is_empty, reason = "no part is empty")]
impl<'a> Part<'a> {
    /// The slot's place in its ring.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Bytes of the part.
    #[inline]
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// The slot's buffer; the part is its first [`len`](Self::len) bytes.
    ///
    /// # Errors
    /// An illegal client left an index here that is no buffer of its.
    pub fn contents(&self) -> Result<Contents<'a>> {
        let index = self.slot.buffer();
        self.ring
            .memory()
            .contents(index)
            .ok_or(Error::NoSuchBuffer { index: index.0 })
    }
}
