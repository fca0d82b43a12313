//! A device under simulation and the thread it runs on.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use netmap_core::MacAddress;
use netmap_core::model::{FieldName, Model, VariantModel};

use crate::bus::SimBus;
use crate::chip::Chip;
use crate::control::phy::Phy;
use crate::defect::{Defect, Defects};
use crate::engine::Counts;
use crate::error::{DeviceError, ModelError, WireError};
use crate::signal::Waker;
use crate::violations::Violations;
use crate::wire::Wire;

/// The address that a device has in its EEPROM unless told otherwise: locally administered.
pub const DEFAULT_MAC: MacAddress = MacAddress([0x02, 0x00, 0x00, 0x00, 0x00, 0x01]);

/// A simulated NIC. Dropping it pulls it out: its buses then read all ones.
///
/// It works on a thread of its own, which sleeps until a doorbell or a frame wakes it; or by [`step`](Self::step) only.
#[derive(Debug)]
pub struct Device {
    shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
}

/// What a device shares with its buses and its thread.
pub(crate) struct Shared {
    pub(crate) model: &'static Model,
    variant: &'static VariantModel,
    chip: Mutex<Chip>,
    /// Threads that want the chip while the worker has it.
    waiting: AtomicUsize,
    pub(crate) waker: Waker,
    stop: AtomicBool,
    threaded: bool,
    /// Simulated nanoseconds that drivers have waited.
    clock: AtomicU64,
    interrupts: Mutex<Interrupts>,
    interrupted: Condvar,
}

#[derive(Default)]
struct Interrupts {
    count: u64,
    /// Messages since somebody asked, as bits.
    messages: u64,
    handler: Option<Arc<dyn Fn(u32) + Send + Sync>>,
}

impl Device {
    /// The variant of that name of `model`, at work on a thread of its own.
    ///
    /// # Errors
    /// There is no such variant, the model is inconsistent, or there is no thread to be had.
    pub fn new(
        model: &'static Model,
        variant: &str,
        mac: MacAddress,
    ) -> Result<Device, DeviceError> {
        let shared = Arc::new(Shared::new(model, variant, mac, true)?);
        let worker = thread::Builder::new()
            .name(format!("sim {}", shared.variant.name))
            .spawn({
                let shared = Arc::clone(&shared);
                move || shared.work()
            })?;
        Ok(Device {
            shared,
            worker: Some(worker),
        })
    }

    /// The variant of that name of `model`, which does nothing but what [`step`](Self::step) makes it do.
    ///
    /// # Errors
    /// There is no such variant, or the model is inconsistent.
    pub fn stepped(
        model: &'static Model,
        variant: &str,
        mac: MacAddress,
    ) -> Result<Device, DeviceError> {
        Ok(Device {
            shared: Arc::new(Shared::new(model, variant, mac, false)?),
            worker: None,
        })
    }

