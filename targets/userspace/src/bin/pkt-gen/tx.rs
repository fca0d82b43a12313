//! Sending.

use std::time::{Duration, Instant};

use netmap_userspace::TxRing;

use crate::pace::Pace;
use crate::{Failure, Job, PATIENCE};

/// Times shorter than this are not slept: a sleep takes longer.
const SHORT: Duration = Duration::from_micros(60);
/// How long the last frames may take to leave.
const LAST: Duration = Duration::from_secs(5);

/// Sends `frames` over and over until the job is done, then waits for the last of them to leave.
pub fn send(ring: &mut TxRing, frames: &[Vec<u8>], job: &Job<'_>) -> Result<(), Failure> {
    let mut pace = Pace::new(job.rate, Instant::now());
    let mut next = 0;
    let mut sent = 0;
    // One frame for all slots needs to be copied only once into each.
    let mut fresh = match frames {
        [_] => u64::from(ring.slots()),
        _ => u64::MAX,
    };
    while !job.stopped() && (job.count == 0 || sent < job.count) {
        let left = if job.count == 0 {
            u64::MAX
        } else {
            job.count - sent
        };
        let most = left.min(u64::from(job.batch));
        let may = pace.take(most, Instant::now());
        if may == 0 {
            pause(pace.wait(Instant::now()));
            continue;
        }
        let mut slots = ring.reserve(may as u32);
        let (mut count, mut bytes) = (0, 0);
        for mut slot in &mut slots {
            let frame = &frames[next];
            if fresh > 0 {
                slot.write(frame)?;
                fresh -= 1;
            } else {
                slot.set_len(frame.len() as u16);
            }
            next = (next + 1) % frames.len();
            count += 1;
            bytes += frame.len() as u64;
        }
        slots.commit();
        pace.give(may - count);
        ring.sync()?;
        if count > 0 {
            sent += count;
            job.counters.add(count, bytes);
        } else {
            ring.wait(PATIENCE)?;
        }
    }
    let drained = ring.drain(LAST)?;
    if !drained && !job.stopped() {
        return Err(Failure::Unsent {
            frames: ring.pending(),
        });
    }
    Ok(())
}

fn pause(how_long: Duration) {
    if how_long > SHORT {
        std::thread::sleep((how_long - SHORT).min(PATIENCE));
    } else {
        std::hint::spin_loop();
    }
}
