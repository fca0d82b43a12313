//! The kernel's half of the boundary in a process of its own: it does what the functions promise, over a bus of
//! userspace, and can refuse each allocation in turn.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_void};
use std::slice;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering::*};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use netmap_core::register::RegOffset;
use netmap_core::{BufIdx, Dma as _, PoolEntry, SlotCell};
use netmap_kmod::boundary::*;
use netmap_userspace::bus::UserBus;
use netmap_userspace::{Block, Region};

/// Bytes of a buffer.
pub const BUFFER: usize = 2048;

/// The functions of a bus that the kernel uses.
pub trait Hardware: Send + Sync {
    fn read(&self, at: u32, bytes: u32) -> u64;
    fn write(&self, at: u32, bytes: u32, value: u64);
    fn publish(&self);
    fn observe(&self);
    fn delay(&self, time: Duration);
    fn sleep(&self, time: Duration);
    fn dma(&self, bytes: usize, align: usize, bits: u32) -> Option<Allocation>;
    fn set_message_count(&self, count: u32) -> bool;
    fn wait_interrupt(&self, timeout: Duration) -> u64;
}

/// What the other half did to the device within one call, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Wrote a register.
    Write,
    /// Ordered accesses to the memory with that handle, `TO_DEVICE` or `FROM_DEVICE`.
    Sync { handle: usize, how: u32 },
}

thread_local! {
    /// The events of this thread, while it records.
    static EVENTS: RefCell<Option<Vec<Event>>> = const { RefCell::new(None) };
    /// What this thread does before it accesses a register next.
    static BEFORE_ACCESS: RefCell<Option<Interruption>> = const { RefCell::new(None) };
}

/// The events of a call on this thread, and its result.
pub fn record<R>(call: impl FnOnce() -> R) -> (Vec<Event>, R) {
    EVENTS.set(Some(Vec::new()));
    let result = call();
    (EVENTS.take().unwrap_or_default(), result)
}

/// Calls `what` before this thread accesses a register next.
pub fn before_next_access(what: impl FnOnce() + Send + 'static) {
    BEFORE_ACCESS.set(Some(Box::new(what)));
}

fn note(event: Event) {
    EVENTS.with_borrow_mut(|events| {
        if let Some(events) = events {
            events.push(event);
        }
    });
}

/// Memory of a bus: its owner, its first byte for the processor, and for the device.
pub struct Allocation {
    memory: *mut c_void,
    address: u64,
    /// Reads of this memory wait for the device's writes.
    observe: Box<dyn Fn() + Send + Sync>,
    _owner: Box<dyn Any>,
}

impl<B: UserBus + Sync + 'static> Hardware for B {
    fn read(&self, at: u32, bytes: u32) -> u64 {
        let at = RegOffset(at);
        match bytes {
            1 => self.read8(at).into(),
            2 => self.read16(at).into(),
            4 => self.read32(at).into(),
            _ => self.read64(at),
        }
    }

    fn write(&self, at: u32, bytes: u32, value: u64) {
        let at = RegOffset(at);
        match bytes {
            1 => self.write8(at, value as u8),
            2 => self.write16(at, value as u16),
            4 => self.write32(at, value as u32),
            _ => self.write64(at, value),
        }
    }

    fn publish(&self) {
        netmap_core::Bus::publish(self);
    }

    fn observe(&self) {
        netmap_core::Bus::observe(self);
    }

    fn delay(&self, time: Duration) {
        netmap_core::Bus::delay(self, time);
    }

    fn sleep(&self, time: Duration) {
        netmap_core::Bus::sleep(self, time);
    }

    fn dma(&self, bytes: usize, align: usize, bits: u32) -> Option<Allocation> {
        let owner = self.dma_alloc(bytes, align, bits).ok()?;
        let bus = self.of_memory(&owner);
        Some(Allocation {
            memory: owner.words().as_ptr().cast_mut().cast(),
            address: owner.address().0,
            observe: Box::new(move || bus.observe()),
            _owner: Box::new(owner),
        })
    }

    fn set_message_count(&self, count: u32) -> bool {
        UserBus::set_message_count(self, count)
    }

    fn wait_interrupt(&self, timeout: Duration) -> u64 {
        UserBus::wait_interrupt(self, timeout)
    }
}

