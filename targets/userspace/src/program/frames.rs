//! The frames of a capture, in memory.

use std::path::{Path, PathBuf};

use netmap_sim::WireError;
use netmap_sim::wire::{CaptureReader, Next, Tally};

use super::{Failure, PATIENCE, Stop, context};
use crate::{Limits, PortConfig};

/// The frames of a capture. While this exists, the capture cannot be overwritten by another output of the process.
#[derive(Debug)]
pub struct Frames {
    frames: Vec<Numbered>,
    tally: Tally,
    /// Why the capture could not be read to its end.
    failed: Option<WireError>,
    reader: CaptureReader,
}

/// A frame, and its number in the capture.
#[derive(Debug)]
struct Numbered {
    number: u64,
    bytes: Vec<u8>,
}

impl Frames {
    /// Reads a capture, which may be a pipe; `None` after a stop request.
    ///
    /// A capture that ends in the middle of a frame or is damaged has the frames before, and an
    /// [error](Self::take_error).
    ///
    /// # Errors
    /// It has no frames; or strict reading found one that is cut or invalid.
    pub fn read(path: &Path, strict: bool, stop: &Stop) -> Result<Option<Frames>, Failure> {
        let mut reader = CaptureReader::read(path, strict).map_err(WireError::from)?;
        let mut frames = Vec::new();
        let failed = loop {
            if stop.asked() {
                return Ok(None);
            }
            match reader.next() {
                Ok(Next::Frame { number, bytes }) => {
                    let bytes = bytes.to_vec();
                    frames.push(Numbered { number, bytes });
                }
                Ok(Next::NotYet) => reader.wait(PATIENCE),
                Ok(Next::End) => break None,
                Err(error) if strict || frames.is_empty() => return Err(error.into()),
                Err(error) => break Some(error.into()),
            }
        };
        if frames.is_empty() {
            let none = context(format!("cannot read {}", path.display()));
            return Err(none("it has no frames"));
        }
        Ok(Some(Frames {
            frames,
            tally: reader.tally().clone(),
            failed,
            reader,
        }))
    }

    /// The number of frames.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// The lengths of the frames.
    pub fn lengths(&self) -> impl Iterator<Item = usize> {
        self.frames.iter().map(|frame| frame.bytes.len())
    }

    /// Passes over frames that a port with these limits and this number of slots in a ring cannot send, and counts them.
    ///
    /// # Errors
    /// None is left; or it is `strict` and one cannot be sent.
    pub fn keep_sendable(
        &mut self,
        limits: &Limits,
        config: &PortConfig,
        strict: bool,
    ) -> Result<(), Failure> {
        let refusal = |frame: &Numbered| {
            let len = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
            let refused = limits.check_sent(len, config).err();
            refused.map(|error| format!("cannot be sent: {error}"))
        };
        let refused = |frame: &Numbered| Some((frame.number, refusal(frame)?));
        let mut all = self.frames.iter().filter_map(refused);
        let Some((number, why)) = all.next() else {
            return Ok(());
        };
        if strict || 1 + all.count() == self.frames.len() {
            let failure = context(format!("cannot send {}", self.path().display()));
            return Err(failure(format!("frame {number} {why}")));
        }
        let tally = &mut self.tally;
        self.frames.retain(|frame| match refusal(frame) {
            Some(why) => {
                tally.pass_over(frame.number, &why);
                false
            }
            None => true,
        });
        Ok(())
    }

    /// Takes the frames.
    pub fn take(&mut self) -> Vec<Vec<u8>> {
        let frames = std::mem::take(&mut self.frames).into_iter();
        frames.map(|frame| frame.bytes).collect()
    }

    /// Whether the capture could not be read to its end.
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Why the capture could not be read to its end, once.
    pub fn take_error(&mut self) -> Option<WireError> {
        self.failed.take()
    }

    /// What became of its other frames, for the program's last line.
    pub fn notes(&self) -> Vec<String> {
        self.tally.notes(&self.path().display())
    }

    fn path(&self) -> PathBuf {
        self.reader.path().to_owned()
    }
}
