//! Captures as input.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};

use super::claim::Claim;
use super::error::{CaptureFailure, CaptureUse};
use super::records::{Next, Records, Tally};
use super::watcher::Until;

/// Reads a capture from a file, a pipe or a terminal, in the formats of [`Records`]. No call waits but
/// [`wait`](Self::wait).
#[derive(Debug)]
pub struct CaptureReader {
    path: PathBuf,
    what: CaptureUse,
    records: Records<Input>,
    _claim: Claim,
}

impl CaptureReader {
    /// Opens a capture that a wire replays. Of a file, header and first frame are read; a pipe may have no writer yet.
    ///
    /// # Errors
    /// It cannot be opened, it is no capture of Ethernet frames, or it is also in use as an output.
    pub fn replay(path: &Path, strict: bool) -> Result<CaptureReader, CaptureFailure> {
        CaptureReader::open(path, CaptureUse::Replay, strict)
    }

    /// Opens a capture that a program reads, as [`replay`](Self::replay).
    ///
    /// # Errors
    /// As [`replay`](Self::replay).
    pub fn read(path: &Path, strict: bool) -> Result<CaptureReader, CaptureFailure> {
        CaptureReader::open(path, CaptureUse::Read, strict)
    }

    fn open(path: &Path, what: CaptureUse, strict: bool) -> Result<CaptureReader, CaptureFailure> {
        let opened = || {
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            let file = File::from(open(path, flags, Mode::empty()).map_err(io::Error::from)?);
            let metadata = file.metadata()?;
            let claim = Claim::new(path, &metadata, what)?;
            let kind = metadata.file_type();
            let waits = kind.is_fifo() || kind.is_socket() || kind.is_char_device();
            let file = Arc::new(file);
            let mut records = Records::new(Input { file, waits }, strict);
            if !waits {
                records.peek()?;
            }
            Ok((records, claim))
        };
        let (records, claim) = opened().map_err(|source| CaptureFailure {
            what,
            path: path.to_owned(),
            source,
        })?;
        Ok(CaptureReader {
            path: path.to_owned(),
            what,
            records,
            _claim: claim,
        })
    }

    /// The next frame.
    ///
    /// # Errors
    /// Those of [`Records::next`].
    #[expect(
        clippy::should_implement_trait,
        reason = "the frame borrows the reader"
    )]
    pub fn next(&mut self) -> Result<Next<'_>, CaptureFailure> {
        let (path, what) = (&self.path, self.what);
        self.records.next().map_err(|source| CaptureFailure {
            what,
            path: path.clone(),
            source,
        })
    }

    /// Waits until there may be a frame, at most for `timeout`.
    pub fn wait(&self, timeout: Duration) {
        self.until().wait(Some(timeout), None);
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What became of the frames so far.
    pub fn tally(&self) -> &Tally {
        self.records.tally()
    }

    pub(super) fn until(&self) -> Until {
        Until::Readable(Arc::clone(&self.records.source().file))
    }
}

/// A file that reads as far as possible without waiting.
#[derive(Debug)]
pub(super) struct Input {
    file: Arc<File>,
    /// Whether it may have no bytes yet.
    waits: bool,
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.waits {
            // A read would report the end of a pipe that has no writer yet.
            let mut source = [PollFd::new(&self.file, PollFlags::IN)];
            if poll(&mut source, Some(&Timespec::default()))? == 0 {
                return Err(ErrorKind::WouldBlock.into());
            }
        }
        (&*self.file).read(into)
    }
}
