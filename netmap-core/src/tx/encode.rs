//! From slots to descriptors: checks and encodes one batch.

use core::hint::black_box;
use core::sync::atomic::Ordering::Relaxed;

use super::slot::{Limit, refuse_indirect, store};
use super::{Marked, frame};
use crate::abi::{NS_MOREFRAG, NS_REPORT};
use crate::run::{Descriptor, OwnerBits, Run, each};
use crate::{ClientRing, Geometry, NicIdx, NmIdx, Pool, SlotCell, SyncError, TxFormat};

/// The result of encoding a batch.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Batch {
    /// Encoded slots: complete frames, from the first slot on.
    pub(super) slots: u32,
    /// Encoded slots whose frame continues in the next one.
    pub(super) parts: u32,
    /// Whether any had flags.
    pub(super) flagged: bool,
}

/// Encodes complete frames from slot `from` on, up to `total` slots; an incomplete one at the end stays with the
/// client.
///
/// The owner bits of the first descriptor are deferred. On an error, only marks and descriptors remain that the NIC
/// does not read.
#[inline(always)]
pub(super) fn encode<F: TxFormat, P: Pool>(
    geometry: &Geometry,
    client: &ClientRing<'_, P>,
    all: &[Descriptor],
    marked: &mut Marked,
    limit: Limit,
    from: NmIdx,
    total: u32,
) -> Result<Batch, SyncError> {
    let pool = *client.pool;
    // A report in the middle of a very long batch lets the client continue before all of it is sent.
    let most = (geometry.slots() / 2).max(1);
    let mut batch = Batch::default();
    while batch.slots < total {
        let at = geometry.advance(from, batch.slots);
        let left = total - batch.slots;
        let slots = client.slots;
        let wanted = left.min(most);
        let Some(run) = Run::next(geometry, slots, all, at, wanted, false) else {
            return Err(SyncError::NotThisRing {
                slots: geometry.slots(),
            });
        };
        let done = encode_run::<F, P>(geometry, &run, pool, limit, marked, &mut batch)?;
        batch.slots += done;
        // The last descriptor of a run requests a report, so that every slot comes back without a request by the
        // client.
        if let Some(last) = done.checked_sub(1)
            && let Some(descriptor) = run.descriptors.get(last as usize)
        {
            if F::REPORT != 0 {
                let control = &descriptor[F::CONTROL];
                control.store(control.load(Relaxed) | F::REPORT, Relaxed);
            }
            marked.reports.push(NicIdx(run.nic.0 + last));
        }
        if done < run.len {
            let place = frame::Place {
                at: geometry.advance(at, done),
                left: left - done,
                deferred: F::OWNER != 0 && batch.slots == 0,
            };
            match frame::encode::<F, P>(*geometry, client, all, marked, limit, place)? {
                0 => break,
                slots => {
                    batch.slots += slots;
                    batch.parts += slots - 1;
                    batch.flagged = true;
                }
            }
        }
    }
    Ok(batch)
}

/// Encodes the slots of a run that are single-slot frames, up to the first that is not. Returns how many.
#[inline(always)]
fn encode_run<F: TxFormat, P: Pool>(
    geometry: &Geometry,
    run: &Run<'_>,
    pool: P,
    limit: Limit,
    marked: &mut Marked,
    batch: &mut Batch,
) -> Result<u32, SyncError> {
    // The last descriptor of a ring may have a mark that the fast path does not handle.
    let ends_ring = F::END_OF_RING != 0 && run.nic.0 + run.len == geometry.slots();
    let plain = run.len - u32::from(ends_ring);
    let mut done = 0;
    loop {
        let deferred = F::OWNER != 0 && batch.slots + done == 0;
        done += encode_plain::<F, P>(run, done, plain, pool, limit, deferred);
        if done == run.len {
            return Ok(done);
        }
        let deferred = F::OWNER != 0 && batch.slots + done == 0;
        // Destructured and rebuilt, so that it is stored to memory only here, when it is needed.
        let Run {
            slots,
            descriptors,
            nm,
            nic,
            len,
        } = *run;
        let run = Run {
            slots,
            descriptors,
            nm,
            nic,
            len,
        };
        let further = encode_any::<F, P>(*geometry, run, done, pool, limit, deferred, marked)?;
        if further.slots == 0 {
            return Ok(done);
        }
        batch.flagged |= further.flagged;
        done += further.slots;
    }
}

