//! The wires of ports without hardware.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, Mutex, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use netmap_sim::wire::{
    Batch, Cable, CableEnd, Capture, CaptureReader, CaptureWriter, Flow, Loopback, Loss,
};
use netmap_sim::{Waker, Wire, WireError};

use crate::bus::qemu;
use crate::bus::sim::SimNic;
use crate::{Error, Result, WireEnd, lock};

/// Frames that a cable between two ports holds in each direction.
const DEPTH: usize = 4096;

/// Opens the capture that the wire of a port's name replays.
///
/// # Errors
/// It cannot be opened, or is no capture of Ethernet frames.
pub(crate) fn input_of(end: &WireEnd) -> Result<Option<CaptureReader>> {
    let WireEnd::Captures {
        replay: Some(file),
        strict,
        ..
    } = end
    else {
        return Ok(None);
    };
    let from = CaptureReader::replay(file, *strict).map_err(WireError::from)?;
    Ok(Some(from))
}

/// The wire of a port, for the device and for control of the port.
///
/// The device does not see that a wire has failed: it receives nothing more, and what it sends is lost and counted. The
/// port reports the failure.
pub(crate) struct PortWire {
    wire: Mutex<Box<dyn Wire>>,
    flow: Flow,
    failed: Mutex<Option<Arc<WireError>>>,
    /// Whether frames that arrived before the failure may still be on their way to the device.
    on_their_way: AtomicBool,
    /// Sent frames that the wire has not taken yet.
    held: AtomicU64,
    /// Sent frames that were lost because the wire had failed.
    lost: AtomicU64,
    /// Sent frames for which there was no room until the wire takes them.
    overflown: AtomicU64,
    /// Received frames that the device's side of the wire does not carry.
    refused: AtomicU64,
}

impl PortWire {
    /// The wire of a port's name, with its input. Its outputs are opened last; they do not change until it begins.
    ///
    /// # Errors
    /// An output cannot be opened, or is in use for another capture; or both ends of the cable are in use.
    pub(crate) fn new(end: &WireEnd, input: Option<CaptureReader>) -> Result<Arc<PortWire>> {
        let wire: Box<dyn Wire> = match end {
            WireEnd::None => Box::new(Capture::new()),
            WireEnd::Loop => Box::new(Loopback::new()),
            WireEnd::Source => Box::new(Source),
            WireEnd::Cable(name) => Box::new(end_of_cable(name)?),
            WireEnd::Captures { record, .. } => {
                let mut capture = Capture::new();
                if let Some(from) = input {
                    capture = capture.replay(from);
                }
                if let Some(file) = record {
                    let to = CaptureWriter::record(file).map_err(WireError::from)?;
                    capture = capture.record(to);
                }
                Box::new(capture)
            }
        };
        Ok(Arc::new(PortWire {
            flow: wire.flow(),
            wire: Mutex::new(wire),
            failed: Mutex::default(),
            on_their_way: AtomicBool::new(false),
            held: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            overflown: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }))
    }

    /// Starts the outputs.
    ///
    /// # Errors
    /// An output cannot be written.
    pub(crate) fn begin(&self) -> Result<()> {
        let begun = lock(&self.wire).begin();
        if let Err(error) = begun {
            self.fail(error);
        }
        self.check()
    }

    /// Refuses a wire that has failed, once everything that arrived before has been delivered to the device.
    ///
    /// # Errors
    /// Why it has failed.
    pub(crate) fn check_delivered(&self) -> Result<()> {
        match self.on_their_way.load(Acquire) {
            true => Ok(()),
            false => self.check(),
        }
    }

    /// Refuses a wire that has failed.
    ///
    /// # Errors
    /// Why it has failed.
    pub(crate) fn check(&self) -> Result<()> {
        match &*lock(&self.failed) {
            Some(error) => Err(Error::Wire(Arc::clone(error))),
            None => Ok(()),
        }
    }

    /// Tries again to write frames that an output has not accepted. Returns how many it has not accepted still, and how
    /// many sent frames the wire has not taken.
    pub(crate) fn waiting(&self) -> (u64, u64) {
        if self.has_failed() {
            return (0, 0);
        }
        let waiting = lock(&self.wire).waiting();
        let waiting = waiting.unwrap_or_else(|error| {
            self.fail(error);
            0
        });
        (waiting, self.held.load(Relaxed))
    }

