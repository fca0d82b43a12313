//! The bare loops: the minimal work of a sync, without checks and with one 16-byte store per descriptor.

use std::arch::x86_64::{__m128i, _mm_set_epi64x, _mm_store_si128};
use std::hint::black_box;
use std::ptr;

use crate::placed::{self, Placed};

/// A slot: its first 8 bytes, and the rest.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slot {
    first: u64,
    rest: u64,
}

/// A descriptor.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
pub struct Descriptor([u64; 2]);

/// A ring with trusted positions.
pub struct Roofline {
    slots: Placed<Slot>,
    descriptors: Placed<Descriptor>,
    table: Placed<u64>,
    tail: u32,
    at: usize,
}

const DONE: u64 = 1 << 32;

impl Roofline {
    /// A ring of `slots` slots, each with a buffer.
    pub fn new(slots: u32) -> Roofline {
        let count = slots as usize;
        Roofline {
            slots: Placed::new(placed::SLOTS, count, |at| Slot {
                first: (at as u64 + 2) | 60 << 32,
                rest: 0,
            }),
            descriptors: Placed::new(0, count, |_| Descriptor([0; 2])),
            table: Placed::new(0, count + 2, |at| 0x10_0000_0000 + ((at as u64) << 11)),
            tail: 0,
            at: 0,
        }
    }

    /// A transmit call of `batch` slots: for each slot, one load of its first 8 bytes, the address from a table and one
    /// 16-byte store; for the call, one status read and one tail write.
    #[inline(never)]
    pub fn transmit(&mut self, batch: usize) {
        let count = self.slots.len();
        let (slots, table) = (self.slots.as_ptr(), self.table.as_ptr());
        let descriptors = self.descriptors.as_mut_ptr();
        let (mut at, mut left) = (self.at, batch);
        while left > 0 {
            let run = left.min(count - at);
            for i in at..at + run {
                // SAFETY: `at + run <= count`, the length of both rings; a buffer index is below the length of `table`,
                // as set by `new` and never changed. A `Descriptor` is aligned to 16.
                unsafe {
                    let first = (*slots.add(i)).first;
                    let address = *table.add((first & 0xffff_ffff) as usize);
                    let command = (first >> 32) | 0x2b00_0000;
                    let words = _mm_set_epi64x(command as i64, address as i64);
                    _mm_store_si128(descriptors.add(i).cast::<__m128i>(), words);
                }
            }
            at = if at + run == count { 0 } else { at + run };
            left -= run;
        }
        // SAFETY: `at` is below `count`; `tail` is our own.
        unsafe {
            black_box(ptr::read_volatile(
                &raw const (*descriptors.add(self.at)).0[1],
            ));
            ptr::write_volatile(&raw mut self.tail, at as u32);
        }
        self.at = at;
    }

    /// A receive call of `batch` slots: for each slot, a load and test of the done word and a store of length and
    /// flags; then for each the address of its buffer and one 16-byte store.
    #[inline(never)]
    pub fn receive(&mut self, batch: usize) -> usize {
        let count = self.slots.len();
        let (slots, table) = (self.slots.as_mut_ptr(), self.table.as_ptr());
        let descriptors = self.descriptors.as_mut_ptr();
        let (mut at, mut left, mut received) = (self.at, batch, 0);
        'batch: while left > 0 {
            let run = left.min(count - at);
            for i in at..at + run {
                // SAFETY: `at + run <= count`, the length of both rings.
                unsafe {
                    let status = ptr::read_volatile(&raw const (*descriptors.add(i)).0[1]);
                    if status & DONE == 0 {
                        break 'batch;
                    }
                    // Length and flags are the upper half of the slot's first 8 bytes.
                    let upper = (&raw mut (*slots.add(i)).first).cast::<u32>().add(1);
                    ptr::write_volatile(upper, (status & 0xffff) as u32);
                }
                received += 1;
            }
            at = if at + run == count { 0 } else { at + run };
            left -= run;
        }
        let (mut again, mut left) = (self.at, received);
        while left > 0 {
            let run = left.min(count - again);
            for i in again..again + run {
                // SAFETY: as in `transmit`.
                unsafe {
                    let buffer =
                        ptr::read_volatile((&raw const (*slots.add(i)).first).cast::<u32>());
                    let address = *table.add(buffer as usize);
                    let words = _mm_set_epi64x(0, address as i64);
                    _mm_store_si128(descriptors.add(i).cast::<__m128i>(), words);
                }
            }
            again = if again + run == count { 0 } else { again + run };
            left -= run;
        }
        // SAFETY: `tail` is our own.
        unsafe { ptr::write_volatile(&raw mut self.tail, again as u32) };
        self.at = again;
        received
    }

    /// The device's part: marks `batch` descriptors as done, from the start of the next call.
    pub fn complete(&mut self, batch: usize) {
        let count = self.descriptors.len();
        for i in 0..batch {
            self.descriptors[(self.at + i) % count].0[1] = DONE | 60;
        }
    }
}
