//! One queue in one direction: from a receive ring to a transmit ring.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::SyncError;
use netmap_userspace::program::{Budget, Counters, Left, Rate, Sent, Stop, Totals};
use netmap_userspace::{Limits, Result, RxRing, TxRing};

/// The longest wait between checks for a stop request.
const PATIENCE: Duration = Duration::from_millis(10);
/// How long nothing arrives before a direction has finished.
const QUIET: Duration = Duration::from_millis(100);
/// How long the last frames may take to leave while syncs fail.
const LAST: Duration = Duration::from_secs(1);
/// How long a ring pauses after a device error.
const REST: Duration = Duration::from_millis(1);

/// From one port to another.
pub struct Direction {
    name: String,
    /// Forwarded frames: those that have left the other port.
    pub counters: Vec<Counters>,
    lost: Lost,
}

/// Frames that were received and not forwarded.
#[derive(Debug, Default)]
struct Lost {
    /// The port cannot send them.
    unfit: AtomicU64,
    /// They did not leave the other port before the end.
    unsent: AtomicU64,
    /// Syncs that failed, and why the first did.
    faults: AtomicU64,
    first_fault: Mutex<Option<SyncError>>,
}

impl Direction {
    /// A direction of `queues` queues.
    pub fn new(name: String, queues: u32) -> Direction {
        Direction {
            name,
            counters: (0..queues).map(|_| Counters::default()).collect(),
            lost: Lost::default(),
        }
    }

    /// Forwarded frames of all queues.
    pub fn totals(&self) -> Totals {
        self.counters.iter().map(Counters::now).sum()
    }

    /// The final line about a direction.
    pub fn report(&self, over: Duration) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            let totals = self.totals();
            write!(f, "{}: {}", self.name, Rate { totals, over }.summary())?;
            let Lost {
                unfit,
                unsent,
                faults,
                first_fault,
            } = &self.lost;
            for (count, what) in [(unfit, "of an unsupported length"), (unsent, "not sent")] {
                match count.load(Relaxed) {
                    0 => {}
                    n => write!(f, "; {n} {what}")?,
                }
            }
            if let Ok(guard) = first_fault.lock()
                && let Some(first) = &*guard
            {
                write!(f, "; {} syncs failed, first: {first}", faults.load(Relaxed))?;
            }
            Ok(())
        })
    }
}

/// The state of a queue's thread.
pub struct Forwarder<'a> {
    pub rx: RxRing,
    pub tx: TxRing,
    /// The frames in `tx`.
    pub sent: Sent,
    /// The limits of the sending port.
    pub limits: Limits,
    pub copy: bool,
    /// Most frames in a batch.
    pub batch: u32,
    /// Frames that all queues of all directions may still forward.
    pub budget: &'a Budget,
    pub direction: &'a Direction,
    pub queue: usize,
    pub stop: &'a Stop,
}

/// Counts what has left a port. Other frames are forwarded instead of dropped ones.
fn count(left: Left, budget: &Budget, counters: &Counters) {
    budget.settle(left.all(), left.finished());
    if left.frames > 0 {
        counters.add(left.frames, left.bytes);
    }
}

impl<'a> Forwarder<'a> {
    /// Forwards until the budget is spent, a stop request, or a device is gone; then sends the frames already taken.
    pub fn run(mut self) -> Result<()> {
        let worked = self.forward();
        let left = self.sent.left(&self.tx);
        count(left, self.budget, self.counters());
        let lost = &self.direction.lost.unsent;
        lost.fetch_add(self.sent.outstanding(), Relaxed);
        worked
    }