    /// Whether the capture that it replays, if any, has been delivered, as far as it could be read.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_failed() || lock(&self.wire).has_ended()
    }

    /// What happened to frames of captures besides arriving or leaving.
    pub(crate) fn notes(&self) -> Vec<String> {
        lock(&self.wire).notes()
    }

    /// Frames that got lost on the wire, by reason.
    pub(crate) fn losses(&self) -> Vec<Loss> {
        let (unwritten, held) = self.waiting();
        let mut losses = lock(&self.wire).losses();
        let count = |count: &AtomicU64| count.load(Relaxed);
        losses.extend([
            Loss::new(unwritten, "not recorded in time"),
            Loss::new(held, "not taken by the wire"),
            Loss::new(count(&self.overflown), "sent while the wire took none"),
            Loss::new(count(&self.lost), "sent after the wire had failed"),
            Loss::new(
                count(&self.refused),
                "of a length that the wire does not carry",
            ),
        ]);
        losses
    }

    /// Releases what the wire is connected to.
    pub(crate) fn unplug(&self) {
        let unplugged = std::mem::replace(&mut *lock(&self.wire), Box::new(Capture::new()));
        // Not with the lock held: the other end of a cable is told.
        drop(unplugged);
    }

    fn has_failed(&self) -> bool {
        lock(&self.failed).is_some()
    }

    fn fail(&self, error: WireError) {
        lock(&self.failed).get_or_insert(Arc::new(error));
    }
}

/// The device's end of a port's wire. It never fails.
pub(crate) struct DeviceEnd(pub(crate) Arc<PortWire>);

impl Wire for DeviceEnd {
    fn transmit(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        let wire = &self.0;
        if !wire.has_failed() {
            let sent = lock(&wire.wire).transmit(frames);
            if let Err(error) = sent {
                wire.fail(error);
            }
        }
        if wire.has_failed() {
            wire.lost.fetch_add(frames.len() as u64, Relaxed);
            frames.clear();
        }
        wire.held.store(frames.len() as u64, Relaxed);
        Ok(())
    }

