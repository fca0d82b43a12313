//! Sending.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use netmap_userspace::program::{Left, Sent};
use netmap_userspace::{BUFFER_SIZE, TxRing};

use crate::{Failure, Job, PATIENCE};

/// Shorter pauses do not sleep, because a sleep takes longer.
const SHORT: Duration = Duration::from_micros(60);

/// Sends `frames` repeatedly until the job is done: as many as it wants have left, not only been handed over.
pub fn send(ring: &mut TxRing, frames: &[Vec<u8>], job: &Job<'_>) -> Result<(), Failure> {
    let mut sent = Sent::through(ring);
    let worked = fill(ring, frames, job, &mut sent)
        .and_then(|()| Ok(sent.drain(ring, job.stop, |left| note(left, job))?));
    note(sent.left(ring), job);
    let unsent = sent.outstanding();
    job.unsent.fetch_add(unsent, Relaxed);
    worked?;
    if unsent > 0 && !job.stopped() {
        return Err(format!("{unsent} frames did not leave the device").into());
    }
    Ok(())
}

/// Counts what has left the ring. Dropped frames are sent again; those that the NIC could not send are lost.
fn note(left: Left, job: &Job<'_>) {
    job.budget.settle(left.all(), left.finished());
    if left.frames > 0 {
        job.counters.add(left.frames, left.bytes);
    }
}

/// Puts frames into the ring until the job is done or none leaves any more.
fn fill(
    ring: &mut TxRing,
    frames: &[Vec<u8>],
    job: &Job<'_>,
    sent: &mut Sent,
) -> Result<(), Failure> {
    const SLOT: usize = BUFFER_SIZE as usize;
    let mut next = 0;
    // A single frame needs to be copied only once into each slot.
    let mut fresh = match frames {
        [frame] if frame.len() <= SLOT => u64::from(ring.slots()),
        _ => u64::MAX,
    };
    while !job.stopped() {
        note(sent.left(ring), job);
        if job.budget.is_spent() {
            break;
        }
        let may = job.budget.take(job.batch.into());
        if may == 0 {
            // The last frames are on their way, in this ring or in those of other threads, which may return them.
            sent.drain(ring, job.stop, |left| note(left, job))?;
            if sent.outstanding() > 0 {
                break;
            }
            std::thread::sleep(SHORT);
            continue;
        }
        let due = match job.pace.take(may, job.since.elapsed()) {
            Ok(due) => due,
            Err(wait) => {
                job.budget.settle(may, 0);
                pause(ring, wait)?;
                continue;
            }
        };
        let mut slots = ring.reserve(u32::MAX);
        let mut count = 0;
        while count < due {
            let frame = &frames[next];
            if fresh > 0 {
                if !slots.write(frame)? {
                    break;
                }
                fresh -= 1;
            } else {
                let Some(mut slot) = slots.next() else { break };
                slot.set_len(frame.len() as u16);
            }
            sent.put(frame.len() as u32);
            next = (next + 1) % frames.len();
            count += 1;
        }
        slots.commit();
        job.budget.settle(may - count, 0);
        job.pace.give(due - count);
        ring.sync()?;
        if count == 0 {
            let slots = frames[next].len().div_ceil(SLOT) as u32;
            ring.wait_for_room(slots, PATIENCE)?;
        }
    }
    Ok(())
}

/// Sleeps, and handles interrupts meanwhile: a lost kick may have to be repeated.
fn pause(ring: &mut TxRing, how_long: Duration) -> Result<(), Failure> {
    if how_long <= SHORT {
        std::hint::spin_loop();
        return Ok(());
    }
    let since = Instant::now();
    let asleep = (how_long - SHORT).min(PATIENCE);
    if ring.drain(asleep)? {
        std::thread::sleep(asleep.saturating_sub(since.elapsed()));
    }
    Ok(())
}
