//! The wires of ports without hardware.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use netmap_sim::wire::{Batch, CableEnd, Capture, Flow, Loopback, Nowhere, cable};
use netmap_sim::{Waker, Wire, WireError};

use crate::bus::qemu;
use crate::bus::sim::SimNic;
use crate::{Result, WireEnd};

/// Frames that a cable between two ports holds in each direction.
const CABLE: usize = 4096;

/// The wire of a port.
pub(crate) struct Plug(Box<dyn Wire>);

impl Plug {
    /// The wire of a port's name.
    pub(crate) fn new(end: &WireEnd) -> Result<Plug> {
        Ok(Plug(match end {
            WireEnd::None => Box::new(Nowhere),
            WireEnd::Loop => Box::new(Loopback::new()),
            WireEnd::Source => Box::new(Source),
            WireEnd::Cable(name) => Box::new(end_of_cable(name)),
            WireEnd::Captures { replay, record } => {
                let mut capture = Capture::new();
                if let Some(file) = replay {
                    capture = capture.replay(file)?;
                }
                if let Some(file) = record {
                    capture = capture.record(file)?;
                }
                Box::new(capture)
            }
        }))
    }
}

impl Wire for Plug {
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        self.0.transmit(frames)
    }

    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        self.0.receive(frames)
    }

    fn flow(&self) -> Flow {
        self.0.flow()
    }

    fn lost(&mut self) -> u64 {
        self.0.lost()
    }

    fn plugged(&mut self, waker: Waker) {
        self.0.plugged(waker);
    }
}

/// One end of the cable of that name: the first call creates the cable, the second takes the other end.
fn end_of_cable(name: &str) -> CableEnd {
    static LOOSE: Mutex<Option<HashMap<String, CableEnd>>> = Mutex::new(None);
    let mut loose = LOOSE.lock().unwrap_or_else(PoisonError::into_inner);
    let loose = loose.get_or_insert_default();
    loose.remove(name).unwrap_or_else(|| {
        let (one, other) = cable(Flow::Lossless, CABLE);
        loose.insert(name.to_owned(), other);
        one
    })
}

/// A wire that delivers broadcast frames endlessly, and drops sent frames.
#[derive(Debug)]
struct Source;

impl Wire for Source {
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        frames.clear();
        Ok(())
    }

    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        const BURST: usize = 256;
        let mut frame = [0; 60];
        frame[..6].fill(0xff);
        // From a locally administered address, with an experimental EtherType (IEEE 802).
        frame[6..14].copy_from_slice(&[2, 0, 0, 0, 0, 2, 0x88, 0xb5]);
        for _ in 0..BURST {
            frames.push(&frame);
        }
        Ok(())
    }
}

/// A thread that unplugs a simulated NIC periodically; ends when dropped.
pub(crate) struct Flapper {
    /// Dropping it ends the thread.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Flapper {
    /// Unplugs `nic` at this interval.
    pub(crate) fn new(nic: &SimNic, every: Duration) -> Result<Flapper> {
        /// How long it is unplugged, at most half of the interval.
        const OUT: Duration = Duration::from_millis(10);
        let (stop, stopped) = mpsc::channel::<()>();
        let nic = nic.clone();
        let thread = thread::Builder::new()
            .name("flap".to_owned())
            .spawn(move || {
                let out = OUT.min(every / 2);
                let goes_on = |wait| stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout);
                while goes_on(every - out) {
                    nic.device().set_link(false);
                    let more = goes_on(out);
                    nic.device().set_link(true);
                    if !more {
                        break;
                    }
                }
            });
        Ok(Flapper {
            stop: Some(stop),
            thread: Some(thread.map_err(WireError::from)?),
        })
    }
}

impl Drop for Flapper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has already printed the panic.
            let _ = thread.join();
        }
    }
}

/// A thread that carries frames between QEMU and the wire of its NIC; ends when dropped.
pub(crate) struct Carrier {
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    stop: AtomicBool,
    /// QEMU drops frames that arrive before the link is up, unlike a real wire.
    link: AtomicBool,
}

impl Carrier {
    pub(crate) fn new(qemu: qemu::Wire, plug: Plug) -> Result<Carrier> {
        let state = Arc::new(State::default());
        let thread = thread::Builder::new().name("wire".to_owned()).spawn({
            let state = Arc::clone(&state);
            move || carry(&qemu, plug, &state)
        });
        let thread = thread.map_err(WireError::from)?;
        Ok(Carrier {
            state,
            thread: Some(thread),
        })
    }

    /// Sets whether frames may arrive.
    pub(crate) fn set_link(&self, up: bool) {
        self.state.link.store(up, Relaxed);
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.state.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has already printed the panic.
            let _ = thread.join();
        }
    }
}

fn carry(qemu: &qemu::Wire, mut plug: Plug, state: &State) {
    /// Most frames in one direction before the other direction is served.
    const BURST: usize = 64;
    const IDLE: Duration = Duration::from_millis(1);
    let (mut sent, mut arrived) = (Batch::new(), Batch::new());
    while !state.stop.load(Relaxed) {
        let patience = if arrived.is_empty() {
            IDLE
        } else {
            Duration::ZERO
        };
        let mut wait = patience;
        while sent.len() < BURST && qemu.recv_with(wait, |frame| sent.push(frame)).is_some() {
            wait = Duration::ZERO;
        }
        let link = state.link.load(Relaxed);
        if link && arrived.is_empty() && plug.receive(&mut arrived).is_err() {
            return;
        }
        if plug.transmit(&mut sent).is_err() {
            return;
        }
        for _ in 0..BURST {
            match arrived.front().map(|frame| qemu.offer(frame)) {
                Some(Ok(true)) => arrived.pop(),
                Some(Ok(false)) => {
                    thread::sleep(IDLE);
                    break;
                }
                Some(Err(_)) => return,
                None => break,
            }
        }
    }
}
