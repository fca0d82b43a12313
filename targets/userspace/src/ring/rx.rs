//! Receive rings.

use std::time::Duration;

use netmap_core::abi::{NS_BUF_CHANGED, NS_MOREFRAG};
use netmap_core::{RxCounters, SlotCell, SyncError};

use super::{QueueRing, Stretch, TxRing, set_flag};
use crate::{BUFFER_SIZE, Buffer, Contents, Error, Result, Ring};

/// A receive ring: sync, read the frames, release them.
pub type RxRing = QueueRing<RxCounters>;

impl RxRing {
    /// Received slots that are not yet released, including those of bad frames.
    pub fn available(&self) -> u32 {
        self.owned()
    }

    /// The received frames that are not yet released, oldest first.
    pub fn frames(&mut self) -> Received<'_> {
        Received {
            ring: &self.ring,
            stretch: Stretch::of(&self.ring, u32::MAX),
        }
    }

    /// Waits for a frame, at most for `timeout`. Returns whether there is one.
    ///
    /// # Errors
    /// As [`sync`](Self::sync).
    pub fn wait(&mut self, timeout: Duration) -> Result<bool, SyncError> {
        self.wait_until(timeout, |ring| ring.available() > 0)
    }

    /// Moves frames to a transmit ring without copying, including frames over several slots, as many as fit. Returns
    /// how many. Syncs neither ring.
    ///
    /// # Errors
    /// The rings belong to different memory regions.
    pub fn forward(&mut self, to: &mut TxRing) -> Result<u32> {
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
}

/// Received frames, in order. Slots of bad frames are skipped.
///
/// If dropped without [`release`](Self::release), the next call returns all of them again.
#[derive(Debug, Clone)]
#[must_use = "frames that are not released are returned again"]
pub struct Received<'a> {
    ring: &'a Ring,
    stretch: Stretch<'a>,
}

impl<'a> Received<'a> {
    /// Releases the frames that the iterator has returned. The NIC gets their slots with the next sync.
    pub fn release(self) {
        self.stretch.release(self.ring);
    }

    /// The next frame if it has at most `slots` slots; otherwise it stays the next.
    #[inline]
    pub fn next_within(&mut self, slots: u32) -> Option<Frame<'a>> {
        loop {
            let from = self.stretch;
            let mut ahead = from;
            let (mut len, mut parts) = (0, 0);
            let whole = loop {
                let Some(slot) = ahead.next() else {
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
            // A bad frame; or one without an end, which only an invalid client can cause.
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
    /// Bytes of the frame.
    #[inline]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// The frame's parts, one for each slot, in order.
    #[inline]
    pub fn parts(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let ring = self.ring;
        self.slots.filter_map(move |slot| {
            let (len, _) = slot.len_flags();
            (len > 0).then_some(Part { ring, slot, len })
        })
    }

    /// The number of parts, which is the number of slots needed to forward the frame.
    #[inline]
    pub fn slots(&self) -> u32 {
        self.parts
    }

    /// Copies the frame out, as much of it as fits into `into`. Returns how many bytes.
    ///
    /// # Errors
    /// A client wrote a buffer index out of range.
    pub fn read(&self, into: &mut [u8]) -> Result<usize> {
        self.read_at(0, into)
    }

    /// Copies bytes out, from `at` on, as many as fit into `into` and the frame has. Returns how many.
    ///
    /// # Errors
    /// A client wrote a buffer index out of range.
    pub fn read_at(&self, at: usize, into: &mut [u8]) -> Result<usize> {
        let (mut skip, mut done) = (at, 0);
        for part in self.parts() {
            let rest = &mut into[done..];
            let len = rest.len().min(part.len().saturating_sub(skip));
            if len > 0 {
                done += part.contents()?.read(skip, &mut rest[..len]);
            }
            skip = skip.saturating_sub(part.len());
        }
        Ok(done)
    }

    /// `N` bytes from `at` on, wherever the parts of the frame end; copies nothing else. `None` if the frame ends before
    /// or a client wrote a buffer index out of range.
    #[inline]
    pub fn bytes_at<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        let read = self.read_at(at, &mut bytes);
        read.is_ok_and(|len| len == N).then_some(bytes)
    }

    /// The first `N` bytes. As [`bytes_at`](Self::bytes_at).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use netmap_userspace::{Memory, NAMES, PortConfig, open};
    /// # let memory = Memory::create(2048)?;
    /// # let name = format!("sim:{}?wire=source", NAMES[0]);
    /// # let mut port = open(&name, &memory, PortConfig::default())?;
    /// # port.start()?;
    /// # let mut rx = port.rx(0)?;
    /// # assert!(rx.wait(Duration::from_secs(10))?);
    /// let mut frames = rx.frames();
    /// for frame in &mut frames {
    ///     if let Some([a, b, c, d, e, f]) = frame.header() {
    ///         println!("to {a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}");
    ///     }
    ///     match frame.be16_at(12) {
    ///         Some(0x0800) => println!("IPv4"),
    ///         Some(other) => println!("EtherType {other:#06x}"),
    ///         None => println!("no whole Ethernet header"),
    ///     }
    /// }
    /// frames.release();
    /// # Ok::<(), netmap_userspace::Error>(())
    /// ```
    #[inline]
    pub fn header<const N: usize>(&self) -> Option<[u8; N]> {
        self.bytes_at(0)
    }

    /// The 16-bit integer at `at`, in network byte order. As [`bytes_at`](Self::bytes_at).
    #[inline]
    pub fn be16_at(&self, at: usize) -> Option<u16> {
        self.bytes_at(at).map(u16::from_be_bytes)
    }

    /// The 32-bit integer at `at`, in network byte order. As [`bytes_at`](Self::bytes_at).
    #[inline]
    pub fn be32_at(&self, at: usize) -> Option<u32> {
        self.bytes_at(at).map(u32::from_be_bytes)
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

    /// Keeps the frame: exchanges its buffer with `buffer`, which then has the frame. Returns its bytes.
    ///
    /// # Errors
    /// The buffer belongs to another memory region, or the frame has several slots.
    pub fn swap_buffer(self, buffer: &mut Buffer) -> Result<usize> {
        let part = self.only_part()?;
        buffer.exchange(self.ring, part.slot)?;
        set_flag(part.slot, NS_BUF_CHANGED);
        Ok(part.len())
    }

    /// The only part of a frame in one slot.
    fn only_part(&self) -> Result<Part<'a>> {
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

/// The part of a received frame in one slot.
#[derive(Debug)]
pub struct Part<'a> {
    pub(super) ring: &'a Ring,
    pub(super) slot: &'a SlotCell,
    len: u16,
}

#[expect(clippy::len_without_is_empty, reason = "no part is empty")]
impl<'a> Part<'a> {
    /// Bytes of the part.
    #[inline]
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// The slot's buffer; the part is its first [`len`](Self::len) bytes.
    ///
    /// # Errors
    /// A client wrote a buffer index out of range.
    pub fn contents(&self) -> Result<Contents<'a>> {
        self.ring.memory().contents(self.slot.buffer())
    }
}
