//! Frames over several slots.

use super::Marked;
use super::slot::{Limit, refuse_indirect, store};
use crate::abi::NS_MOREFRAG;
use crate::run::{Descriptor, OwnerBits};
use crate::{ClientRing, Geometry, NmIdx, Pool, SlotCell, SyncError, TxFormat};

/// The start of a frame.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Its first slot.
    pub(super) at: NmIdx,
    /// Slots from there on that the client has released.
    pub(super) left: u32,
    /// Whether its first descriptor is the first of the batch, with deferred owner bits.
    pub(super) deferred: bool,
}

/// Slots and bytes of a frame.
#[derive(Clone, Copy)]
struct Size {
    slots: u32,
    bytes: u32,
}

/// Encodes a frame over several slots. Returns its slots, 0 if it is incomplete.
#[inline(never)]
pub(super) fn encode<F: TxFormat, P: Pool>(
    geometry: Geometry,
    client: &ClientRing<'_, P>,
    all: &[Descriptor],
    marked: &mut Marked,
    limit: Limit,
    place: Place,
) -> Result<u32, SyncError> {
    let pool = *client.pool;
    // Some NICs need the size of the whole frame in its first descriptor.
    let Some(size) = measure(&geometry, client, limit, place)? else {
        return Ok(0);
    };
    let limit = limit.of_part();
    let mut bytes = 0;
    for part in 0..size.slots {
        let nm = geometry.advance(place.at, part);
        let nic = geometry.to_nic(nm);
        let (slot, Some(descriptor)) = (
            slot_at(&geometry, client.slots, nm)?,
            all.get(nic.0 as usize),
        ) else {
            return Err(not_this_ring(&geometry));
        };
        // The client may have changed the slot since it was measured, so the encoded values are checked here.
        let (len, _) = slot.len_flags();
        let buffer = slot.buffer();
        let Some(address) = pool.dma(buffer) else {
            return Err(SyncError::BufferOutOfRange {
                slot: nm.0,
                buffer: buffer.0,
            });
        };
        limit.check(nm.0, len)?;
        bytes += u32::from(len);
        let (first, last) = (part == 0, part + 1 == size.slots);
        let ends =
            (if first { F::FIRST } else { 0 }) | (if last { F::LAST | F::REPORT } else { 0 });
        let owner_bits = OwnerBits::of(&geometry, nic, F::END_OF_RING, F::OWNER);
        let mut words = F::part(address, len.into(), size.bytes);
        words[F::CONTROL] ^= owner_bits.bits(first && place.deferred) ^ ends;
        store::<F>(descriptor, words);
        if last {
            marked.reports.push(nic);
        } else {
            marked.parts.set(nic);
        }
    }
    if bytes != size.bytes {
        return Err(SyncError::FrameChanged { slot: place.at.0 });
    }
    Ok(size.slots)
}

/// Slots and bytes of the frame; `None` if it is incomplete.
fn measure<P: Pool>(
    geometry: &Geometry,
    client: &ClientRing<'_, P>,
    limit: Limit,
    place: Place,
) -> Result<Option<Size>, SyncError> {
    let of_part = limit.of_part();
    // Two slots of the ring are never part of a frame: the free one, and one to distinguish a full ring from a stuck
    // one.
    let max = geometry.slots().saturating_sub(2);
    let max = limit.frame_slots.min(max).max(1);
    let first = place.at.0;
    let mut size = Size { slots: 0, bytes: 0 };
    while size.slots < place.left {
        let nm = geometry.advance(place.at, size.slots);
        let (len, flags) = slot_at(geometry, client.slots, nm)?.len_flags();
        refuse_indirect(nm.0, flags)?;
        of_part.check(nm.0, len)?;
        size.slots += 1;
        size.bytes += u32::from(len);
        if size.slots > max {
            return Err(SyncError::TooManySlots { slot: first, max });
        }
        if size.bytes > limit.frame_max {
            return Err(SyncError::FrameTooLong {
                slot: first,
                len: size.bytes,
                max: limit.frame_max,
            });
        }
        if flags & NS_MOREFRAG == 0 {
            if size.bytes < u32::from(limit.min) {
                limit.check(first, size.bytes as u16)?;
            }
            return Ok(Some(size));
        }
    }
    // More slots would not make it valid.
    if size.slots == max {
        return Err(SyncError::TooManySlots { slot: first, max });
    }
    Ok(None)
}

fn slot_at<'a>(
    geometry: &Geometry,
    slots: &'a [SlotCell],
    at: NmIdx,
) -> Result<&'a SlotCell, SyncError> {
    slots.get(at.0 as usize).ok_or(not_this_ring(geometry))
}

fn not_this_ring(geometry: &Geometry) -> SyncError {
    SyncError::NotThisRing {
        slots: geometry.slots(),
    }
}