/// A ring as netmap has it: the client's side, and the positions of the kring.
pub struct Ring {
    pub slots: Box<[SlotCell]>,
    pub in_netmap_mode: AtomicBool,
    pub hwcur: AtomicU32,
    pub hwtail: AtomicU32,
    pub head: AtomicU32,
    /// netmap's `nr_busy`: held during a sync, and while all rings are stopped.
    pub busy: Mutex<()>,
}

impl Ring {
    /// A fresh ring whose buffers begin at number `first`.
    fn new(slots: u32, first: u32, hwtail: u32) -> Ring {
        let slot = |number| {
            let cell = SlotCell::default();
            cell.set_buffer(BufIdx(first + number));
            cell
        };
        Ring {
            slots: (0..slots).map(slot).collect(),
            in_netmap_mode: AtomicBool::new(true),
            hwcur: AtomicU32::new(0),
            hwtail: AtomicU32::new(hwtail),
            head: AtomicU32::new(0),
            busy: Mutex::new(()),
        }
    }

    /// `nr_hwcur`, `nr_hwtail` and `rhead`.
    pub fn positions(&self) -> [u32; 3] {
        [
            self.hwcur.load(SeqCst),
            self.hwtail.load(SeqCst),
            self.head.load(SeqCst),
        ]
    }
}

/// One device, its rings and its memory.
pub struct Kernel {
    hardware: Box<dyn Hardware>,
    /// By direction and queue.
    rings: [Vec<Ring>; 2],
    table: Vec<PoolEntry>,
    buffers: Block,
    /// Allocations that succeed before one fails; negative if none does.
    allowed: AtomicI64,
    /// Allocations of either kind that were not freed.
    live: AtomicI64,
    /// Handles of the memory for DMA, in the order of its allocation.
    dma: Mutex<Vec<usize>>,
    /// Accesses to registers.
    accesses: AtomicU64,
    /// How often control slept.
    sleeps: AtomicU64,
    log: Mutex<Vec<String>>,
    at_next_write: Mutex<Option<Interruption>>,
    /// How many callers have stopped all rings.
    stopped: AtomicU32,
    /// By name, with its group before a dot: shape and number.
    published: Mutex<BTreeMap<String, (u32, u32)>>,
}

/// What happens while the other half is at work.
type Interruption = Box<dyn FnOnce() + Send>;

// SAFETY: table and buffers are memory that is kept as long as the kernel, and only ever accessed atomically.
unsafe impl Send for Kernel {}
// SAFETY: as above.
unsafe impl Sync for Kernel {}

/// All rings, stopped until this is dropped.
pub struct Stopped<'a> {
    kernel: &'a Kernel,
    _guards: Vec<MutexGuard<'a, ()>>,
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.kernel.stopped.fetch_sub(1, SeqCst);
    }
}

