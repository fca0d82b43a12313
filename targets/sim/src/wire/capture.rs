//! A wire that replays and records captures in libpcap's format.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use pcap_file::pcap::{PcapPacket, PcapReader, PcapWriter};

use super::{Batch, Wire};
use crate::error::WireError;

/// Frames read at once.
const BURST: usize = 256;

/// A wire that delivers the frames of a capture and records sent frames to another; both are optional.
#[derive(Default)]
pub struct Capture {
    from: Option<PcapReader<Box<dyn Read + Send>>>,
    to: Option<PcapWriter<Box<dyn Write + Send>>>,
}

impl Capture {
    /// A wire without captures: no frame arrives, and sent frames are lost.
    pub fn new() -> Capture {
        Capture::default()
    }

    /// Delivers the frames of a file, as fast as the device receives them.
    ///
    /// # Errors
    /// The file cannot be read or is not a capture.
    pub fn replay(self, path: &Path) -> Result<Capture, WireError> {
        self.replay_from(Box::new(BufReader::new(File::open(path)?)))
    }

    /// Delivers the frames of a capture.
    ///
    /// # Errors
    /// The data is not a capture.
    pub fn replay_from(self, from: Box<dyn Read + Send>) -> Result<Capture, WireError> {
        Ok(Capture {
            from: Some(PcapReader::new(from)?),
            ..self
        })
    }

    /// Records sent frames to a file, which is replaced.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record(self, path: &Path) -> Result<Capture, WireError> {
        self.record_to(Box::new(BufWriter::new(File::create(path)?)))
    }

    /// Records sent frames.
    ///
    /// # Errors
    /// The capture cannot be written.
    pub fn record_to(self, to: Box<dyn Write + Send>) -> Result<Capture, WireError> {
        Ok(Capture {
            to: Some(PcapWriter::new(to)?),
            ..self
        })
    }
}

impl Wire for Capture {
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        if let Some(to) = &mut self.to {
            let now = SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or(Duration::ZERO);
            while let Some(frame) = frames.front() {
                let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
                to.write_packet(&PcapPacket::new(now, len, frame))?;
                frames.pop();
            }
        }
        frames.clear();
        Ok(())
    }

    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        if let Some(from) = &mut self.from {
            for _ in 0..BURST {
                match from.next_packet() {
                    Some(packet) => frames.push(&packet?.data),
                    None => {
                        self.from = None;
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture")
            .field("replays", &self.from.is_some())
            .field("records", &self.to.is_some())
            .finish()
    }
}