/// Encodes slots without flags from `from` to `end`, up to the first that has flags or is invalid. Returns how many.
#[inline(always)]
fn encode_plain<F: TxFormat, P: Pool>(
    run: &Run<'_>,
    from: u32,
    end: u32,
    pool: P,
    limit: Limit,
    deferred: bool,
) -> u32 {
    let range = from as usize..end as usize;
    let (Some(slots), Some(all)) = (run.slots.get(range.clone()), run.descriptors.get(range))
    else {
        return 0;
    };
    let (min, span) = (
        u32::from(limit.min),
        u32::from(limit.max.saturating_sub(limit.min)),
    );
    let per_byte = per_byte::<F>();
    let one = |slot: &SlotCell, descriptor: &Descriptor, deferred: bool| {
        // Flags are above the length, so one comparison checks that there are none and that the length is valid.
        let word = slot.len_flags_word();
        let Some(buffer) = pool.dma(slot.buffer()) else {
            return false;
        };
        if word.wrapping_sub(min) > span {
            return false;
        }
        let mut words = F::encode(buffer, 0);
        words[F::CONTROL] ^= if deferred { F::OWNER } else { 0 };
        for (at, adds) in per_byte.into_iter().enumerate() {
            words[at] = add_length(words[at], F::PER_BYTE[at], adds, word);
        }
        store::<F>(descriptor, words);
        true
    };
    each(slots, all, deferred, one)
}

/// Adds `adds`, which is `per_byte` in a form for multiplication, to `word` for each of `len` bytes.
///
/// In 32 bits if the values fit: a processor can add an immediate with bit 31 set to a 32-bit word, but not to a 64-bit
/// word.
#[inline(always)]
fn add_length(word: u64, per_byte: u64, adds: u64, len: u32) -> u64 {
    if per_byte == 0 {
        word
    } else if (word | per_byte) >> 32 == 0 {
        u64::from((word as u32).wrapping_add((adds as u32).wrapping_mul(len)))
    } else {
        word.wrapping_add(adds.wrapping_mul(len.into()))
    }
}

/// [`TxFormat::PER_BYTE`] in a form for multiplication.
///
/// A compiler that knows a factor with two bits uses two shifts, which take longer than a multiplication.
#[inline(always)]
fn per_byte<F: TxFormat>() -> [u64; 2] {
    F::PER_BYTE.map(|adds| match adds.count_ones() {
        0 | 1 => adds,
        _ => black_box(adds),
    })
}

/// Encodes the slot at `from` and following slots with flags, up to the first of a longer frame.
#[inline(never)]
fn encode_any<F: TxFormat, P: Pool>(
    geometry: Geometry,
    run: Run<'_>,
    from: u32,
    pool: P,
    limit: Limit,
    deferred: bool,
    marked: &mut Marked,
) -> Result<Batch, SyncError> {
    let mut batch = Batch::default();
    let (Some(slots), Some(all)) = (
        run.slots.get(from as usize..),
        run.descriptors.get(from as usize..),
    ) else {
        return Ok(batch);
    };
    for (slot, descriptor) in slots.iter().zip(all) {
        let (len, flags) = slot.len_flags();
        if flags & NS_MOREFRAG != 0 || (flags == 0 && batch.slots > 0) {
            break;
        }
        let at = run.nm.0 + from + batch.slots;
        let buffer = slot.buffer();
        let Some(address) = pool.dma(buffer) else {
            return Err(SyncError::BufferOutOfRange {
                slot: at,
                buffer: buffer.0,
            });
        };
        refuse_indirect(at, flags)?;
        limit.check(at, len)?;
        let report = flags & NS_REPORT != 0;
        let asked = if report { F::REPORT } else { 0 };
        let nic = NicIdx(run.nic.0 + from + batch.slots);
        let owner_bits = OwnerBits::of(&geometry, nic, F::END_OF_RING, F::OWNER);
        let mut words = F::encode(address, len.into());
        words[F::CONTROL] ^= owner_bits.bits(deferred && batch.slots == 0) ^ asked;
        store::<F>(descriptor, words);
        if report {
            marked.reports.push(nic);
        }
        batch.flagged |= flags != 0;
        batch.slots += 1;
    }
    Ok(batch)
}
