//! The frames of a capture, from any reader.

use std::fmt;
use std::io::{ErrorKind, Read};
use std::ops::Range;

use super::error::{BadFrame, CaptureError};
use super::format::{Content, Format, LONGEST};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;

/// Reads the frames of a capture in one of the formats libpcap (with microseconds or nanoseconds, in both byte orders)
/// and pcapng.
///
/// A frame that was captured with a short snap length is returned as captured; frames without bytes, of interfaces that
/// are not Ethernet, or with an invalid record are passed over. Both are counted; strict reading refuses both.
///
/// The reader may return [`WouldBlock`](ErrorKind::WouldBlock). No length in a capture makes it allocate more than
/// about a megabyte.
pub struct Records<R> {
    from: R,
    strict: bool,
    /// Bytes read are at `start..end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes that are still to be passed over.
    skip: u64,
    /// Whether they belong to a frame.
    skips_frame: bool,
    format: Option<Format>,
    /// A frame that was looked up in advance.
    ready: Option<Item>,
    tally: Tally,
}

/// The next frame of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'a> {
    /// A frame without CRC.
    Frame {
        /// Its number in the capture; the first has 1.
        number: u64,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// The reader has no more bytes now.
    NotYet,
    /// The capture has ended.
    End,
}

#[derive(Debug)]
enum Item {
    Frame { number: u64, at: Range<usize> },
    NotYet,
    End,
}

/// What became of the frames of a capture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Frames read so far.
    pub frames: u64,
    /// Of these, frames that were delivered although they are cut.
    pub cut: u64,
    /// Of these, frames that were passed over.
    pub passed_over: u64,
    /// The number of the first one, and what is wrong with it.
    pub first: Option<(u64, String)>,
}

impl Tally {
    /// Counts frame `number` as passed over because of `why`.
    pub fn pass_over(&mut self, number: u64, why: &dyn fmt::Display) {
        self.passed_over += 1;
        self.first.get_or_insert_with(|| (number, why.to_string()));
    }

    /// For a program's last line: what happened to the frames of `capture`, besides being delivered.
    pub fn notes(&self, capture: &dyn fmt::Display) -> Vec<String> {
        let mut notes = Vec::new();
        match self.cut {
            0 => {}
            1 => notes.push(format!("1 frame of {capture} is cut")),
            cut => notes.push(format!("{cut} frames of {capture} are cut")),
        }
        if let Some((number, why)) = &self.first {
            let passed_over = self.passed_over;
            let were = if passed_over == 1 { "was" } else { "were" };
            notes.push(format!(
                "{passed_over} of {capture} {were} passed over, first: frame {number} {why}"
            ));
        }
        notes
    }
}

impl<R: Read> Records<R> {
    /// The frames of the capture that `from` reads.
    pub fn new(from: R, strict: bool) -> Records<R> {
        Records {
            from,
            strict,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            skip: 0,
            skips_frame: false,
            format: None,
            ready: None,
            tally: Tally::default(),
        }
    }

    pub(super) fn source(&self) -> &R {
        &self.from
    }

    /// What became of the frames so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Reads the capture's header and its first frame, which the next call of [`next`](Self::next) returns.
    ///
    /// # Errors
    /// Those of [`next`](Self::next).
    pub fn peek(&mut self) -> Result<(), CaptureError> {
        if self.ready.is_none() {
            self.ready = Some(self.advance()?);
        }
        Ok(())
    }