impl Kernel {
    /// A kernel with `queues` pairs of rings of so many slots (transmit, receive), for a device that sees `region` at the address that it
    /// is attached at.
    pub fn new<B: UserBus + Sync + 'static>(
        bus: B,
        region: &Arc<Region>,
        queues: u32,
        slots: [u32; 2],
    ) -> Arc<Kernel> {
        let base = bus
            .attach(region)
            .expect("a region that the device reaches");
        let count = 2 + queues * (slots[0] + slots[1]);
        let buffers = region
            .allocate(count as usize * BUFFER, BUFFER)
            .expect("room for the buffers");
        let entry = |number: usize| {
            let offset = number * BUFFER;
            let address = base.0 + (buffers.offset() + offset) as u64;
            [buffers.words().as_ptr() as u64 + offset as u64, address]
        };
        let table = (0..count as usize).map(entry).collect();
        let ring = |direction: u32, queue: u32| {
            let [tx, rx] = slots;
            match direction {
                TX => Ring::new(tx, 2 + queue * tx, tx - 1),
                _ => Ring::new(rx, 2 + queues * tx + queue * rx, 0),
            }
        };
        Arc::new(Kernel {
            hardware: Box::new(bus),
            rings: [TX, RX]
                .map(|direction| (0..queues).map(|queue| ring(direction, queue)).collect()),
            table,
            buffers,
            allowed: AtomicI64::new(-1),
            live: AtomicI64::new(0),
            dma: Mutex::default(),
            accesses: AtomicU64::new(0),
            sleeps: AtomicU64::new(0),
            log: Mutex::default(),
            at_next_write: Mutex::default(),
            stopped: AtomicU32::new(0),
            published: Mutex::default(),
        })
    }

    /// What the Rust half is to take for its device.
    pub fn handle(self: &Arc<Kernel>) -> *mut c_void {
        Arc::as_ptr(self).cast_mut().cast()
    }

    pub fn ring(&self, direction: u32, queue: u32) -> &Ring {
        &self.rings[direction as usize][queue as usize]
    }

    /// Keeps all syncs out, as `netmap_disable_all_rings` does.
    pub fn stop_rings(&self) -> Stopped<'_> {
        let all = self.rings.iter().flatten();
        let guards = all.map(|ring| ring.busy.lock().unwrap_or_else(PoisonError::into_inner));
        let guards = guards.collect();
        self.stopped.fetch_add(1, SeqCst);
        Stopped {
            kernel: self,
            _guards: guards,
        }
    }

    /// The ring as a sync gets it.
    pub fn view(&self, direction: u32, queue: u32) -> RingView {
        let ring = self.ring(direction, queue);
        let [hwcur, hwtail, head] = ring.positions();
        RingView {
            slots: ring.slots.as_ptr(),
            table: self.table.as_ptr(),
            slot_count: ring.slots.len() as u32,
            table_entries: self.table.len() as u32,
            buffer_size: BUFFER as u32,
            hwcur,
            hwtail,
            head,
        }
    }

    fn words(&self, buffer: BufIdx) -> &[AtomicU64] {
        &self.buffers.words()[buffer.0 as usize * BUFFER / 8..][..BUFFER / 8]
    }

    /// Writes a frame into a buffer.
    pub fn fill(&self, buffer: BufIdx, frame: &[u8]) {
        for (word, bytes) in self.words(buffer).iter().zip(frame.chunks(8)) {
            let mut eight = [0; 8];
            eight[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_le_bytes(eight), SeqCst);
        }
    }

    /// The first bytes of a buffer.
    pub fn bytes(&self, buffer: BufIdx, len: usize) -> Vec<u8> {
        let words = self.words(buffer).iter();
        let bytes = words.flat_map(|word| word.load(SeqCst).to_le_bytes());
        bytes.take(len).collect()
    }

    /// The allocation after the next `count` fails, and all after it.
    pub fn fail_after(&self, count: i64) {
        self.allowed.store(count, SeqCst);
    }

    /// Allocations that were not freed.
    pub fn live(&self) -> i64 {
        self.live.load(SeqCst)
    }

    /// Handles of the memory for DMA, in the order of its allocation: a ring each transmit queue, then each receive queue.
    pub fn dma(&self) -> Vec<usize> {
        self.dma.lock().unwrap().clone()
    }

    /// Accesses to registers so far.
    pub fn accesses(&self) -> u64 {
        self.accesses.load(SeqCst)
    }

    /// How often control slept so far.
    pub fn sleeps(&self) -> u64 {
        self.sleeps.load(SeqCst)
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// What was published.
    pub fn published(&self) -> BTreeMap<String, (u32, u32)> {
        self.published.lock().unwrap().clone()
    }

    /// Removes what an earlier port published.
    pub fn unpublish(&self) {
        self.published.lock().unwrap().clear();
    }

    /// Calls `what` once, before the next write to a register.
    pub fn at_next_write(&self, what: impl FnOnce() + Send + 'static) {
        *self.at_next_write.lock().unwrap() = Some(Box::new(what));
    }

    pub fn sleep(&self, time: Duration) {
        self.hardware.sleep(time);
    }

    pub fn set_message_count(&self, count: u32) -> bool {
        self.hardware.set_message_count(count)
    }

    /// Interrupts since the last call, one bit for each vector.
    pub fn wait_interrupt(&self, timeout: Duration) -> u64 {
        self.hardware.wait_interrupt(timeout)
    }

    fn may_allocate(&self) -> bool {
        let take = |left: i64| match left {
            0 => None,
            left => Some(left - i64::from(left > 0)),
        };
        self.allowed.fetch_update(SeqCst, SeqCst, take).is_ok()
    }
}

