//! The captures that this process uses, so that none is overwritten while it is also used for something else.

use std::fs::{FileType, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{Stat, fstat};

use super::error::{CaptureError, CaptureUse};

static CLAIMS: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

#[derive(Debug)]
struct Entry {
    id: u64,
    file: Identity,
    what: CaptureUse,
    /// For messages.
    name: String,
}

/// Device and inode: the same for every name of a file.
type Identity = (u64, u64);

/// A file in use for a capture, until this is dropped.
#[derive(Debug)]
pub(super) struct Claim(Option<u64>);

impl Claim {
    /// Claims the file at `path` for `what`. Devices can be used for several purposes at once.
    ///
    /// # Errors
    /// [`CaptureError::InUse`]: one of its uses would destroy the file for another one.
    pub(super) fn new(
        path: &Path,
        file: &Metadata,
        what: CaptureUse,
    ) -> Result<Claim, CaptureError> {
        if file.file_type().is_char_device() {
            return Ok(Claim(None));
        }
        let identity = (file.dev(), file.ino());
        let in_use = |other: String| Err(CaptureError::InUse { other });
        // Text between the frames would damage the capture, whatever kind of file it is.
        if what.is_output() {
            for (stream, name) in [
                (stat(io::stdout()), "standard output"),
                (stat(io::stderr()), "standard error"),
            ] {
                if stream == Some(identity) {
                    return in_use(name.to_owned());
                }
            }
        }
        let mut claims = claims();
        // Two writers of a pipe would mix their frames; a writer and a reader are what it is for.
        let both = is_pipe(file.file_type());
        let conflict = claims.iter().find(|other| {
            let outputs = [what, other.what].map(CaptureUse::is_output);
            other.file == identity && (outputs[0] && outputs[1] || !both && outputs.contains(&true))
        });
        if let Some(other) = conflict {
            return in_use(other.name.clone());
        }
        let id = claims.last().map_or(0, |last| last.id + 1);
        claims.push(Entry {
            id,
            file: identity,
            what,
            name: format!("the capture to {what} {}", path.display()),
        });
        Ok(Claim(Some(id)))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            claims().retain(|entry| entry.id != id);
        }
    }
}

fn claims() -> MutexGuard<'static, Vec<Entry>> {
    CLAIMS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_pipe(kind: FileType) -> bool {
    kind.is_fifo() || kind.is_socket()
}

fn stat(stream: impl AsFd) -> Option<Identity> {
    let Stat { st_dev, st_ino, .. } = fstat(stream).ok()?;
    Some((st_dev, st_ino))
}