    /// The next frame.
    ///
    /// # Errors
    /// It cannot be read, it is no capture of Ethernet frames, it ends in the middle of a frame, or it is damaged; with
    /// strict reading also if a frame is cut or invalid. All frames before the error were returned.
    #[expect(
        clippy::should_implement_trait,
        reason = "the frame borrows the reader"
    )]
    pub fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        let item = match self.ready.take() {
            Some(item) => item,
            None => self.advance()?,
        };
        Ok(match item {
            Item::Frame { number, at } => Next::Frame {
                number,
                bytes: &self.buffer[at],
            },
            Item::NotYet => Next::NotYet,
            Item::End => Next::End,
        })
    }

    fn advance(&mut self) -> Result<Item, CaptureError> {
        loop {
            let here = self.skip.min((self.end - self.start) as u64);
            self.start += here as usize;
            self.skip -= here;
            if self.skip > 0 {
                match self.fill()? {
                    Filled::Some => continue,
                    Filled::NotYet => return Ok(Item::NotYet),
                    Filled::End => return Err(self.cut(self.skips_frame)),
                }
            }
            let bytes = &self.buffer[self.start..self.end];
            let after = self.tally.frames;
            let Some(format) = &mut self.format else {
                if let Some((format, header)) = Format::of(bytes)? {
                    self.format = Some(format);
                    self.start += header;
                    continue;
                }
                match self.fill()? {
                    Filled::Some => continue,
                    Filled::NotYet => return Ok(Item::NotYet),
                    Filled::End if self.start == self.end => return Err(CaptureError::Empty),
                    Filled::End => return Err(CaptureError::CutHeader),
                }
            };
            let record = format.record(bytes, after)?;
            let whole = match record {
                Some(record) if record.len > LONGEST as u64 => {
                    (self.skip, self.skips_frame) = (record.len, record.is_frame);
                    if record.is_frame {
                        self.pass_over(BadFrame::TooLong { bytes: record.len })?;
                    }
                    continue;
                }
                Some(record) => bytes.get(..record.len as usize),
                None => None,
            };
            let Some(whole) = whole else {
                match self.fill()? {
                    Filled::Some => continue,
                    Filled::NotYet => return Ok(Item::NotYet),
                    Filled::End if self.start == self.end => {
                        self.format.as_ref().map_or(Ok(()), Format::end)?;
                        return Ok(Item::End);
                    }
                    Filled::End => {
                        let pcap = matches!(self.format, Some(Format::Pcap { .. }));
                        let is_frame = record.map_or(pcap, |record| record.is_frame);
                        self.tally.frames += u64::from(is_frame);
                        return Err(self.cut(is_frame));
                    }
                }
            };
            let (from, len) = (self.start, whole.len());
            let content = format.content(whole, after)?;
            self.start += len;
            match content {
                Content::Frame { at, len, original } => {
                    self.tally.frames += 1;
                    let number = self.tally.frames;
                    if len < original as usize {
                        let why = BadFrame::Cut {
                            captured: len as u32,
                            original,
                        };
                        if self.strict {
                            return Err(CaptureError::Frame { number, why });
                        }
                        self.tally.cut += 1;
                    }
                    let at = from + at..from + at + len;
                    return Ok(Item::Frame { number, at });
                }
                Content::Bad(why) => self.pass_over(why)?,
                Content::Other => {}
            }
        }
    }

    /// Counts the next frame as passed over.
    fn pass_over(&mut self, why: BadFrame) -> Result<(), CaptureError> {
        self.tally.frames += 1;
        let number = self.tally.frames;
        if self.strict {
            return Err(CaptureError::Frame { number, why });
        }
        self.tally.pass_over(number, &why);
        Ok(())
    }

    /// The capture ends in the middle of the last frame counted, or of a block after it.
    fn cut(&self, in_frame: bool) -> CaptureError {
        let last = self.tally.frames;
        match in_frame {
            true => CaptureError::CutRecord { number: last },
            false => CaptureError::CutBlock { after: last },
        }
    }

    /// Reads more bytes.
    fn fill(&mut self) -> Result<Filled, CaptureError> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.buffer.len() - self.end < CHUNK {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            // Only bytes that were read make it longer, and they are at most those of one record.
            if self.buffer.len() < self.end + CHUNK {
                self.buffer.resize(self.end + CHUNK, 0);
            }
        }
        loop {
            match self.from.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Ok(Filled::End),
                Ok(count) => {
                    self.end += count;
                    return Ok(Filled::Some);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Filled::NotYet),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

enum Filled {
    Some,
    NotYet,
    End,
}

impl<R> fmt::Debug for Records<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("format", &self.format)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}
