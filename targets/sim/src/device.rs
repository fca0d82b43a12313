//! A simulated device and its thread.

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use netmap_core::MacAddress;
use netmap_core::model::{FieldName, Model, VariantModel};

use crate::bus::SimBus;
use crate::chip::Chip;
use crate::control::interrupts::ones;
use crate::defect::{Defect, Defects};
use crate::engine::Counts;
use crate::error::{DeviceError, ModelError, WireError};
use crate::signal::Waker;
use crate::simulated::Simulated;
use crate::violations::Violations;
use crate::wire::Wire;

/// The default MAC address in a device's EEPROM, locally administered.
pub const DEFAULT_MAC: MacAddress = MacAddress([0x02, 0x00, 0x00, 0x00, 0x00, 0x01]);

/// A simulated NIC. Dropping it removes the device: its buses then read all ones.
///
/// It runs on its own thread, which sleeps until a doorbell or a frame wakes it, or only in [`step`](Self::step).
#[derive(Debug)]
pub struct Device {
    shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
    at_removal: Mutex<Option<AtRemoval>>,
}

/// What is called with the violations of a removed device.
struct AtRemoval(Box<dyn FnOnce(Violations) + Send>);

/// What a device shares with its buses and its thread.
pub(crate) struct Shared {
    pub(crate) model: &'static Model,
    pub(crate) variant: &'static VariantModel,
    chip: Mutex<Chip>,
    /// Threads that wait for the chip's lock.
    waiting: AtomicUsize,
    pub(crate) waker: Waker,
    threaded: bool,
    /// Simulated nanoseconds of driver waits.
    clock: AtomicU64,
    interrupts: Mutex<Interrupts>,
    interrupted: Condvar,
}

#[derive(Default)]
struct Interrupts {
    count: u64,
    /// Messages since the last query, as bits.
    messages: u64,
    handler: Option<Arc<dyn Fn(u32) + Send + Sync>>,
}

