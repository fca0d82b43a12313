//! One capture's way out of a port and back into it.

use std::collections::VecDeque;
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use netmap_core::{Link, Progress, Reset, Sides as _, SyncError};
use netmap_userspace::{Memory, PortConfig, Ring, RxRing, TxRing, open};
use pcap_file::pcap::PcapReader;

use crate::cycles;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Nothing moved for this long: something is lost.
const PATIENCE: Duration = Duration::from_secs(15);
const LINK: Duration = Duration::from_secs(10);
/// Frames under way at once, at most: well below what the capture has, or a frame that is sent again after a reset could
/// not be told from a later one with the same contents.
const UNDER_WAY: u64 = 120;

/// Frames to send, in order.
pub struct Capture {
    frames: Vec<Vec<u8>>,
}

impl Capture {
    /// Reads a capture, all of whose frames have to be whole.
    pub fn read(path: &Path) -> Result<Capture> {
        let context = |error: Box<dyn Error>| format!("cannot read {}: {error}", path.display());
        let file = File::open(path).map_err(|error| context(error.into()))?;
        let mut reader = PcapReader::new(file).map_err(|error| context(error.into()))?;
        let mut frames = Vec::new();
        while let Some(packet) = reader.next_packet() {
            let packet = packet.map_err(|error| context(error.into()))?;
            if packet.data.len() != packet.orig_len as usize {
                return Err(context(format!("frame {} is cut short", frames.len()).into()).into());
            }
            frames.push(packet.data.into_owned());
        }
        if frames.is_empty() {
            return Err(context("it has no frames".into()).into());
        }
        Ok(Capture { frames })
    }

    /// One line about the capture.
    pub fn summary(&self) -> String {
        let lengths = || self.frames.iter().map(Vec::len);
        let (shortest, longest) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
        format!(
            "capture: {} frames of {shortest} to {longest} bytes",
            self.frames.len()
        )
    }

    fn frame(&self, number: u64) -> &[u8] {
        &self.frames[(number % self.frames.len() as u64) as usize]
    }
}

/// What happened on the way.
pub struct Done {
    /// The variant that answered.
    pub variant: &'static str,
    /// Different frames that came back.
    pub frames: u64,
    /// Frames that came back once more because a reset had left them unreported.
    pub resent: u64,
    /// Frames that the reset found on the wire, and that did not come back.
    pub lost: u64,
    /// From the first frame to the last.
    pub time: Duration,
    /// Time-stamp-counter cycles spent in syncs.
    pub cycles: Option<u64>,
}

/// Sends `total` frames through a port whose wire leads back and resets it half way; `None` when told to stop.
pub fn run(name: &str, capture: &Capture, total: u64, stop: &AtomicBool) -> Result<Option<Done>> {
    let config = PortConfig {
        promiscuous: true,
        ..PortConfig::default()
    };
    let memory = Memory::create(config.buffers() + 2)?;
    let mut port = open(name, &memory, config)?;
    port.start()?;
    port.wait_for_link(LINK)?;
    let mut way = Way {
        capture,
        tx: port.tx(0)?,
        rx: port.rx(0)?,
        sent: 0,
        received: 0,
        resent: 0,
        lost: 0,
        doubtful: VecDeque::new(),
        passing: 0,
        cycles: cycles::now().map(|_| 0),
    };
    let start = Instant::now();
    let (mut moved, mut reset) = (Instant::now(), false);
    while way.received < total {
        if stop.load(Relaxed) {
            return Ok(None);
        }
        let half = total / 2;
        way.send(if reset { total } else { half })?;
        if way.receive()? {
            moved = Instant::now();
        }
        if !reset && way.sent == half {
            way.survive(|| Ok(port.reset(Reset::Device)?))?;
            if let Link::Up { .. } = port.link()? {
                way.passing = 0;
            }
            port.wait_for_link(LINK)?;
            (reset, moved) = (true, Instant::now());
        }
        if moved.elapsed() > PATIENCE {
            return Err(format!(
                "{name}: {} of {} frames sent came back, then none",
                way.received, way.sent
            )
            .into());
        }
    }
    let time = start.elapsed();
    let variant = port.identity().variant;
    Ok(Some(Done {
        variant,
        frames: way.received - way.lost,
        resent: way.resent,
        lost: way.lost,
        time,
        cycles: way.cycles,
    }))
}

