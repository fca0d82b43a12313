//! Transmit rings.

use std::iter;
use std::time::Duration;

use netmap_core::abi::{NS_BUF_CHANGED, NS_MOREFRAG, NS_REPORT};
use netmap_core::{SlotCell, SyncError, TxCounters};

use super::{Frame, Part, QueueRing, Stretch, set_flag, swap};
use crate::{BUFFER_SIZE, Buffer, Contents, Error, Result, Ring};

/// A transmit ring: reserve slots, fill them, commit them, sync.
///
/// ```
/// # use netmap_userspace::{Memory, NAMES, PortConfig, open};
/// # let memory = Memory::create(256)?;
/// # let config = PortConfig { tx_slots: Some(64), rx_slots: Some(64), ..PortConfig::default() };
/// # let name = format!("sim:{}", NAMES[0]);
/// # let mut port = open(&name, &memory, config)?;
/// # port.start()?;
/// let mut tx = port.tx(0)?;
/// let mut slots = tx.reserve(2);
/// for mut slot in &mut slots {
///     slot.write(&[0; 60])?;
/// }
/// slots.commit();
/// tx.sync()?;
/// # Ok::<(), netmap_userspace::Error>(())
/// ```
pub type TxRing = QueueRing<TxCounters>;

impl TxRing {
    /// Slots that can be filled now; at most one less than the ring's slots.
    pub fn room(&self) -> u32 {
        self.owned()
    }

    /// Committed slots that are not known to be sent.
    pub fn pending(&self) -> u32 {
        self.slots().saturating_sub(1 + self.room())
    }

    /// The next slots to fill: up to `most`, as far as there is room.
    pub fn reserve(&mut self, most: u32) -> Reserved<'_> {
        Reserved {
            ring: &self.ring,
            stretch: Stretch::of(&self.ring, most),
        }
    }

    /// Waits until there is room for a frame in one slot, at most for `timeout`. Returns whether there is.
    ///
    /// # Errors
    /// As [`sync`](Self::sync).
    pub fn wait(&mut self, timeout: Duration) -> Result<bool, SyncError> {
        self.wait_for_room(1, timeout)
    }

    /// Waits until there is room for a frame in `slots` slots, at most for `timeout`. Returns whether there is.
    ///
    /// # Errors
    /// As [`sync`](Self::sync).
    pub fn wait_for_room(&mut self, slots: u32, timeout: Duration) -> Result<bool, SyncError> {
        self.wait_until(timeout, |ring| ring.room() >= slots)
    }

    /// Waits until all committed slots were sent, at most for `timeout`. Returns whether they were.
    ///
    /// # Errors
    /// As [`sync`](Self::sync).
    pub fn drain(&mut self, timeout: Duration) -> Result<bool, SyncError> {
        self.wait_until(timeout, |ring| ring.pending() == 0)
    }
}

/// Reserved slots to fill, in order. If dropped without [`commit`](Self::commit), none is committed.
#[derive(Debug)]
#[must_use = "slots that are not committed are not sent"]
pub struct Reserved<'a> {
    ring: &'a Ring,
    stretch: Stretch<'a>,
}

