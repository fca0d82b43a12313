//! Receiving.

use netmap_userspace::RxRing;

use crate::capture::Recording;
use crate::{Failure, Job, PATIENCE};

/// Receives until the job is done.
pub fn receive(
    ring: &mut RxRing,
    mut recording: Option<&mut Recording>,
    job: &Job<'_>,
) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    let mut received = 0;
    while !job.stopped() && (job.count == 0 || received < job.count) {
        if !ring.wait(PATIENCE)? {
            continue;
        }
        let left = if job.count == 0 {
            u64::MAX
        } else {
            job.count - received
        };
        let most = left.min(u64::from(job.batch)) as usize;
        let (mut count, mut total) = (0, 0);
        let mut frames = ring.frames();
        for frame in frames.by_ref().take(most) {
            count += 1;
            total += frame.len() as u64;
            if let Some(recording) = &mut recording {
                bytes.resize(frame.len(), 0);
                frame.read(&mut bytes)?;
                recording.add(&bytes)?;
            }
        }
        frames.release();
        received += count;
        job.counters.add(count, total);
    }
    // Gives the last slots back.
    ring.sync()?;
    Ok(())
}