/// Before each access to a register.
fn access(device: *mut c_void) -> &'static Kernel {
    if let Some(what) = BEFORE_ACCESS.take() {
        what();
    }
    let kernel = kernel(device);
    kernel.accesses.fetch_add(1, SeqCst);
    kernel
}

/// The kernel that a handle stands for.
fn kernel<'a>(device: *mut c_void) -> &'a Kernel {
    // SAFETY: tests hand `Kernel::handle` over and keep the kernel until the port is released.
    unsafe { &*device.cast::<Kernel>() }
}

macro_rules! registers {
    ($($read:ident $write:ident $type:ident;)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $read(device: *mut c_void, at: u32) -> $type {
            access(device).hardware.read(at, size_of::<$type>() as u32) as $type
        }

        #[unsafe(no_mangle)]
        extern "C" fn $write(device: *mut c_void, at: u32, value: $type) {
            let kernel = access(device);
            note(Event::Write);
            let what = kernel.at_next_write.lock().unwrap().take();
            if let Some(what) = what {
                what();
            }
            kernel.hardware.write(at, size_of::<$type>() as u32, value.into());
        }
    )*};
}

registers! {
    nmd_read8 nmd_write8 u8;
    nmd_read16 nmd_write16 u16;
    nmd_read32 nmd_write32 u32;
    nmd_read64 nmd_write64 u64;
}

#[unsafe(no_mangle)]
extern "C" fn nmd_delay(device: *mut c_void, microseconds: u32) {
    assert!(microseconds <= 50, "{microseconds} us are too long a delay");
    kernel(device)
        .hardware
        .delay(Duration::from_micros(microseconds.into()));
}

#[unsafe(no_mangle)]
extern "C" fn nmd_sleep(device: *mut c_void, microseconds: u32) {
    let kernel = kernel(device);
    kernel.sleeps.fetch_add(1, SeqCst);
    kernel.sleep(Duration::from_micros(microseconds.into()));
}

#[unsafe(no_mangle)]
extern "C" fn nmd_alloc(device: *mut c_void, bytes: usize) -> *mut c_void {
    let kernel = kernel(device);
    if !kernel.may_allocate() {
        return std::ptr::null_mut();
    }
    kernel.live.fetch_add(1, SeqCst);
    let words: Box<[u128]> = vec![0; bytes.div_ceil(16)].into();
    Box::into_raw(words).cast()
}

#[unsafe(no_mangle)]
extern "C" fn nmd_free(device: *mut c_void, memory: *mut c_void, bytes: usize) {
    kernel(device).live.fetch_sub(1, SeqCst);
    let words = std::ptr::slice_from_raw_parts_mut(memory.cast::<u128>(), bytes.div_ceil(16));
    // SAFETY: `nmd_alloc` made the box for as many bytes, and it is given back once.
    drop(unsafe { Box::from_raw(words) });
}

#[unsafe(no_mangle)]
extern "C" fn nmd_dma_alloc(
    device: *mut c_void,
    bytes: usize,
    align: usize,
    address_bits: u32,
    block: *mut DmaBlock,
) {
    let kernel = kernel(device);
    if !kernel.may_allocate() {
        return;
    }
    let Some(allocation) = kernel.hardware.dma(bytes, align, address_bits) else {
        return;
    };
    kernel.live.fetch_add(1, SeqCst);
    let (memory, address) = (allocation.memory, allocation.address);
    assert_eq!(address % align as u64, 0);
    let handle = Box::into_raw(Box::new(allocation)).cast::<c_void>();
    kernel.dma.lock().unwrap().push(handle as usize);
    // SAFETY: the caller hands over room for one block.
    unsafe {
        block.write(DmaBlock {
            handle,
            memory,
            address,
        })
    };
}