    fn receive(&mut self, frames: &mut Batch) -> Result<(), WireError> {
        let wire = &self.0;
        if !wire.has_failed() {
            let received = lock(&wire.wire).receive(frames);
            if let Err(error) = received {
                wire.fail(error);
            }
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        self.0.flow
    }

    fn is_connected(&self) -> bool {
        lock(&self.0.wire).is_connected()
    }

    fn lost(&mut self) -> u64 {
        lock(&self.0.wire).lost()
    }

    fn plugged(&mut self, waker: Waker) {
        lock(&self.0.wire).plugged(waker);
    }
}

/// A free end of the cable of that name, which exists while a port has one of its ends.
///
/// # Errors
/// Two ports have its ends.
fn end_of_cable(name: &str) -> Result<CableEnd> {
    static CABLES: Mutex<BTreeMap<String, Weak<Cable>>> = Mutex::new(BTreeMap::new());
    let mut cables = lock(&CABLES);
    cables.retain(|_, cable| cable.strong_count() > 0);
    let cable = cables.get(name).and_then(Weak::upgrade);
    let cable = cable.unwrap_or_else(|| {
        let cable = Cable::new(Flow::Lossless, DEPTH);
        cables.insert(name.to_owned(), Arc::downgrade(&cable));
        cable
    });
    cable.end().ok_or_else(|| Error::CableInUse {
        name: name.to_owned(),
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
    /// What it carries, if it carries frames.
    traffic: Option<Arc<Traffic>>,
}

/// The frames from QEMU to the wire of its NIC.
#[derive(Debug, Default)]
struct Traffic {
    /// All so far.
    frames: AtomicU64,
    /// How often in a row there was none.
    idle: AtomicU64,
}

impl Worker {
    /// Runs `work`, which ends once the other end of its channel is dropped.
    fn new(name: &str, work: impl FnOnce(&Receiver<()>) + Send + 'static) -> Result<Worker> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn(move || work(&stopped));
        Ok(Worker {
            stop: Some(stop),
            thread: Some(thread.map_err(WireError::Thread)?),
            traffic: None,
        })
    }

    /// Waits until it has nothing to carry, at most until `deadline`.
    pub(crate) fn wait_until_idle(&self, deadline: Instant) {
        /// Enough that a frame in flight has arrived.
        const OFTEN: u64 = 5;
        let Some(traffic) = &self.traffic else {
            return;
        };
        traffic.idle.store(0, Relaxed);
        while traffic.idle.load(Relaxed) < OFTEN && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Of `sent` frames of the NIC, those that it could not carry.
    pub(crate) fn loss(&self, sent: u64) -> Option<Loss> {
        let carried = self.traffic.as_ref()?.frames.load(Relaxed);
        let lost = sent.saturating_sub(carried);
        Some(Loss::new(lost, "dropped by QEMU, whose queue was full"))
    }

    /// Carries frames between QEMU and the wire of its NIC. Frames arrive only while `link_up`, because QEMU drops those
    /// that arrive earlier, unlike a real wire.
    pub(crate) fn carry(
        qemu: qemu::Wire,
        wire: Arc<PortWire>,
        link_up: Arc<AtomicBool>,
    ) -> Result<Worker> {
        let traffic = Arc::<Traffic>::default();
        let counted = Arc::clone(&traffic);
        let mut worker = Worker::new("wire", move |stopped| {
            carry(&qemu, &wire, &link_up, stopped, &counted);
        })?;
        worker.traffic = Some(traffic);
        Ok(worker)
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

fn carry(
    qemu: &qemu::Wire,
    port: &Arc<PortWire>,
    link: &AtomicBool,
    stopped: &Receiver<()>,
    traffic: &Traffic,
) {
    /// Most frames in one direction before the other direction is served.
    const BURST: usize = 64;
    /// Most frames that wait for the wire. QEMU queues as many for a wire that is not read, and drops more without
    /// counting them.
    const WAITING: usize = 10_000;
    const IDLE: Duration = Duration::from_millis(1);
    /// How long frames are on their way at most: some of QEMU's NICs take none for a second after its receiver was enabled.
    const ON_THEIR_WAY: Duration = Duration::from_millis(1500);
    let mut last_arrival = None::<Instant>;
    let mut wire = DeviceEnd(Arc::clone(port));
    let (mut sent, mut arrived) = (Batch::new(), Batch::new());
    while stopped.try_recv() == Err(TryRecvError::Empty) {
        let mut wait = match arrived.is_empty() {
            true => IDLE,
            false => Duration::ZERO,
        };
        for _ in 0..BURST {
            let take = |frame: &[u8]| match sent.len() < WAITING {
                true => sent.push(frame),
                false => {
                    port.overflown.fetch_add(1, Relaxed);
                }
            };
            if qemu.recv_with(wait, take).is_none() {
                break;
            }
            traffic.frames.fetch_add(1, Relaxed);
            wait = Duration::ZERO;
        }
        traffic.idle.fetch_add(1, Relaxed);
        if !sent.is_empty() {
            traffic.idle.store(0, Relaxed);
        }
        // Neither call fails: the port reports the failure of its wire.
        if link.load(Relaxed) && arrived.is_empty() && !port.has_failed() {
            // Before a failure can be seen.
            port.on_their_way.store(true, Release);
            let _ = wire.receive(&mut arrived);
            match port.has_failed() {
                true => last_arrival = Some(Instant::now()),
                false => port.on_their_way.store(false, Release),
            }
        }
        if last_arrival.is_some_and(|last| last.elapsed() >= ON_THEIR_WAY) {
            port.on_their_way.store(false, Release);
        }
        let _ = wire.transmit(&mut sent);
        for _ in 0..BURST {
            match arrived.front().map(|frame| qemu.offer(frame)) {
                Some(Ok(true)) => arrived.pop(),
                Some(Ok(false)) => {
                    thread::sleep(IDLE);
                    break;
                }
                Some(Err(error)) if error.kind() == ErrorKind::InvalidInput => {
                    port.refused.fetch_add(1, Relaxed);
                    arrived.pop();
                }
                Some(Err(error)) => {
                    port.fail(WireError::Device(error));
                    return;
                }
                None => break,
            }
        }
    }
}
