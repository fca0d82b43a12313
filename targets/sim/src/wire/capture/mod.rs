//! Captures: a wire that replays and records them, one tolerant reader and one writer.

mod claim;
mod error;
mod format;
mod reader;
mod records;
mod watcher;
mod writer;

use std::time::SystemTime;

pub use error::{BadFrame, CaptureError, CaptureFailure, CaptureUse};
pub use reader::CaptureReader;
pub use records::{Next, Records, Tally};
pub use writer::CaptureWriter;

use super::{Batch, Wire};
use crate::error::WireError;
use crate::signal::Waker;
use watcher::{Until, Watcher};

/// Frames read at once.
const BURST: usize = 256;

/// A wire that delivers the frames of a capture and records sent frames to another; both are optional.
///
/// Neither a pipe without data nor one that is full makes it wait: it wakes its device when they are ready.
#[derive(Debug, Default)]
pub struct Capture {
    replay: Option<CaptureReader>,
    record: Option<CaptureWriter>,
    /// Why the capture cannot be read further, once the frames before are delivered.
    failed: Option<CaptureFailure>,
    /// The device that is plugged in.
    waker: Option<Waker>,
    /// For the input and the output.
    watchers: [Option<Watcher>; 2],
    notes: Vec<String>,
}

impl Capture {
    /// A wire without captures: no frame arrives, and sent frames are lost.
    pub fn new() -> Capture {
        Capture::default()
    }

    /// Delivers the frames of a capture, as fast as the device receives them.
    #[must_use]
    pub fn replay(self, from: CaptureReader) -> Capture {
        Capture {
            replay: Some(from),
            ..self
        }
    }

    /// Records sent frames. What the device sends at once is written at once.
    #[must_use]
    pub fn record(self, to: CaptureWriter) -> Capture {
        Capture {
            record: Some(to),
            ..self
        }
    }

    /// Wakes the device once `until`.
    fn wake(&mut self, direction: usize, until: Until) -> Result<(), WireError> {
        if let Some(waker) = &self.waker {
            let watcher = match &mut self.watchers[direction] {
                Some(watcher) => watcher,
                none => none.insert(Watcher::new(waker.clone()).map_err(WireError::Thread)?),
            };
            watcher.wake(until);
        }
        Ok(())
    }

    /// No frame follows.
    fn end(&mut self) {
        if let Some(ended) = self.replay.take() {
            self.notes = ended.tally().notes(&ended.path().display());
        }
    }
}

impl Wire for Capture {
    fn begin(&mut self) -> Result<(), WireError> {
        match &mut self.record {
            Some(to) => Ok(to.start()?),
            None => Ok(()),
        }
    }

    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        let Some(to) = &mut self.record else {
            frames.clear();
            return Ok(());
        };
        to.start()?;
        let mut written = to.flush()?;
        if written {
            let now = SystemTime::now();
            while let Some(frame) = frames.front() {
                to.add(frame, now);
                frames.pop();
            }
            written = to.flush()?;
        }
        if !written {
            let until = to.until();
            self.wake(1, until)?;
        }
        Ok(())
    }

    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        if let Some(failed) = self.failed.take() {
            self.end();
            return Err(failed.into());
        }
        let Some(from) = &mut self.replay else {
            return Ok(());
        };
        for count in 0..BURST {
            match from.next() {
                Ok(Next::Frame { bytes, .. }) => frames.push(bytes),
                Ok(Next::NotYet) => {
                    let until = from.until();
                    return self.wake(0, until);
                }
                Ok(Next::End) => {
                    if count == 0 {
                        self.end();
                    }
                    return Ok(());
                }
                Err(failed) if count == 0 => {
                    self.end();
                    return Err(failed.into());
                }
                Err(failed) => {
                    self.failed = Some(failed);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn waiting(&mut self) -> Result<u64, WireError> {
        let Some(to) = &mut self.record else {
            return Ok(0);
        };
        to.flush()?;
        Ok(to.pending())
    }

    fn has_ended(&self) -> bool {
        self.replay.is_none()
    }

    fn notes(&self) -> Vec<String> {
        match &self.replay {
            Some(from) => from.tally().notes(&from.path().display()),
            None => self.notes.clone(),
        }
    }

    fn plugged(&mut self, waker: Waker) {
        self.watchers = [None, None];
        self.waker = Some(waker);
    }
}