impl Device {
    /// A device of the variant `variant` of `model`, on its own thread.
    ///
    /// # Errors
    /// The variant does not exist, the model is inconsistent, or the thread cannot be created.
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
            at_removal: Mutex::default(),
        })
    }

    /// A device of the variant `variant` of `model`, which runs only in [`step`](Self::step).
    ///
    /// # Errors
    /// The variant does not exist, or the model is inconsistent.
    pub fn stepped(
        model: &'static Model,
        variant: &str,
        mac: MacAddress,
    ) -> Result<Device, DeviceError> {
        Ok(Device {
            shared: Arc::new(Shared::new(model, variant, mac, false)?),
            worker: None,
            at_removal: Mutex::default(),
        })
    }

    /// The model of the device.
    pub fn model(&self) -> &'static Model {
        self.shared.model
    }

    /// The variant of the device.
    pub fn variant(&self) -> &'static VariantModel {
        self.shared.variant
    }

    /// A bus that accesses this device.
    pub fn bus(&self) -> SimBus {
        SimBus::new(Arc::clone(&self.shared))
    }

    /// Connects the port to a wire. Until the first call no frame arrives, and sent frames are lost.
    pub fn plug(&self, wire: impl Wire + 'static) {
        self.plug_boxed(Box::new(wire));
    }

    /// The same for a wire whose type was chosen at run time.
    pub fn plug_boxed(&self, mut wire: Box<dyn Wire>) {
        wire.plugged(self.shared.waker.clone());
        self.shared.with(|chip| chip.engine.plug(wire));
        self.shared.waker.wake();
    }

    /// Moves one burst in each direction. Returns whether there may be more work at once.
    pub fn step(&self) -> bool {
        self.shared.with(Chip::step)
    }

    /// Steps until there is no work, `most` times at most.
    pub fn run(&self, most: u32) {
        for _ in 0..most {
            if !self.step() {
                break;
            }
        }
    }

    /// The driver's violations of the hardware's rules.
    pub fn violations(&self) -> Violations {
        self.shared.with(|chip| chip.violations.clone())
    }

    /// Returns the violations and clears the list.
    pub fn take_violations(&self) -> Violations {
        self.shared
            .with(|chip| std::mem::take(&mut chip.violations))
    }

    /// Calls `report` once, when the device is removed, with the violations that were not taken by then.
    pub fn at_removal(&self, report: impl FnOnce(Violations) + Send + 'static) {
        let mut at_removal = self
            .at_removal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *at_removal = Some(AtRemoval(Box::new(report)));
    }

    /// Frames and bytes sent and received.
    pub fn counts(&self) -> Counts {
        self.shared.with(|chip| chip.engine.counts)
    }

    /// Negotiations that the driver started; 0 for a device without a PHY.
    pub fn negotiations(&self) -> u64 {
        self.shared
            .with(|chip| chip.phy.as_ref().map_or(0, |phy| phy.negotiations))
    }

    /// The value of a PHY register; 0 for a device without a PHY.
    pub fn phy_register(&self, register: u8) -> u16 {
        self.shared
            .with(|chip| chip.phy.as_ref().map_or(0, |phy| phy.register(register)))
    }

    /// Sets a PHY register, as firmware or a previous driver may have left it.
    pub fn set_phy_register(&self, register: u8, value: u16) {
        self.shared
            .with(|chip| chip.set_phy_register(register, value));
    }

    /// Why the wire was disconnected, if it failed since the last call.
    pub fn take_wire_error(&self) -> Option<WireError> {
        self.shared.with(|chip| chip.engine.wire_error.take())
    }

    /// Adds or removes the link partner, which is present from the start.
    pub fn set_link(&self, up: bool) {
        self.shared.with(|chip| chip.set_partner(up));
        self.shared.waker.wake();
    }

    /// Resets the device spontaneously: power-on values, rings stopped at 0.
    pub fn reset(&self) {
        self.shared.with(Chip::reset);
    }

    /// From now on, blocks that a driver allocates are above 4 GiB; allocations with a smaller address width fail.
    pub fn without_low_memory(&self) {
        self.shared.with(|chip| chip.memory.use_up_low());
    }

    /// Changes the registers as a previous driver may have left them: every writable register that a reset restores
    /// holds another value. From now on, unnamed bits read as arbitrary values, too.
    pub fn disturb(&self) {
        self.shared.with(Chip::disturb);
    }

    /// Makes these fields read as given, and all others normally, until the next call.
    ///
    /// # Errors
    /// A field does not exist.
    pub fn show(&self, shows: &[(FieldName, u64)]) -> Result<(), ModelError> {
        self.shared.with(|chip| chip.show(shows))
    }

    /// Changes a word of the EEPROM, if the device has an EEPROM that a driver reads.
    pub fn set_eeprom_word(&self, at: u16, word: u16) {
        self.shared.with(|chip| {
            if let Some(eeprom) = &mut chip.eeprom {
                eeprom.set_word(at, word);
            }
        });
    }

    /// From now on no reset loads a MAC address, as if the EEPROM did not respond in time.
    pub fn withhold_mac_address(&self) {
        self.shared.with(|chip| chip.loads_address = false);
    }

    /// Whether any ring is enabled, so that the device may access memory.
    pub fn runs(&self) -> bool {
        self.shared.with(|chip| chip.engine.runs())
    }

    /// Raises bits of the register of interrupt causes.
    pub fn raise(&self, bits: u64) {
        self.shared.with(|chip| chip.raise(bits));
    }

    /// Injects one more fault.
    pub fn break_by(&self, defect: Defect) {
        self.shared.with(|chip| chip.engine.defects.add(defect));
        self.shared.waker.wake();
    }

    /// Removes all faults.
    pub fn mend(&self) {
        self.shared
            .with(|chip| chip.engine.defects = Defects::default());
        self.shared.waker.wake();
    }

    /// The value of register `name`, without the side effects of a read over the bus.
    pub fn peek(&self, name: &str, element: u32) -> Option<u64> {
        self.shared.with(|chip| chip.peek(name, element))
    }

    /// The value of field `field` of register `name`, without side effects.
    pub fn peek_field(&self, name: &str, field: &str, element: u32) -> Option<u64> {
        self.shared
            .with(|chip| chip.peek_field(name, field, element))
    }

    /// Calls `handler` with each message that the device sends, or with 0 when the interrupt line rises. The call is on
    /// the thread that caused the interrupt, and without any lock.
    pub fn on_interrupt(&self, handler: impl Fn(u32) + Send + Sync + 'static) {
        self.shared.lock_interrupts().handler = Some(Arc::new(handler));
    }

    /// Allocates `count` MSI-X messages to the device, as a system does; 0 switches back to the interrupt line. Returns
    /// whether the device has so many.
    pub fn set_message_count(&self, count: u32) -> bool {
        self.shared.with(|chip| chip.set_message_count(count))
    }

    /// Messages sent since the last call, as bits; bit 0 if the line rose.
    pub fn take_messages(&self) -> u64 {
        std::mem::take(&mut self.shared.lock_interrupts().messages)
    }

    /// The number of interrupts so far.
    pub fn interrupts(&self) -> u64 {
        self.shared.lock_interrupts().count
    }

    /// Waits until there were more than `seen` interrupts, at most for `within`. Returns their number.
    pub fn wait_for_interrupt(&self, seen: u64, within: Duration) -> u64 {
        let (shared, interrupts) = (&self.shared, self.shared.lock_interrupts());
        let (interrupts, _) = (shared.interrupted)
            .wait_timeout_while(interrupts, within, |interrupts| interrupts.count <= seen)
            .unwrap_or_else(PoisonError::into_inner);
        interrupts.count
    }

    /// Simulated time that drivers have spent in delays and sleeps.
    pub fn waited(&self) -> Duration {
        Duration::from_nanos(self.shared.clock.load(Ordering::Relaxed))
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.shared.waker.end();
        if let Some(worker) = self.worker.take() {
            // A worker that panicked has already printed the panic.
            let _ = worker.join();
        }
        self.shared
            .with(|chip| chip.engine.defects.add(Defect::Gone));
        let at_removal = self.at_removal.get_mut();
        if let Some(AtRemoval(report)) = at_removal.unwrap_or_else(PoisonError::into_inner).take() {
            report(self.take_violations());
        }
    }
}

