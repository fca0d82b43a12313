//! Captures as output.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use super::claim::Claim;
use super::error::{CaptureError, CaptureFailure, CaptureUse};
use super::watcher::Until;

/// The header of a libpcap file in little-endian byte order: times in nanoseconds, version 2.4, no time zone, frames of
/// up to 256 KiB, Ethernet.
const HEADER: [u32; 6] = [0xa1b2_3c4d, 0x0004_0002, 0, 0, 1 << 18, 1];

/// Writes a capture in libpcap's format with nanoseconds, to a file or a pipe. No call waits but [`wait`](Self::wait).
///
/// A file is replaced when the capture starts, not when it is opened. Every [`flush`](Self::flush) writes what was
/// added, so that others can follow a capture while it grows.
#[derive(Debug)]
pub struct CaptureWriter {
    path: PathBuf,
    what: CaptureUse,
    /// `None` while a named pipe has no reader.
    file: Option<Arc<File>>,
    is_file: bool,
    /// The file that opening it created.
    created: Option<PathBuf>,
    started: bool,
    /// A write has failed, after which nothing more is written: frames would be missing before it.
    failed: bool,
    /// Bytes of the file that are written, and how many the process may write.
    position: u64,
    limit: u64,
    /// Bytes to write, how many of them are written, and where each frame ends.
    out: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    _claim: Claim,
}

impl CaptureWriter {
    /// Opens a capture to which a wire records frames. The file does not change until [`start`](Self::start).
    ///
    /// # Errors
    /// It cannot be opened, or it is in use for another capture.
    pub fn record(path: &Path) -> Result<CaptureWriter, CaptureFailure> {
        CaptureWriter::open(path, CaptureUse::Record)
    }

    /// Opens a capture to which a program writes, as [`record`](Self::record).
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn write(path: &Path) -> Result<CaptureWriter, CaptureFailure> {
        CaptureWriter::open(path, CaptureUse::Write)
    }

