//! Slots and rings in the layout of netmap's `net/netmap.h`, API 14.
//!
//! The client maps these structures and writes them at any time, so every word is atomic, and read once.

use core::array;
use core::sync::atomic::Ordering::Relaxed;

use crate::BufIdx;
use crate::atomic::{AtomicI64, AtomicU8, AtomicU16, AtomicU32, AtomicU64};

/// The version of netmap's interface that these structures follow (`NETMAP_API`).
pub const API: u16 = 14;

/// `NS_BUF_CHANGED`: the client put another buffer into the slot.
pub const NS_BUF_CHANGED: u16 = 0x0001;
/// `NS_REPORT`: the client requests a completion report for this slot.
pub const NS_REPORT: u16 = 0x0002;
/// `NS_FORWARD`: pass the frame to the other side of the host; ignored by a NIC ring's sync.
pub const NS_FORWARD: u16 = 0x0004;
/// `NS_NO_LEARN`: switches only.
pub const NS_NO_LEARN: u16 = 0x0008;
/// `NS_INDIRECT`: the data is elsewhere; switches only.
pub const NS_INDIRECT: u16 = 0x0010;
/// `NS_MOREFRAG`: the frame continues in the next slot.
pub const NS_MOREFRAG: u16 = 0x0020;

/// One slot of a ring (`struct netmap_slot`): a buffer and the length of its frame.
#[repr(C)]
#[derive(Debug, Default)]
pub struct SlotCell {
    buf_idx: AtomicU32,
    /// `len` in the lower half, `flags` in the upper: one load for one check.
    len_flags: AtomicU32,
    ptr: AtomicU64,
}

impl SlotCell {
    /// The slot's buffer.
    #[inline(always)]
    pub fn buffer(&self) -> BufIdx {
        BufIdx(self.buf_idx.load(Relaxed))
    }

    /// Puts another buffer into the slot.
    #[inline(always)]
    pub fn set_buffer(&self, buffer: BufIdx) {
        self.buf_idx.store(buffer.0, Relaxed);
    }

    /// Length in bytes and flags, read together.
    #[inline(always)]
    pub fn len_flags(&self) -> (u16, u16) {
        let word = self.len_flags.load(Relaxed);
        ((word & 0xffff) as u16, (word >> 16) as u16)
    }

    /// Length and flags as one number, `flags << 16 | len`.
    #[inline(always)]
    pub(crate) fn len_flags_word(&self) -> u32 {
        self.len_flags.load(Relaxed)
    }

    /// Sets length in bytes and flags together.
    #[inline(always)]
    pub fn set_len_flags(&self, len: u16, flags: u16) {
        self.len_flags
            .store(u32::from(flags) << 16 | u32::from(len), Relaxed);
    }
}

/// The header of a ring (`struct netmap_ring`), followed in memory by its slots.
///
/// `head` and `cur` belong to the client, `tail` to the sync. `netmap.h` declares the fields before them const, but a
/// client can write them, too, so no sync reads them.
#[repr(C, align(128))]
#[derive(Debug)]
pub struct RingHeader {
    /// Bytes from this structure to buffer 0.
    pub buf_ofs: AtomicI64,
    /// Slots of the ring.
    pub num_slots: AtomicU32,
    /// Bytes of one buffer (`nr_buf_size`).
    pub nr_buf_size: AtomicU32,
    /// Number of the ring in its direction.
    pub ringid: AtomicU16,
    /// 0 transmits, 1 receives.
    pub dir: AtomicU16,
    /// First slot of the client.
    pub head: AtomicU32,
    /// The slot at which the client wants to be woken.
    pub cur: AtomicU32,
    /// First slot that the NIC owns.
    pub tail: AtomicU32,
    /// Flags of the ring (`NR_TIMESTAMP`, `NR_FORWARD`).
    pub flags: AtomicU32,
    /// Time of the last sync: seconds and microseconds (`struct timeval`).
    pub ts: [AtomicU64; 2],
    /// Part of a slot's `ptr` that holds an offset into the buffer; 0 without that option.
    pub offset_mask: AtomicU64,
    /// Alignment that frames need within a buffer, in bytes.
    pub buf_align: AtomicU64,
    sem: Sem,
}

/// Room for a lock of the client, which it writes as it likes, not even atomically.
///
/// Nobody else reads or writes these bytes. They are atomics because a reference to the header covers them: of plain
/// bytes it would promise that no one changes them.
#[repr(C, align(128))]
#[derive(Debug)]
struct Sem([AtomicU8; 128]);

impl RingHeader {
    /// A ring of `num_slots` slots with buffer 0 `buf_ofs` bytes after it; all positions are 0.
    pub fn new(
        num_slots: u32,
        nr_buf_size: u32,
        buf_ofs: i64,
        ringid: u16,
        dir: u16,
    ) -> RingHeader {
        RingHeader {
            buf_ofs: AtomicI64::new(buf_ofs),
            num_slots: AtomicU32::new(num_slots),
            nr_buf_size: AtomicU32::new(nr_buf_size),
            ringid: AtomicU16::new(ringid),
            dir: AtomicU16::new(dir),
            head: AtomicU32::new(0),
            cur: AtomicU32::new(0),
            tail: AtomicU32::new(0),
            flags: AtomicU32::new(0),
            ts: array::from_fn(|_| AtomicU64::new(0)),
            offset_mask: AtomicU64::new(0),
            buf_align: AtomicU64::new(0),
            sem: Sem(array::from_fn(|_| AtomicU8::new(0))),
        }
    }
}

// The test `orderings` compiles this file with atomics of other sizes.
#[cfg(not(test))]
const _: () = {
    use core::mem::{align_of, offset_of, size_of};
    assert!(size_of::<SlotCell>() == 16 && align_of::<SlotCell>() == 8);
    assert!(
        offset_of!(SlotCell, buf_idx) == 0
            && offset_of!(SlotCell, len_flags) == 4
            && offset_of!(SlotCell, ptr) == 8
    );
    assert!(size_of::<RingHeader>() == 256 && align_of::<RingHeader>() == 128);
    assert!(offset_of!(RingHeader, buf_ofs) == 0);
    assert!(offset_of!(RingHeader, num_slots) == 8);
    assert!(offset_of!(RingHeader, nr_buf_size) == 12);
    assert!(offset_of!(RingHeader, ringid) == 16);
    assert!(offset_of!(RingHeader, dir) == 18);
    assert!(offset_of!(RingHeader, head) == 20);
    assert!(offset_of!(RingHeader, cur) == 24);
    assert!(offset_of!(RingHeader, tail) == 28);
    assert!(offset_of!(RingHeader, flags) == 32);
    assert!(offset_of!(RingHeader, ts) == 40);
    assert!(offset_of!(RingHeader, offset_mask) == 56);
    assert!(offset_of!(RingHeader, buf_align) == 64);
    assert!(offset_of!(RingHeader, sem) == 128);
};

/// A client's slots and the pool their buffers come from, borrowed for one sync.
#[derive(Debug)]
pub struct ClientRing<'a, P> {
    /// All slots of the ring, in order.
    pub slots: &'a [SlotCell],
    /// The pool of the buffer indexes.
    pub pool: &'a P,
}
