//! Captures: frames to send, and frames that were received.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use pcap_file::pcap::{PcapHeader, PcapPacket, PcapReader, PcapWriter};
use pcap_file::{DataLink, TsResolution};

use netmap_userspace::program::{Failure, at_file};

/// The frames of a capture.
pub fn read(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let mut reader = PcapReader::new(BufReader::new(File::open(path)?))?;
    let link = reader.header().datalink;
    if link != DataLink::ETHERNET {
        return Err(format!("its frames are {link:?}, not Ethernet").into());
    }
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        frames.push(packet?.data.into_owned());
    }
    match frames.is_empty() {
        true => Err("it has no frames".into()),
        false => Ok(frames),
    }
}

/// A capture being written.
pub struct Recording {
    path: PathBuf,
    writer: PcapWriter<BufWriter<File>>,
}

impl Recording {
    /// Starts a capture; a file of that name is replaced.
    pub fn create(path: &Path) -> Result<Recording, Failure> {
        let file = File::create(path).map_err(at_file("cannot write", path))?;
        let header = PcapHeader {
            ts_resolution: TsResolution::NanoSecond,
            ..PcapHeader::default()
        };
        let writer = PcapWriter::with_header(BufWriter::new(file), header);
        Ok(Recording {
            path: path.to_owned(),
            writer: writer.map_err(at_file("cannot write", path))?,
        })
    }

    /// Adds a frame.
    pub fn add(&mut self, frame: &[u8]) -> Result<(), Failure> {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let packet = PcapPacket::new(now, frame.len() as u32, frame);
        let written = self.writer.write_packet(&packet).map(drop);
        written.map_err(at_file("cannot write", &self.path))
    }

    /// Ends the capture.
    pub fn finish(self) -> Result<(), Failure> {
        let flushed = self.writer.into_writer().flush();
        flushed.map_err(at_file("cannot write", &self.path))
    }
}
