//! The capture of received frames.

use std::path::Path;
use std::time::SystemTime;

use netmap_sim::WireError;
use netmap_sim::wire::CaptureWriter;

use netmap_userspace::program::{Failure, PATIENCE, Stop};

/// A capture being written.
pub struct Recording {
    to: CaptureWriter,
}

impl Recording {
    /// Opens a capture. Its file does not change before [`start`](Self::start).
    pub fn open(path: &Path) -> Result<Recording, Failure> {
        let to = CaptureWriter::write(path).map_err(WireError::from)?;
        Ok(Recording { to })
    }

    /// Replaces the file.
    pub fn start(&mut self) -> Result<(), Failure> {
        Ok(self.to.start()?)
    }

    /// Adds a frame.
    pub fn add(&mut self, frame: &[u8]) {
        self.to.add(frame, SystemTime::now());
    }

    /// Writes the frames added, so that others can follow; waits for the reader of a pipe until a stop request.
    pub fn flush(&mut self, stop: &Stop) -> Result<(), Failure> {
        while !self.to.flush()? && !stop.asked() {
            self.to.wait(PATIENCE);
        }
        Ok(())
    }

    /// Frames that are not in the file, for the program's last line.
    pub fn notes(&self) -> Vec<String> {
        match self.to.pending() {
            0 => Vec::new(),
            pending => vec![format!(
                "{pending} not written to {} in time",
                self.to.path().display()
            )],
        }
    }
}