    fn forward(&mut self) -> Result<()> {
        while !self.stop.asked() {
            let left = self.sent.left(&self.tx);
            count(left, self.budget, self.counters());
            if self.budget.is_spent() {
                break;
            }
            let last = self.stop.finishing();
            let synced = match self.pass()? {
                Passed::Some => self.tx.sync().and_then(|_| self.rx.sync()).map(drop),
                Passed::NothingThere if last => match self.rx.wait(QUIET) {
                    Ok(false) => break,
                    waited => waited.map(drop),
                },
                Passed::NothingThere => (self.rx.wait(PATIENCE)).and_then(|_| self.reclaim()),
                Passed::NothingLeft => match self.drain() {
                    // Nothing leaves any more.
                    Ok(()) if self.sent.outstanding() > 0 => break,
                    drained => {
                        thread::yield_now();
                        drained
                    }
                },
                Passed::NoRoom { slots } => self.tx.wait_for_room(slots, PATIENCE).map(drop),
            };
            match synced {
                Ok(()) => {}
                // No later sync succeeds, and control has the reason.
                Err(SyncError::DeviceGone) => break,
                Err(fault) => self.note(fault),
            }
        }
        let until = Instant::now() + LAST;
        while let Err(fault) = self.drain() {
            if fault == SyncError::DeviceGone || Instant::now() > until {
                break;
            }
            self.note(fault);
        }
        Ok(())
    }

    /// Returns sent slots while no frame arrives.
    fn reclaim(&mut self) -> Result<(), SyncError> {
        match self.sent.outstanding() {
            0 => Ok(()),
            _ => self.tx.sync().map(drop),
        }
    }

    /// Waits until the frames already taken have left.
    fn drain(&mut self) -> Result<(), SyncError> {
        let (budget, counters) = (self.budget, self.counters());
        (self.sent).drain(&mut self.tx, self.stop, |left| {
            count(left, budget, counters)
        })
    }

    fn counters(&self) -> &'a Counters {
        &self.direction.counters[self.queue]
    }

    /// Moves available frames while there is room.
    fn pass(&mut self) -> Result<Passed> {
        let may = self.budget.take(self.batch.into());
        if may == 0 {
            return Ok(Passed::NothingLeft);
        }
        let longest = self.limits.tx_frame_slots.min(self.tx.slots() - 1);
        let (mut frames, mut slots) = (self.rx.frames(), self.tx.reserve(u32::MAX));
        let (mut count, mut unfit, mut needed) = (0, 0, None);
        while count < may {
            let Some(frame) = frames.next_within(slots.len() as u32) else {
                needed = frames.clone().next().map(|frame| frame.slots());
                if needed.is_none_or(|needed| needed <= longest) {
                    break;
                }
                // The frame is too long for any ring of the port.
                frames.next();
                unfit += 1;
                continue;
            };
            let len = frame.len();
            let fits = (self.limits.frame_min..=self.limits.tx_frame_max).contains(&(len as u32));
            if !fits || frame.slots() > longest {
                unfit += 1;
                continue;
            }
            if self.copy {
                slots.copy(&frame)?;
            } else {
                slots.swap(frame)?;
            }
            self.sent.put(len as u32);
            count += 1;
        }
        frames.release();
        slots.commit();
        self.budget.settle(may - count, 0);
        let lost = &self.direction.lost.unfit;
        lost.fetch_add(unfit, Relaxed);
        if count > 0 {
            return Ok(Passed::Some);
        }
        Ok(match needed {
            Some(slots) => Passed::NoRoom { slots },
            None => Passed::NothingThere,
        })
    }

    /// Counts a device error, or a slot that was invalid at a reset; the ring continues.
    fn note(&self, fault: SyncError) {
        let lost = &self.direction.lost;
        lost.faults.fetch_add(1, Relaxed);
        if let Ok(mut first) = lost.first_fault.lock() {
            first.get_or_insert(fault);
        }
        thread::sleep(REST);
    }
}

/// The result of a pass.
enum Passed {
    /// Frames moved.
    Some,
    /// Other queues have taken the last frames of the budget, and may return them.
    NothingLeft,
    /// There were no frames.
    NothingThere,
    /// The next frame needs this many slots.
    NoRoom { slots: u32 },
}
