//! Captures: frames to send, and frames that were received.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use pcap_file::pcap::{PcapHeader, PcapPacket, PcapReader, PcapWriter};
use pcap_file::{DataLink, TsResolution};

use crate::Failure;

/// The frames of a capture.
pub fn read(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let failed = Failure::capture("reading", path);
    let file = File::open(path).map_err(|error| failed(&error))?;
    let mut reader = PcapReader::new(BufReader::new(file)).map_err(|error| failed(&error))?;
    let link = reader.header().datalink;
    if link != DataLink::ETHERNET {
        return Err(failed(&format!("its frames are {link:?}, not Ethernet")));
    }
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        frames.push(packet.map_err(|error| failed(&error))?.data.into_owned());
    }
    if frames.is_empty() {
        return Err(failed(&"it has no frames"));
    }
    Ok(frames)
}

/// A capture being written.
pub struct Recording {
    path: PathBuf,
    writer: PcapWriter<BufWriter<File>>,
}

impl Recording {
    /// Starts a capture; a file of that name is replaced.
    pub fn create(path: &Path) -> Result<Recording, Failure> {
        let failed = Failure::capture("writing", path);
        let file = File::create(path).map_err(|error| failed(&error))?;
        let header = PcapHeader {
            ts_resolution: TsResolution::NanoSecond,
            ..PcapHeader::default()
        };
        let writer = PcapWriter::with_header(BufWriter::new(file), header)
            .map_err(|error| failed(&error))?;
        Ok(Recording {
            path: path.to_owned(),
            writer,
        })
    }

    /// Adds a frame.
    pub fn add(&mut self, frame: &[u8]) -> Result<(), Failure> {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let packet = PcapPacket::new(now, frame.len() as u32, frame);
        let written = self.writer.write_packet(&packet);
        written
            .map(drop)
            .map_err(|error| Failure::capture("writing", &self.path)(&error))
    }

    /// Ends the capture.
    pub fn finish(self) -> Result<(), Failure> {
        let flushed = self.writer.into_writer().flush();
        flushed.map_err(|error| Failure::capture("writing", &self.path)(&error))
    }
}
