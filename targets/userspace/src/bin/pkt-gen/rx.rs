//! Receiving.

use std::sync::{Mutex, PoisonError};

use netmap_userspace::RxRing;

use crate::capture::Recording;
use crate::{Failure, Job, PATIENCE};

/// Receives until the job is done.
pub fn receive(
    ring: &mut RxRing,
    recording: Option<&Mutex<Recording>>,
    job: &Job<'_>,
) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    while !job.stopped() && !job.budget.is_spent() {
        let last = job.finishing();
        if !ring.wait(PATIENCE)? {
            if last {
                break;
            }
            continue;
        }
        let may = job.budget.take(job.batch.into());
        if may == 0 {
            // Another thread has taken the last frames, and may return them.
            std::thread::yield_now();
            continue;
        }
        let (mut count, mut total) = (0, 0);
        let mut frames = ring.frames();
        for frame in frames.by_ref().take(may as usize) {
            count += 1;
            total += frame.len() as u64;
            if let Some(recording) = recording {
                bytes.resize(frame.len(), 0);
                frame.read(&mut bytes)?;
                let mut recording = recording.lock().unwrap_or_else(PoisonError::into_inner);
                recording.add(&bytes);
            }
        }
        frames.release();
        // Before anything that can fail or wait: the totals count these frames.
        job.budget.settle(may, count);
        job.counters.add(count, total);
        if let Some(recording) = recording {
            let mut recording = recording.lock().unwrap_or_else(PoisonError::into_inner);
            recording.flush(job.stop)?;
        }
    }
    // Returns the last slots to the NIC.
    ring.sync()?;
    Ok(())
}