impl Reserved<'_> {
    /// Commits the slots that the iterator has returned. They go to the NIC with the next sync.
    ///
    /// A frame over several slots is sent once its last slot is committed.
    pub fn commit(self) {
        self.stretch.release(self.ring);
    }

    /// Writes a frame to as many of the next slots as it needs; false, without taking a slot, if fewer are left.
    ///
    /// # Errors
    /// A client wrote a buffer index out of range.
    #[inline]
    pub fn write(&mut self, frame: &[u8]) -> Result<bool> {
        const SIZE: usize = BUFFER_SIZE as usize;
        let more = frame.len().saturating_sub(1) / SIZE;
        if self.len() <= more {
            return Ok(false);
        }
        let (first, rest) = frame.split_at(frame.len().min(SIZE));
        for (part, left) in iter::once(first)
            .chain(rest.chunks(SIZE))
            .zip((0..=more).rev())
        {
            let Some(mut slot) = self.next() else { break };
            slot.write(part)?;
            if left > 0 {
                slot.set_more();
            }
        }
        Ok(true)
    }

    /// Forwards a received frame without copying: exchanges its buffers with those of the next slots. False, without
    /// taking a slot, if fewer are left than it needs; [`Received::next_within`](crate::Received::next_within) returns
    /// no such frame.
    ///
    /// # Errors
    /// The rings belong to different memory regions.
    #[inline]
    pub fn swap(&mut self, frame: Frame<'_>) -> Result<bool> {
        self.fill(&frame, |slot, part| {
            swap((slot.ring, slot.slot), (part.ring, part.slot))
        })
    }

    /// Copies a received frame into the next slots; false, without taking a slot, if fewer are left than it needs. The
    /// rings may belong to different memory regions.
    ///
    /// # Errors
    /// A client wrote a buffer index out of range.
    #[inline]
    pub fn copy(&mut self, frame: &Frame<'_>) -> Result<bool> {
        self.fill(frame, |slot, part| {
            slot.contents()?.copy_from(part.contents()?, part.len());
            Ok(())
        })
    }

    /// Fills the next slots with a received frame, part by part.
    #[inline]
    fn fill(
        &mut self,
        frame: &Frame<'_>,
        mut fill: impl FnMut(&TxSlot<'_>, &Part<'_>) -> Result<()>,
    ) -> Result<bool> {
        let mut left = frame.slots();
        if self.stretch.left < left {
            return Ok(false);
        }
        for part in frame.parts() {
            let Some(mut slot) = self.next() else { break };
            fill(&slot, &part)?;
            left = left.saturating_sub(1);
            slot.set_len(part.len() as u16);
            if left > 0 {
                slot.set_more();
            }
        }
        Ok(true)
    }
}

impl<'a> Iterator for Reserved<'a> {
    type Item = TxSlot<'a>;

    #[inline]
    fn next(&mut self) -> Option<TxSlot<'a>> {
        let slot = self.stretch.next()?;
        Some(TxSlot {
            ring: self.ring,
            slot,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.stretch.left as usize, Some(self.stretch.left as usize))
    }
}

impl ExactSizeIterator for Reserved<'_> {}

/// A slot to fill.
#[derive(Debug)]
pub struct TxSlot<'a> {
    pub(super) ring: &'a Ring,
    pub(super) slot: &'a SlotCell,
}

impl TxSlot<'_> {
    /// The slot's buffer, with its previous contents.
    ///
    /// # Errors
    /// A client wrote a buffer index out of range.
    pub fn contents(&self) -> Result<Contents<'_>> {
        self.ring.memory().contents(self.slot.buffer())
    }

    /// Writes `frame` to the slot: from the destination address to the last byte before the CRC.
    ///
    /// # Errors
    /// It does not fit the buffer: see [`Reserved::write`].
    pub fn write(&mut self, frame: &[u8]) -> Result<()> {
        let contents = self.contents()?;
        let (len, size) = (frame.len(), contents.size());
        if len > size {
            return Err(Error::FrameTooLong { len, size });
        }
        contents.write(0, frame);
        self.set_len(len as u16);
        Ok(())
    }

    /// Sets the length of the slot's frame. The sync refuses an invalid length.
    #[inline]
    pub fn set_len(&mut self, len: u16) {
        let (_, flags) = self.slot.len_flags();
        self.slot.set_len_flags(len, flags & NS_BUF_CHANGED);
    }

    /// Marks the frame as continued in the next slot. Call it after setting the length.
    #[inline]
    pub fn set_more(&mut self) {
        set_flag(self.slot, NS_MOREFRAG);
    }

    /// Requests a completion report for this frame; otherwise its completion may be reported only with a later frame's.
    /// Call it after setting the length.
    pub fn report(&mut self) {
        set_flag(self.slot, NS_REPORT);
    }

    /// Exchanges the slot's buffer for another; the frame is its first `len` bytes.
    ///
    /// # Errors
    /// The buffer belongs to another memory region.
    pub fn swap_buffer(&mut self, buffer: &mut Buffer, len: u16) -> Result<()> {
        buffer.exchange(self.ring, self.slot)?;
        set_flag(self.slot, NS_BUF_CHANGED);
        self.set_len(len);
        Ok(())
    }
}