struct Way<'a> {
    capture: &'a Capture,
    tx: TxRing,
    rx: RxRing,
    sent: u64,
    received: u64,
    resent: u64,
    lost: u64,
    /// Numbers of frames that were with the device when it was reset: they may come again, in order.
    doubtful: VecDeque<u64>,
    /// Frames below this number had left the device when a reset took the link away: whatever of them was still on
    /// the wire met a receiver that was deaf, and may not come at all. Zero if the link stayed.
    passing: u64,
    cycles: Option<u64>,
}

impl Way<'_> {
    /// Hands over what fits, up to frame `until`.
    fn send(&mut self, until: u64) -> Result<()> {
        let mut slots = self.tx.reserve(256);
        let mut handed = 0;
        let until = until.min(self.received + UNDER_WAY);
        while self.sent < until
            && let Some(mut slot) = slots.next()
        {
            slot.write(self.capture.frame(self.sent))?;
            self.sent += 1;
            handed += 1;
        }
        slots.commit();
        let tx = &mut self.tx;
        let progress = timed(&mut self.cycles, || tx.sync())?;
        if handed == 0 && matches!(progress, Progress::Synced { returned: 0, .. }) {
            std::thread::yield_now();
        }
        Ok(())
    }

    /// Takes what came back; whether there was any.
    fn receive(&mut self) -> Result<bool> {
        let rx = &mut self.rx;
        timed(&mut self.cycles, || rx.sync())?;
        let mut frames = self.rx.frames();
        let (mut any, mut bytes) = (false, [0; 2048]);
        for frame in &mut frames {
            any = true;
            let len = frame.read(&mut bytes)?;
            let got = &bytes[..len];
            let is = |number| self.capture.frame(number) == got;
            if self.received < self.sent && is(self.received) {
                self.received += 1;
            } else if let Some(number) =
                (self.received..=self.passing).find(|&number| number < self.sent && is(number))
            {
                self.lost += number - self.received;
                self.received = number + 1;
            } else if let Some(again) = self.doubtful.iter().position(|&number| is(number)) {
                self.doubtful.drain(..=again);
                self.resent += 1;
            } else {
                return Err(format!(
                    "frame {} came back different, or out of order",
                    self.received
                )
                .into());
            }
        }
        frames.release();
        Ok(any)
    }

    /// Lets `reset` happen, of which neither ring may show a trace.
    fn survive(&mut self, reset: impl FnOnce() -> Result<()>) -> Result<()> {
        let before = (positions(self.tx.raw()), positions(self.rx.raw()));
        let outstanding = u64::from(self.tx.pending());
        self.passing = self.sent - outstanding;
        self.doubtful = (self.passing..self.sent).collect();
        reset()?;
        let after = (positions(self.tx.raw()), positions(self.rx.raw()));
        if before != after {
            return Err(format!("the reset moved the rings: {before:?} became {after:?}").into());
        }
        Ok(())
    }
}

/// `head`, `cur` and `tail`.
fn positions(ring: &Ring) -> [u32; 3] {
    let header = ring.header();
    [&header.head, &header.cur, &header.tail].map(|position| position.load(Relaxed))
}

fn timed<T>(
    total: &mut Option<u64>,
    sync: impl FnOnce() -> std::result::Result<T, SyncError>,
) -> Result<T> {
    let before = cycles::now();
    let result = sync()?;
    if let (Some(total), Some(before), Some(after)) = (total, before, cycles::now()) {
        *total += after.wrapping_sub(before);
    }
    Ok(result)
}
