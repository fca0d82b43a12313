//! Sends a capture through a port with a loopback wire.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use netmap_core::{Progress, Reset, RingMemory as _, SyncError};
use netmap_userspace::program::{Failure, Frames, Stop, open, wait_for_link};
use netmap_userspace::{Limits, Memory, PortConfig, PortName, Ring, RxRing, TxRing};

use crate::cycles;

pub type Result<T> = std::result::Result<T, Failure>;

/// After this long without progress, frames are lost.
const PATIENCE: Duration = Duration::from_secs(15);
const LINK: Duration = Duration::from_secs(10);
/// Most frames in flight, well below the capture's length, so that a frame that is sent again after a reset can be
/// distinguished from a later one with the same contents.
const UNDER_WAY: u32 = 120;

/// Frames to send, in order.
pub struct Capture {
    frames: Vec<Vec<u8>>,
}

impl Capture {
    /// Reads a capture, whose frames must be whole; `None` after a stop request.
    pub fn read(path: &Path, stop: &Stop) -> Result<Option<Capture>> {
        let frames = Frames::read(path, true, stop)?;
        Ok(frames.map(|mut frames| Capture {
            frames: frames.take(),
        }))
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

    /// The frames that a port with that configuration can send and receive, in order.
    fn passing(&self, limits: &Limits, config: &PortConfig) -> Vec<&[u8]> {
        let frames = self.frames.iter().map(Vec::as_slice);
        let longest = limits.longest_received(config);
        let passes = |frame: &&[u8]| {
            let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
            len <= longest && limits.check_sent(len, config).is_ok()
        };
        frames.filter(passes).collect()
    }
}

/// The result of a run.
pub struct Done {
    /// The detected variant.
    pub variant: &'static str,
    /// Distinct frames that came back.
    pub frames: u64,
    /// Frames that came back twice because their completion was lost in a reset.
    pub resent: u64,
    /// Frames that were on the wire at the reset and did not come back.
    pub lost: u64,
    /// From the first frame to the last.
    pub time: Duration,
    /// Time-stamp-counter cycles spent in syncs.
    pub cycles: Option<u64>,
}

/// The configuration of every port.
pub fn config() -> PortConfig {
    PortConfig {
        promiscuous: true,
        ..PortConfig::default()
    }
}

/// Sends `total` frames through a port with a loopback wire, and resets it half way; `None` after a stop request.
pub fn run(name: &PortName, capture: &Capture, total: u64, stop: &Stop) -> Result<Option<Done>> {
    let config = name.fit(config())?;
    let memory = Memory::for_ports([&config])?;
    let Some(mut port) = open(name, &memory, config.clone(), stop)? else {
        return Ok(None);
    };
    let frames = capture.passing(&port.limits(), &config);
    if frames.is_empty() {
        return Err(format!("{name}: no frame of the capture is short enough").into());
    }
    port.start()?;
    if wait_for_link(&mut port, LINK, stop)?.is_none() {
        return Ok(None);
    }
    let mut way = Forwarder {
        frames,
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
        if stop.asked() {
            return Ok(None);
        }
        let half = total / 2;
        way.send(if reset { total } else { half })?;
        if way.receive()? {
            moved = Instant::now();
        }
        if !reset && way.sent == half {
            way.survive(|| Ok(port.reset(Reset::Device)?))?;
            if wait_for_link(&mut port, LINK, stop)?.is_none() {
                return Ok(None);
            }
            (reset, moved) = (true, Instant::now());
        }
        if moved.elapsed() > PATIENCE {
            let notes = port.notes().into_iter();
            let notes: String = notes.map(|note| format!("; {note}")).collect();
            return Err(format!(
                "{name}: only {} of {} sent frames came back{notes}",
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

struct Forwarder<'a> {
    /// What is sent, again and again.
    frames: Vec<&'a [u8]>,
    tx: TxRing,
    rx: RxRing,
    sent: u64,
    received: u64,
    resent: u64,
    lost: u64,
    /// Numbers of frames that the device had when it was reset: they may arrive again, in order.
    doubtful: VecDeque<u64>,
    /// Frames below this number had left the device when it was reset: those still on the wire may have met a disabled
    /// receiver, which loses them unless the device makes the wire wait. Zero before the reset.
    passing: u64,
    cycles: Option<u64>,
}

impl Forwarder<'_> {
    /// Sends as many frames as fit, up to frame `until`.
    fn send(&mut self, until: u64) -> Result<()> {
        let frames = &self.frames;
        let mut slots = self.tx.reserve(256);
        let mut handed = 0;
        // Some NICs lose frames that find no free slot, and the others may have been released since the last sync.
        let free = (self.rx.slots() - 1) / 2;
        let until = until.min(self.received + u64::from(UNDER_WAY.min(free.max(1))));
        while self.sent < until
            && let Some(mut slot) = slots.next()
        {
            slot.write(frames[(self.sent % frames.len() as u64) as usize])?;
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

    /// Receives the frames that came back. Returns whether there were any.
    fn receive(&mut self) -> Result<bool> {
        let rx = &mut self.rx;
        timed(&mut self.cycles, || rx.sync())?;
        let mut frames = self.rx.frames();
        let (sent_frames, count) = (&self.frames, self.frames.len() as u64);
        let (mut any, mut bytes) = (false, [0; 2048]);
        for frame in &mut frames {
            any = true;
            let len = frame.read(&mut bytes)?;
            let got = &bytes[..len];
            let is = |number: u64| sent_frames[(number % count) as usize] == got;
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
                return Err(
                    format!("frame {} came back changed or out of order", self.received).into(),
                );
            }
        }
        frames.release();
        Ok(any)
    }

    /// Runs `reset`, which must not change the positions of either ring.
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