#[unsafe(no_mangle)]
extern "C" fn nmd_dma_free(device: *mut c_void, handle: *mut c_void) {
    let kernel = kernel(device);
    kernel.live.fetch_sub(1, SeqCst);
    kernel
        .dma
        .lock()
        .unwrap()
        .retain(|other| *other != handle as usize);
    // SAFETY: `nmd_dma_alloc` made it, and it is given back once.
    drop(unsafe { Box::from_raw(handle.cast::<Allocation>()) });
}

#[unsafe(no_mangle)]
extern "C" fn nmd_dma_sync(device: *mut c_void, handle: *mut c_void, how: u32) {
    note(Event::Sync {
        handle: handle as usize,
        how,
    });
    match how {
        TO_DEVICE => kernel(device).hardware.publish(),
        FROM_DEVICE if handle.is_null() => kernel(device).hardware.observe(),
        // SAFETY: `nmd_dma_alloc` made it, and it was not given back.
        FROM_DEVICE => unsafe { ((*handle.cast::<Allocation>()).observe)() },
        _ => panic!("nmd_dma_sync has no direction {how}"),
    }
}

#[unsafe(no_mangle)]
extern "C" fn nmd_ring_get(
    device: *mut c_void,
    direction: u32,
    queue: u32,
    view: *mut RingView,
) -> u32 {
    let kernel = kernel(device);
    let ring = kernel.ring(direction, queue);
    if !ring.in_netmap_mode.load(SeqCst) {
        return 0;
    }
    // Stopping the rings has waited for syncs already.
    if kernel.stopped.load(SeqCst) == 0 {
        drop(ring.busy.lock().unwrap_or_else(PoisonError::into_inner));
    }
    // SAFETY: the caller hands over room for one view.
    unsafe { view.write(kernel.view(direction, queue)) };
    1
}

#[unsafe(no_mangle)]
extern "C" fn nmd_ring_put(
    device: *mut c_void,
    direction: u32,
    queue: u32,
    hwcur: u32,
    hwtail: u32,
) {
    let ring = kernel(device).ring(direction, queue);
    ring.hwcur.store(hwcur, SeqCst);
    ring.hwtail.store(hwtail, SeqCst);
}

#[unsafe(no_mangle)]
extern "C" fn nmd_publish(
    device: *mut c_void,
    group: *const c_char,
    name: *const c_char,
    title: *const c_char,
    shape: u32,
    number: u32,
) {
    // SAFETY: the caller hands over texts that end in a zero.
    let [group, name, title] = [group, name, title].map(|text| unsafe { CStr::from_ptr(text) });
    let [group, name, title] = [group, name, title].map(|text| text.to_str().unwrap());
    assert!(!name.is_empty() && !name.contains(['.', ' ']), "{name}");
    assert!(!title.is_empty(), "{name} has no title");
    let name = match group {
        "" => name.to_owned(),
        group => format!("{group}.{name}"),
    };
    let mut published = kernel(device).published.lock().unwrap();
    assert!(
        published.values().all(|(_, other)| *other != number),
        "{name}"
    );
    let before = published.insert(name, (shape, number));
    assert!(before.is_none(), "one name twice: {title}");
}

#[unsafe(no_mangle)]
extern "C" fn nmd_log(device: *mut c_void, text: *const c_char, bytes: usize) {
    // SAFETY: the caller hands over that many bytes.
    let text = unsafe { slice::from_raw_parts(text.cast::<u8>(), bytes) };
    let line = String::from_utf8_lossy(text).into_owned();
    kernel(device).log.lock().unwrap().push(line);
}

#[unsafe(no_mangle)]
extern "C" fn nmd_panic(text: *const c_char, bytes: usize) -> ! {
    // SAFETY: the caller hands over that many bytes.
    let text = unsafe { slice::from_raw_parts(text.cast::<u8>(), bytes) };
    panic!("{}", String::from_utf8_lossy(text));
}
