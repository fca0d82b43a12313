//! Registers, interrupts and DMA of the NIC in a QEMU.

use std::os::fd::BorrowedFd;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::register::RegOffset;
use netmap_core::{Bus, Dma as _, DmaAddr, DmaError, PciIdentity};

use super::error::{Error, Result};
use super::messages::Inbox;
use super::pci::{Bar, Config, Function};
use super::process::Process;
use super::qtest::{Qtest, Watch};
use crate::bus::UserBus;
use crate::{Region, RegionDma, deadline, lock};

/// The machine address of the region's first byte.
const BASE: DmaAddr = DmaAddr(0);
/// Lines of the interrupt controller that PCI slots are wired to (ICH9 datasheet, 5.8.3): the NIC is the only device
/// that uses one.
const PCI_LINES: u64 = 0xff << 16;
/// Polling interval for messages: a write to memory causes no notification.
const LOOK_EVERY: Duration = Duration::from_micros(50);
/// How long a QEMU that no longer responds may take to end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A NIC in a QEMU process, which ends with the last clone.
#[derive(Debug, Clone)]
pub struct QemuBus {
    machine: Arc<Machine>,
    /// The registers in memory space.
    bar: Bar,
}

#[derive(Debug)]
struct Machine {
    qtest: Mutex<Qtest>,
    watch: Watch,
    function: Function,
    inbox: Mutex<Option<Arc<Inbox>>>,
    process: Process,
    // Dropped after the process, so that the memory is not freed while QEMU may write to it.
    region: Arc<Region>,
}

impl QemuBus {
    pub(super) fn new(
        qtest: Qtest,
        function: Function,
        process: Process,
        region: Arc<Region>,
    ) -> Result<QemuBus> {
        let bus = QemuBus {
            machine: Arc::new(Machine {
                watch: qtest.watch()?,
                qtest: Mutex::new(qtest),
                function,
                inbox: Mutex::new(None),
                process,
                region,
            }),
            bar: Bar { at: 0, bytes: 0 },
        };
        bus.with_bar(None)
    }

    /// The same device with the registers of another base address register; `None` is the first memory BAR.
    ///
    /// # Errors
    /// The device has no such BAR, or it is for I/O space.
    pub fn with_bar(&self, bar: Option<u8>) -> Result<QemuBus> {
        let bars = &self.machine.function.bars;
        let first = bars.iter().position(Option::is_some);
        let bar = bar.map_or(first.unwrap_or(0), usize::from);
        Ok(QemuBus {
            machine: Arc::clone(&self.machine),
            bar: (bars.get(bar).copied().flatten()).ok_or(Error::NoBar { bar })?,
        })
    }

    /// Bytes of the registers.
    pub fn register_bytes(&self) -> u64 {
        self.bar.bytes
    }

    /// Becomes readable when QEMU ends.
    pub(super) fn end(&self) -> BorrowedFd<'_> {
        self.machine.process.handle()
    }

    /// QEMU's process id.
    pub fn process_id(&self) -> u32 {
        self.machine.process.id()
    }

    /// Reads 32 bits of the device's configuration space.
    ///
    /// # Errors
    /// QEMU is gone.
    pub fn config_read(&self, at: u8) -> Result<u32> {
        Config(&mut self.lock()).read(at)
    }

    /// Number and offset in configuration space of each of the device's capabilities.
    ///
    /// # Errors
    /// QEMU is gone.
    pub fn capabilities(&self) -> Result<Vec<(u8, u8)>> {
        Config(&mut self.lock()).capabilities()
    }

    /// Waits until the device has received every write, and returns an error if QEMU failed.
    ///
    /// # Errors
    /// QEMU ended, refused a command or does not respond: from then on reads return all ones, and writes are lost.
    pub fn check(&self) -> Result<()> {
        let state = {
            let mut qtest = self.lock();
            qtest.flush();
            qtest.failure()
        };
        match state {
            Err(Error::Gone) => {
                let obituary = self.machine.process.obituary(LAST_WORDS);
                Err(obituary.unwrap_or(Error::Gone))
            }
            state => state,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Qtest> {
        // After a panic, at worst a result is outstanding; the client counts results.
        lock(&self.machine.qtest)
    }

    fn read(&self, bytes: u64, at: RegOffset) -> u64 {
        match self.address(bytes, at) {
            Some(address) => self.lock().read(bytes, address).unwrap_or(u64::MAX),
            None => u64::MAX,
        }
    }

    fn write(&self, bytes: u64, at: RegOffset, value: u64) {
        if let Some(address) = self.address(bytes, at) {
            self.lock().write(bytes, address, value);
        }
    }

    fn inbox(&self) -> MutexGuard<'_, Option<Arc<Inbox>>> {
        lock(&self.machine.inbox)
    }

    /// Makes the device send its first `count` messages to memory of the region.
    fn open_inbox(&self, count: u32) -> Option<Inbox> {
        let Machine {
            region, function, ..
        } = &*self.machine;
        let words = RegionDma::allocate(region, BASE, Inbox::bytes(count), 64, 32).ok()?;
        for word in words.words() {
            word.store(0, Ordering::Relaxed);
        }
        Inbox::open(&mut self.lock(), function, words, count).ok()?
    }

    fn wait_message(&self, inbox: &Inbox, timeout: Duration) -> u64 {
        let deadline = deadline(timeout);
        loop {
            let messages = inbox.take();
            let left = deadline.saturating_duration_since(Instant::now());
            if messages != 0 || left.is_zero() {
                return messages;
            }
            thread::sleep(left.min(LOOK_EVERY));
        }
    }

    /// The address of a register in memory space; `None` past the end of the registers.
    fn address(&self, bytes: u64, at: RegOffset) -> Option<u64> {
        let at = u64::from(at.0);
        (at + bytes <= self.bar.bytes).then_some(self.bar.at + at)
    }
}