    /// What the device was built from.
    pub fn model(&self) -> &'static Model {
        self.shared.model
    }

    /// Which variant of it this is.
    pub fn variant(&self) -> &'static VariantModel {
        self.shared.variant
    }

    /// A bus on which this device is.
    pub fn bus(&self) -> SimBus {
        SimBus::new(Arc::clone(&self.shared))
    }

    /// Plugs the port into a wire. Until the first call nothing arrives, and what is sent is gone.
    pub fn plug(&self, mut wire: impl Wire + 'static) {
        wire.plugged(self.shared.waker.clone());
        self.shared.with(|chip| chip.engine.plug(Box::new(wire)));
        self.shared.waker.wake();
    }

    /// Moves one burst in each direction; whether there may be more to do at once.
    pub fn step(&self) -> bool {
        self.shared.with(Chip::step)
    }

    /// Steps until there is nothing to do, `most` times at most.
    pub fn run(&self, most: u32) {
        for _ in 0..most {
            if !self.step() {
                break;
            }
        }
    }

    /// What the driver did that the hardware forbids.
    pub fn violations(&self) -> Violations {
        self.shared.with(|chip| chip.violations.clone())
    }

    /// The same, and forgets it.
    pub fn take_violations(&self) -> Violations {
        self.shared
            .with(|chip| std::mem::take(&mut chip.violations))
    }

    /// What passed through.
    pub fn counts(&self) -> Counts {
        self.shared.with(|chip| chip.engine.counts)
    }

    /// Times that the driver had the PHY negotiate; 0 for a device without one.
    pub fn negotiations(&self) -> u64 {
        let of = |phy: &Phy| phy.negotiations;
        self.shared.with(|chip| chip.phy.as_ref().map_or(0, of))
    }

    /// What a register of the PHY holds; 0 for a device without one.
    pub fn phy_register(&self, register: u8) -> u16 {
        let of = |phy: &Phy| phy.register(register);
        self.shared.with(|chip| chip.phy.as_ref().map_or(0, of))
    }

    /// Makes a register of the PHY hold `value`, as firmware or another driver may have left it.
    pub fn set_phy_register(&self, register: u8, value: u16) {
        self.shared
            .with(|chip| chip.set_phy_register(register, value));
    }

    /// Why the wire was taken away, if it failed since the last call.
    pub fn take_wire_error(&self) -> Option<WireError> {
        self.shared.with(|chip| chip.engine.wire_error.take())
    }

    /// Gives the port a link partner, which it has from the start, or takes it away.
    pub fn set_link(&self, up: bool) {
        self.shared.with(|chip| chip.set_partner(up));
        self.shared.waker.wake();
    }

    /// Resets the device as if by itself: power-on values, rings stopped at 0.
    pub fn reset(&self) {
        self.shared.with(Chip::reset);
    }

    /// From now on, blocks that a driver allocates lie above 4 GiB; there are none for one that reaches no further.
    pub fn without_low_memory(&self) {
        self.shared.with(|chip| chip.memory.use_up_low());
    }

    /// Leaves the registers as another driver may have left them: all that can be written and that a reset restores holds
    /// something else. From now on, bits without a name read as anything, too.
    pub fn disturb(&self) {
        self.shared.with(Chip::disturb);
    }

    /// Makes fields read as told, and all others as they are, until the next call.
    ///
    /// # Errors
    /// There is no such field.
    pub fn show(&self, shows: &[(FieldName, u64)]) -> Result<(), ModelError> {
        self.shared.with(|chip| chip.show(shows))
    }

    /// Makes a word of the EEPROM hold something else, if the device has one that a driver reads.
    pub fn set_eeprom_word(&self, at: u16, word: u16) {
        self.shared.with(|chip| chip.set_eeprom_word(at, word));
    }

    /// From now on no reset loads a station address: the EEPROM did not answer in time.
    pub fn forget_address(&self) {
        self.shared.with(Chip::forget_address);
    }

    /// Whether any ring is enabled, so that the device may touch memory.
    pub fn runs(&self) -> bool {
        self.shared.with(|chip| chip.engine.runs())
    }

    /// Raises bits of the register of interrupt causes.
    pub fn raise(&self, bits: u64) {
        self.shared.with(|chip| chip.raise(bits));
    }

    /// Breaks the device in one more way.
    pub fn break_by(&self, defect: Defect) {
        self.shared.with(|chip| chip.engine.defects.add(defect));
        self.shared.waker.wake();
    }

    /// Mends everything that was broken.
    pub fn mend(&self) {
        self.shared
            .with(|chip| chip.engine.defects = Defects::default());
        self.shared.waker.wake();
    }

    /// What register `name` holds, without any effect that reading it over the bus would have.
    pub fn peek(&self, name: &str, element: u32) -> Option<u64> {
        self.shared.with(|chip| chip.peek(name, element))
    }

    /// What field `field` of register `name` holds, likewise.
    pub fn peek_field(&self, name: &str, field: &str, element: u32) -> Option<u64> {
        self.shared
            .with(|chip| chip.peek_field(name, field, element))
    }

    /// Calls `handler` with each message that the device sends, or with 0 whenever the interrupt line rises: on the thread
    /// that made it do so and without any lock.
    pub fn on_interrupt(&self, handler: impl Fn(u32) + Send + Sync + 'static) {
        self.shared.lock_interrupts().handler = Some(Arc::new(handler));
    }

    /// Gives the device so many messages of MSI-X, as a system does, or with 0 the line again; whether it has them.
    pub fn give_messages(&self, count: u32) -> bool {
        self.shared.with(|chip| chip.give_messages(count))
    }

    /// Messages sent since the last call, as bits; the first one if the line rose.
    pub fn take_messages(&self) -> u64 {
        std::mem::take(&mut self.shared.lock_interrupts().messages)
    }

    /// How many interrupts there were.
    pub fn interrupts(&self) -> u64 {
        self.shared.lock_interrupts().count
    }

    /// Waits until there were more than `seen` interrupts, `within` at most; how many there were.
    pub fn wait_for_interrupt(&self, seen: u64, within: Duration) -> u64 {
        let until = Instant::now() + within;
        let mut interrupts = self.shared.lock_interrupts();
        while interrupts.count <= seen {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            interrupts = self
                .shared
                .interrupted
                .wait_timeout(interrupts, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        interrupts.count
    }

    /// Time that drivers have spent in delays and sleeps, none of which was real.
    pub fn waited(&self) -> Duration {
        Duration::from_nanos(self.shared.clock.load(Ordering::Relaxed))
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.waker.wake();
        if let Some(worker) = self.worker.take() {
            // A worker that panicked has said so already.
            let _ = worker.join();
        }
        self.shared
            .with(|chip| chip.engine.defects.add(Defect::Gone));
    }
}

impl Shared {
    fn new(
        model: &'static Model,
        variant: &str,
        mac: MacAddress,
        threaded: bool,
    ) -> Result<Shared, ModelError> {
        let mut variants = model.variants.iter().enumerate();
        let Some((index, variant)) = variants.find(|(_, named)| named.name == variant) else {
            return Err(ModelError::NoVariant {
                variant: variant.to_owned(),
            });
        };
        Ok(Shared {
            model,
            variant,
            chip: Mutex::new(Chip::new(model, index, mac)?),
            waiting: AtomicUsize::new(0),
            waker: Waker::default(),
            stop: AtomicBool::new(false),
            threaded,
            clock: AtomicU64::new(0),
            interrupts: Mutex::new(Interrupts::default()),
            interrupted: Condvar::new(),
        })
    }

    /// Does something to the chip, then tells of an interrupt if that raised one.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Chip) -> T) -> T {
        let (result, told) = {
            let mut chip = self.lock();
            let result = act(&mut chip);
            (result, chip.take_interrupts())
        };
        if told != 0 {
            self.interrupt(told);
        }
        result
    }

    /// A write over the bus; whether it rang a doorbell.
    pub(crate) fn write(&self, offset: u32, bytes: u32, value: u64, published: bool) -> bool {
        let written = self.with(|chip| chip.write(offset, bytes, value, published));
        if written.work {
            self.waker.wake();
        }
        written.doorbell
    }

    /// A driver waits: time passes for the device, which goes on meanwhile.
    pub(crate) fn pass(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.clock.fetch_add(nanos, Ordering::Relaxed);
        if self.threaded {
            const STEPS: u32 = 64;
            for _ in 0..STEPS {
                if !self.with(Chip::step) {
                    break;
                }
            }
        }
        thread::yield_now();
    }

    fn work(&self) {
        self.waker.is_mine();
        while !self.stop.load(Ordering::SeqCst) {
            self.waker.clear();
            while self.with(Chip::step) && !self.stop.load(Ordering::SeqCst) {
                // The lock is not fair, and this thread would take it again at once.
                while self.waiting.load(Ordering::Relaxed) > 0 {
                    thread::yield_now();
                }
            }
            match self.with(|chip| chip.engine.polls()) {
                true => self.waker.doze(),
                false => self.waker.wait(),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Chip> {
        if let Ok(chip) = self.chip.try_lock() {
            return chip;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let chip = self.chip.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        chip
    }

    fn lock_interrupts(&self) -> MutexGuard<'_, Interrupts> {
        self.interrupts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn interrupt(&self, told: u64) {
        let handler = {
            let mut interrupts = self.lock_interrupts();
            interrupts.count += u64::from(told.count_ones());
            interrupts.messages |= told;
            self.interrupted.notify_all();
            interrupts.handler.clone()
        };
        if let Some(handler) = handler {
            for message in (0..64).filter(|message| told >> message & 1 == 1) {
                handler(message);
            }
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("model", &self.model.name)
            .field("variant", &self.variant.name)
            .field("threaded", &self.threaded)
            .finish_non_exhaustive()
    }
}
