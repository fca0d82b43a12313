//! The wires of ports without hardware.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use netmap_sim::wire::{Batch, CableEnd, Capture, Flow, Loopback, cable};
use netmap_sim::{Wire, WireError};

use crate::bus::qemu;
use crate::bus::sim::SimNic;
use crate::{Result, WireEnd, lock};

/// Frames that a cable between two ports holds in each direction.
const CABLE: usize = 4096;

/// The wire of a port's name.
pub(crate) fn wire_to(end: &WireEnd) -> Result<Box<dyn Wire>> {
    Ok(match end {
        WireEnd::None => Box::new(Capture::new()),
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
    })
}

/// One end of the cable of that name: the first call creates the cable, the second takes the other end.
fn end_of_cable(name: &str) -> CableEnd {
    static LOOSE: Mutex<Option<HashMap<String, CableEnd>>> = Mutex::new(None);
    let mut loose = lock(&LOOSE);
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

/// A thread that ends when this is dropped.
pub(crate) struct Worker {
    /// Dropping it asks the thread to end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Runs `work`, which ends once the other end of its channel is dropped.
    fn new(name: &str, work: impl FnOnce(&Receiver<()>) + Send + 'static) -> Result<Worker> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn(move || work(&stopped));
        Ok(Worker {
            stop: Some(stop),
            thread: Some(thread.map_err(WireError::from)?),
        })
    }

    /// Carries frames between QEMU and the wire of its NIC. Frames arrive only while `link_up`, because QEMU drops those
    /// that arrive earlier, unlike a real wire.
    pub(crate) fn carry(
        qemu: qemu::Wire,
        wire: Box<dyn Wire>,
        link_up: Arc<AtomicBool>,
    ) -> Result<Worker> {
        Worker::new("wire", move |stopped| carry(&qemu, wire, &link_up, stopped))
    }

    /// Unplugs the simulated `nic` at this interval.
    pub(crate) fn flap(nic: &SimNic, every: Duration) -> Result<Worker> {
        /// How long it is unplugged, at most half of the interval.
        const OUT: Duration = Duration::from_millis(10);
        let nic = nic.clone();
        Worker::new("flap", move |stopped| {
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
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has already printed the panic.
            let _ = thread.join();
        }
    }
}

fn carry(qemu: &qemu::Wire, mut wire: Box<dyn Wire>, link: &AtomicBool, stopped: &Receiver<()>) {
    /// Most frames in one direction before the other direction is served.
    const BURST: usize = 64;
    const IDLE: Duration = Duration::from_millis(1);
    let (mut sent, mut arrived) = (Batch::new(), Batch::new());
    while stopped.try_recv() == Err(TryRecvError::Empty) {
        let mut wait = match arrived.is_empty() {
            true => IDLE,
            false => Duration::ZERO,
        };
        while sent.len() < BURST && qemu.recv_with(wait, |frame| sent.push(frame)).is_some() {
            wait = Duration::ZERO;
        }
        if link.load(Relaxed) && arrived.is_empty() && wire.receive(&mut arrived).is_err() {
            return;
        }
        if wire.transmit(&mut sent).is_err() {
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