impl Bus for QemuBus {
    type Dma = RegionDma;

    fn read8(&self, at: RegOffset) -> u8 {
        self.read(1, at) as u8
    }

    fn read16(&self, at: RegOffset) -> u16 {
        self.read(2, at) as u16
    }

    fn read32(&self, at: RegOffset) -> u32 {
        self.read(4, at) as u32
    }

    fn read64(&self, at: RegOffset) -> u64 {
        self.read(8, at)
    }

    fn write8(&self, at: RegOffset, value: u8) {
        self.write(1, at, value.into());
    }

    fn write16(&self, at: RegOffset, value: u16) {
        self.write(2, at, value.into());
    }

    fn write32(&self, at: RegOffset, value: u32) {
        self.write(4, at, value.into());
    }

    fn write64(&self, at: RegOffset, value: u64) {
        self.write(8, at, value);
    }

    fn publish(&self) {
        // The system call that carries the register write comes after this, in the order of the program.
        fence(Ordering::Release);
    }

    fn observe(&self) {
        fence(Ordering::Acquire);
    }

    fn delay(&self, how_long: Duration) {
        self.lock().flush();
        let start = Instant::now();
        while start.elapsed() < how_long {
            std::hint::spin_loop();
        }
    }

    fn sleep(&self, how_long: Duration) {
        self.lock().flush();
        thread::sleep(how_long);
    }

    fn dma_alloc(
        &self,
        bytes: usize,
        align: usize,
        address_bits: u32,
    ) -> Result<RegionDma, DmaError> {
        // The block may just have been freed, and the register write that disables it may still be posted.
        self.lock().flush();
        RegionDma::allocate(&self.machine.region, BASE, bytes, align, address_bits)
    }
}

impl UserBus for QemuBus {
    fn attach(&self, region: &Arc<Region>) -> crate::Result<DmaAddr> {
        // The machine's memory is fixed when it is started.
        if Arc::ptr_eq(region, &self.machine.region) {
            // The previous port may have disabled it.
            let mut qtest = self.lock();
            Config(&mut qtest).join_bus();
            qtest.flush();
            Ok(BASE)
        } else {
            Err(Error::OtherRegion.into())
        }
    }

    fn detach(&self) {
        self.set_message_count(0);
        let mut qtest = self.lock();
        Config(&mut qtest).leave_bus();
        qtest.flush();
    }

    fn failure(&self) -> Option<crate::Error> {
        self.check().err().map(Into::into)
    }

    fn pci(&self) -> PciIdentity {
        self.machine.function.pci
    }

    fn set_message_count(&self, count: u32) -> bool {
        // A device that is gone sends no messages.
        let _ = Inbox::close(&mut self.lock());
        *self.inbox() = None;
        if count > 0 {
            *self.inbox() = self.open_inbox(count).map(Arc::new);
        }
        count == 0 || self.inbox().is_some()
    }

    fn wait_interrupt(&self, timeout: Duration) -> u64 {
        let inbox = self.inbox().clone();
        if let Some(inbox) = inbox {
            return self.wait_message(&inbox, timeout);
        }
        let deadline = deadline(timeout);
        loop {
            let dead = {
                let mut qtest = self.lock();
                qtest.take_in();
                if qtest.take_interrupt(PCI_LINES) {
                    return 1;
                }
                qtest.is_dead()
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if dead {
                // Briefly, so that a calling loop does not spin.
                thread::sleep(left.min(Duration::from_millis(10)));
                return 0;
            }
            if left.is_zero() || !self.machine.watch.wait(left) {
                return 0;
            }
        }
    }
}