    fn open(path: &Path, what: CaptureUse) -> Result<CaptureWriter, CaptureFailure> {
        let opened = || {
            let Output {
                file,
                metadata,
                created,
            } = open_output(path)?;
            let claim = Claim::new(path, &metadata, what)
                // A file that others use was not created here.
                .inspect_err(|_| remove(created.as_deref()))?;
            Ok(CaptureWriter {
                path: path.to_owned(),
                what,
                file: file.map(Arc::new),
                is_file: metadata.is_file(),
                created,
                started: false,
                failed: false,
                position: 0,
                limit: getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX),
                out: Vec::new(),
                written: 0,
                ends: Vec::new(),
                _claim: claim,
            })
        };
        opened().map_err(|source| CaptureFailure {
            what,
            path: path.to_owned(),
            source,
        })
    }

    /// Empties the file and writes the header; only the first call does so.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn start(&mut self) -> Result<(), CaptureFailure> {
        if self.started {
            return Ok(());
        }
        self.started = true;
        if let (true, Some(file)) = (self.is_file, &self.file) {
            let emptied = file.set_len(0);
            self.failed = emptied.is_err();
            emptied.map_err(|error| self.failure(error.into()))?;
        }
        self.out
            .extend(HEADER.into_iter().flat_map(u32::to_le_bytes));
        self.flush().map(drop)
    }

    /// Adds a frame without CRC, which the next [`flush`](Self::flush) writes; the capture was started before.
    pub fn add(&mut self, frame: &[u8], when: SystemTime) {
        let since = when
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        // Seconds have 32 bits in this format.
        let head = [since.as_secs() as u32, since.subsec_nanos(), len, len];
        self.out.extend(head.into_iter().flat_map(u32::to_le_bytes));
        self.out.extend_from_slice(frame);
        self.ends.push(self.out.len());
    }

    /// Writes what was added, as far as possible without waiting. Returns whether all of it was written.
    ///
    /// # Errors
    /// It cannot be written. A file then ends with the last whole frame, and every later call fails.
    pub fn flush(&mut self) -> Result<bool, CaptureFailure> {
        if self.failed {
            return Err(self.failure(CaptureError::Failed));
        }
        self.write_out().map_err(|error| {
            self.failed = true;
            if let (true, Some(file)) = (self.is_file, &self.file) {
                let whole = self.ends.iter().rfind(|&&end| end <= self.written);
                let cut = self.written - whole.copied().unwrap_or(0);
                // The error that is returned says more than one of this call.
                let _ = file.set_len(self.position.saturating_sub(cut as u64));
            }
            self.failure(error)
        })
    }

    fn write_out(&mut self) -> Result<bool, CaptureError> {
        if self.out.is_empty() {
            return Ok(true);
        }
        if self.file.is_none() {
            self.file = open_pipe(&self.path)?.map(Arc::new);
        }
        let Some(file) = &self.file else {
            return Ok(false);
        };
        while self.written < self.out.len() {
            let mut rest = &self.out[self.written..];
            if self.is_file {
                // The system would end the process with a signal.
                let left = self.limit.saturating_sub(self.position);
                rest = &rest[..rest.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
                if rest.is_empty() {
                    return Err(CaptureError::SizeLimit);
                }
            }
            match (&**file).write(rest) {
                Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
                Ok(count) => {
                    self.written += count;
                    self.position += count as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        self.out.clear();
        self.ends.clear();
        self.written = 0;
        Ok(true)
    }

    /// Frames that were added and are not written.
    pub fn pending(&self) -> u64 {
        let pending = self.ends.iter().filter(|&&end| end > self.written);
        pending.count() as u64
    }

    /// Waits until more can be written, at most for `timeout`.
    pub fn wait(&self, timeout: Duration) {
        self.until().wait(Some(timeout), None);
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn until(&self) -> Until {
        match &self.file {
            Some(file) => Until::Writable(Arc::clone(file)),
            None => Until::Later,
        }
    }

    fn failure(&self, source: CaptureError) -> CaptureFailure {
        CaptureFailure {
            what: self.what,
            path: self.path.clone(),
            source,
        }
    }
}

impl Drop for CaptureWriter {
    fn drop(&mut self) {
        if !self.started {
            remove(self.created.as_deref());
        }
    }
}

/// A file that was opened for writing.
struct Output {
    /// `None` for a named pipe without a reader.
    file: Option<File>,
    metadata: Metadata,
    /// The file, if opening it created it.
    created: Option<PathBuf>,
}

const FLAGS: OFlags = OFlags::WRONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Opens a file for writing without changing it, and creates it if there is none.
fn open_output(path: &Path) -> Result<Output, CaptureError> {
    let opened = |file: OwnedFd, created| {
        let file = File::from(file);
        let metadata = file.metadata()?;
        Ok(Output {
            file: Some(file),
            metadata,
            created,
        })
    };
    match open(path, FLAGS, Mode::empty()) {
        Ok(file) => opened(file, None),
        Err(Errno::NXIO) => {
            let metadata = fs::metadata(path)?;
            match metadata.file_type().is_fifo() {
                true => Ok(Output {
                    file: None,
                    metadata,
                    created: None,
                }),
                false => Err(io::Error::from(Errno::NXIO).into()),
            }
        }
        Err(Errno::NOENT) => {
            let create = FLAGS | OFlags::CREATE | OFlags::EXCL;
            match open(path, create, Mode::from_bits_truncate(0o666)) {
                Ok(file) => opened(file, Some(path.to_owned())),
                Err(Errno::EXIST) => match fs::read_link(path) {
                    // A link to a name without a file: the file is created under that name.
                    Ok(to) => open_output(&path.parent().unwrap_or(Path::new("")).join(to)),
                    // Another program has created the file meanwhile.
                    Err(_) => opened(
                        open(path, FLAGS, Mode::empty()).map_err(io::Error::from)?,
                        None,
                    ),
                },
                Err(error) => Err(io::Error::from(error).into()),
            }
        }
        Err(error) => Err(io::Error::from(error).into()),
    }
}

/// Opens a named pipe that had no reader, without creating anything; `None` if it still has none.
fn open_pipe(path: &Path) -> io::Result<Option<File>> {
    let file = match open(path, FLAGS, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NXIO) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match file.metadata()?.file_type().is_fifo() {
        true => Ok(Some(file)),
        // Another file has its name now.
        false => Err(Errno::NOENT.into()),
    }
}

/// Removes an empty file that was created for nothing.
fn remove(created: Option<&Path>) {
    if let Some(path) = created {
        // If that fails, it is in nobody's way.
        let _ = fs::remove_file(path);
    }
}
