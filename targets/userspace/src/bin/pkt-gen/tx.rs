//! Sending.

use std::time::{Duration, Instant};

use netmap_userspace::{BUFFER_SIZE, TxRing};

use crate::{Failure, Job, PATIENCE};

/// Shorter pauses do not sleep, because a sleep takes longer.
const SHORT: Duration = Duration::from_micros(60);
/// How long the last frames may take to leave.
const LAST: Duration = Duration::from_secs(5);

/// Sends `frames` repeatedly until the job is done, then waits for the last ones to leave.
pub fn send(ring: &mut TxRing, frames: &[Vec<u8>], job: &Job<'_>) -> Result<(), Failure> {
    const SLOT: usize = BUFFER_SIZE as usize;
    let mut next = 0;
    // A single frame needs to be copied only once into each slot.
    let mut fresh = match frames {
        [frame] if frame.len() <= SLOT => u64::from(ring.slots()),
        _ => u64::MAX,
    };
    while !job.stopped() && !job.budget.is_spent() {
        let due = match job.pace.take(job.batch.into(), job.since.elapsed()) {
            Ok(due) => due,
            Err(wait) => {
                pause(ring, wait)?;
                continue;
            }
        };
        let budget = job.budget.take(due);
        if budget == 0 {
            // Another thread has taken the last frames, and may return them.
            job.pace.give(due);
            ring.sync()?;
            std::thread::yield_now();
            continue;
        }
        let mut slots = ring.reserve(u32::MAX);
        let (mut count, mut bytes) = (0, 0);
        while count < budget {
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
            next = (next + 1) % frames.len();
            count += 1;
            bytes += frame.len() as u64;
        }
        slots.commit();
        job.budget.settle(budget, count);
        job.pace.give(due - count);
        ring.sync()?;
        if count > 0 {
            job.counters.add(count, bytes);
        } else {
            let slots = frames[next].len().div_ceil(SLOT) as u32;
            ring.wait_for_room(slots, PATIENCE)?;
        }
    }
    let until = Instant::now() + LAST;
    // At least one step: the frames before a stop request should leave, too.
    while !ring.drain(PATIENCE)? && !job.stopped() {
        if Instant::now() >= until {
            return Err(format!("{} frames did not leave the device", ring.pending()).into());
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
