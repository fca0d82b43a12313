//! Why a capture cannot be read or written.

use std::fmt;
use std::io;
use std::path::PathBuf;

use pcap_parser::Linktype;
use thiserror::Error;

/// What a capture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureUse {
    /// A wire delivers its frames.
    Replay,
    /// A wire writes sent frames to it.
    Record,
    /// A program reads its frames.
    Read,
    /// A program writes received frames to it.
    Write,
}

impl CaptureUse {
    pub(super) const fn is_output(self) -> bool {
        matches!(self, CaptureUse::Record | CaptureUse::Write)
    }
}

impl fmt::Display for CaptureUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CaptureUse::Replay => "replay",
            CaptureUse::Record => "record to",
            CaptureUse::Read => "read",
            CaptureUse::Write => "write",
        })
    }
}

/// Why a capture cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message shows what its fields are")]
pub enum CaptureError {
    /// The file cannot be opened, read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file has no bytes.
    #[error("it is empty")]
    Empty,
    /// The file has another format.
    #[error(
        "it is neither a libpcap nor a pcapng capture, but begins with the bytes {:02x} {:02x} {:02x} {:02x}; \
         Wireshark's `editcap` converts other formats", first[0], first[1], first[2], first[3]
    )]
    NotACapture { first: [u8; 4] },
    /// The file is compressed.
    #[error("it is compressed with {program}: decompress it with `{program} -dc FILE > CAPTURE`")]
    Compressed { program: &'static str },
    /// The frames are not Ethernet.
    #[error("its frames are {}, not Ethernet", LinkName(*link))]
    NotEthernet { link: u32 },
    /// The file ends within its header.
    #[error("it ends in the middle of its header")]
    CutHeader,
    /// The file ends within a frame.
    #[error("it ends in the middle of frame {number}")]
    CutRecord { number: u64 },
    /// The file ends within a block of another kind.
    #[error("it ends in the middle of a block after frame {after}")]
    CutBlock { after: u64 },
    /// A block is invalid, and so is what follows.
    #[error("it is damaged after frame {after}: {why}")]
    Damaged { after: u64, why: &'static str },
    /// Strict reading refuses this frame.
    #[error("frame {number} {why}")]
    Frame { number: u64, why: BadFrame },
    /// The file is also in use for something that this use would destroy.
    #[error("it is the same file as {other}; give two different files")]
    InUse { other: String },
    /// Nothing more is written after a write that failed.
    #[error("an earlier write has failed")]
    Failed,
    /// The process may not write larger files.
    #[error("the file size limit of this process is reached (`ulimit -f` shows it)")]
    SizeLimit,
}

/// What is wrong with a frame of a capture.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message shows what its fields are")]
pub enum BadFrame {
    /// It was captured with a short snap length.
    #[error("is cut: {captured} of its {original} bytes were captured")]
    Cut { captured: u32, original: u32 },
    /// It has no bytes.
    #[error("has no bytes")]
    Empty,
    /// Its record is longer than any frame.
    #[error("has a record of {bytes} bytes, longer than any frame")]
    TooLong { bytes: u64 },
    /// Its block is invalid.
    #[error("has an invalid block")]
    Invalid,
    /// The capture does not describe its interface.
    #[error("is of interface {interface}, which the capture does not describe")]
    NoInterface { interface: u32 },
    /// It was captured on another kind of interface.
    #[error("is {}, not Ethernet", LinkName(*link))]
    NotEthernet { link: u32 },
}

/// The name of a link type, as far as known.
struct LinkName(u32);

impl fmt::Display for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Linktype(self.0.cast_signed()).to_string();
        match name.contains('(') {
            true => write!(f, "of link type {}", self.0),
            false => f.write_str(&name),
        }
    }
}

/// The error of a capture, with its file.
#[derive(Debug, Error)]
#[error("cannot {what} {}", path.display())]
pub struct CaptureFailure {
    /// What the capture is for.
    pub what: CaptureUse,
    /// Its file.
    pub path: PathBuf,
    /// Why.
    pub source: CaptureError,
}