impl fmt::Debug for AtRemoval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AtRemoval")
    }
}

impl Shared {
    fn new(
        model: &'static Model,
        variant: &str,
        mac: MacAddress,
        threaded: bool,
    ) -> Result<Shared, ModelError> {
        let simulated = Simulated::new(model, variant)?;
        Ok(Shared {
            model,
            variant: simulated.variant,
            chip: Mutex::new(Chip::new(simulated, mac)?),
            waiting: AtomicUsize::new(0),
            waker: Waker::default(),
            threaded,
            clock: AtomicU64::new(0),
            interrupts: Mutex::new(Interrupts::default()),
            interrupted: Condvar::new(),
        })
    }

    /// Runs `act` on the chip, then delivers interrupts that it raised.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Chip) -> T) -> T {
        let (result, raised) = {
            let mut chip = self.lock();
            let result = act(&mut chip);
            (result, chip.take_interrupts())
        };
        if raised != 0 {
            self.interrupt(raised);
        }
        result
    }

    /// A driver waits: simulated time passes, and the device runs.
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
        self.waker.register_thread();
        while self.waker.clear() {
            while self.with(Chip::step) && !self.waker.has_ended() {
                // The lock is not fair: this thread would take it again at once.
                while self.waiting.load(Ordering::Relaxed) > 0 {
                    thread::yield_now();
                }
            }
            match self.with(|chip| chip.engine.polls()) {
                true => self.waker.wait_briefly(),
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

    fn interrupt(&self, raised: u64) {
        let handler = {
            let mut interrupts = self.lock_interrupts();
            interrupts.count += u64::from(raised.count_ones());
            interrupts.messages |= raised;
            self.interrupted.notify_all();
            interrupts.handler.clone()
        };
        if let Some(handler) = handler {
            ones(raised).for_each(|message| handler(message));
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
