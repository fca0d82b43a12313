//! The device as the drivers see it: registers, time and memory, all through the boundary.

use core::ffi::{c_char, c_void};
use core::mem::MaybeUninit;
use core::ptr;
use core::slice;
use core::sync::atomic::{AtomicU64, Ordering, fence};
use core::time::Duration;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, ClientRing, Dma, DmaAddr, DmaError, NmIdx, Positions, TablePool};

use crate::boundary::*;
use crate::failure::Line;

/// The kernel's pointer for a device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Device(*mut c_void);

// SAFETY: the pointer is only ever handed back to the functions of the boundary, which any thread may call.
unsafe impl Send for Device {}
// SAFETY: as above.
unsafe impl Sync for Device {}

impl Device {
    /// The device that the kernel's half calls `handle`.
    ///
    /// # Safety
    /// The functions of the boundary take `handle` for as long as this or a copy of it is used.
    pub(crate) const unsafe fn new(handle: *mut c_void) -> Device {
        Device(handle)
    }

    pub(crate) const fn handle(self) -> *mut c_void {
        self.0
    }

    /// Writes a line to the kernel's log.
    pub(crate) fn log(self, text: core::fmt::Arguments<'_>) {
        let line = Line::of(text);
        let text = line.text();
        // SAFETY: the function takes that many bytes at that address.
        unsafe { nmd_log(self.0, text.as_ptr().cast::<c_char>(), text.len()) };
    }

    /// Calls `control` on netmap's ring and stores the positions that it returns; `None`, without a call, if the ring is not
    /// in netmap mode.
    pub(crate) fn with_ring<R>(
        self,
        direction: u32,
        queue: u32,
        control: impl FnOnce(&ClientRing<'_, TablePool<'_>>, Positions) -> (Positions, R),
    ) -> Option<R> {
        let mut view = MaybeUninit::<RingView>::uninit();
        // SAFETY: the function writes one view at that address if it returns anything but 0.
        let is_there = unsafe { nmd_ring_get(self.0, direction, queue, view.as_mut_ptr()) };
        if is_there == 0 {
            return None;
        }
        // SAFETY: it was filled. netmap keeps ring and buffers while the kernel's half is in a function of control, which
        // is when a ring may be asked for.
        let (at, result) = unsafe { view.assume_init().with(control) };
        // SAFETY: plain numbers for a device of the boundary's.
        unsafe { nmd_ring_put(self.0, direction, queue, at.hwcur.0, at.hwtail.0) };
        Some(result)
    }
}

impl RingView {
    /// Has `work` done on the ring.
    ///
    /// # Safety
    /// The kernel's half filled the view, and until this returns netmap keeps ring, table and buffers where they are.
    #[inline(always)]
    pub(crate) unsafe fn with<R>(
        &self,
        work: impl FnOnce(&ClientRing<'_, TablePool<'_>>, Positions) -> R,
    ) -> R {
        // SAFETY: the table has that many entries, which nobody writes while a ring of the port is in netmap mode.
        let table = unsafe { slice::from_raw_parts(self.table, self.table_entries as usize) };
        let pool = TablePool::new(table, self.buffer_size);
        // SAFETY: the ring has that many slots. Clients write them at any time, which is what `SlotCell`'s atomics are for.
        let slots = unsafe { slice::from_raw_parts(self.slots, self.slot_count as usize) };
        let client = ClientRing { slots, pool: &pool };
        let at = Positions {
            hwcur: NmIdx(self.hwcur),
            hwtail: NmIdx(self.hwtail),
            head: NmIdx(self.head),
        };
        work(&client, at)
    }
}

/// A device and, in a queue, the memory of its descriptors.
#[derive(Debug, Clone)]
pub(crate) struct KernelBus {
    device: Device,
    /// Handle of that memory; null elsewhere.
    ring: Handle,
}

#[derive(Debug, Clone, Copy)]
struct Handle(*mut c_void);

// SAFETY: the pointer is only ever handed back to the functions of the boundary, which any thread may call.
unsafe impl Send for Handle {}

impl KernelBus {
    pub(crate) fn new(device: Device) -> KernelBus {
        KernelBus {
            device,
            ring: Handle(ptr::null_mut()),
        }
    }

    pub(crate) fn device(&self) -> Device {
        self.device
    }

    #[inline(always)]
    fn sync_ring(&self, how: u32) {
        // SAFETY: the handle is null, or that of the memory that the queue owns together with this bus.
        unsafe { nmd_dma_sync(self.device.0, self.ring.0, how) };
    }
}

/// Microseconds, rounded up.
fn microseconds(time: Duration) -> u32 {
    u32::try_from(time.as_nanos().div_ceil(1000)).unwrap_or(u32::MAX)
}

macro_rules! registers {
    ($($read:ident $write:ident $type:ident $c_read:ident $c_write:ident;)*) => {$(
        #[inline(always)]
        fn $read(&self, at: RegOffset) -> $type {
            // SAFETY: any offset may be read; past the end of the registers it yields ones.
            unsafe { $c_read(self.device.0, at.0) }
        }

        #[inline(always)]
        fn $write(&self, at: RegOffset, value: $type) {
            // SAFETY: any offset may be written; past the end of the registers it is lost.
            unsafe { $c_write(self.device.0, at.0, value) };
        }
    )*};
}

impl Bus for KernelBus {
    type Dma = KernelDma;

    registers! {
        read8 write8 u8 nmd_read8 nmd_write8;
        read16 write16 u16 nmd_read16 nmd_write16;
        read32 write32 u32 nmd_read32 nmd_write32;
        read64 write64 u64 nmd_read64 nmd_write64;
    }

    #[inline(always)]
    fn publish(&self) {
        fence(Ordering::Release);
        self.sync_ring(TO_DEVICE);
    }

    #[inline(always)]
    fn observe(&self) {
        self.sync_ring(FROM_DEVICE);
        fence(Ordering::Acquire);
    }

    fn delay(&self, how_long: Duration) {
        // SAFETY: a plain number for a device of the boundary's.
        unsafe { nmd_delay(self.device.0, microseconds(how_long)) };
    }

    fn sleep(&self, how_long: Duration) {
        // SAFETY: a plain number for a device of the boundary's; sequences that sleep run where that is allowed.
        unsafe { nmd_sleep(self.device.0, microseconds(how_long)) };
    }

    fn dma_alloc(
        &self,
        bytes: usize,
        align: usize,
        address_bits: u32,
    ) -> Result<KernelDma, DmaError> {
        let bytes = bytes.next_multiple_of(8);
        let mut block = DmaBlock {
            handle: ptr::null_mut(),
            memory: ptr::null_mut(),
            address: 0,
        };
        // SAFETY: the function writes one block at that address.
        unsafe { nmd_dma_alloc(self.device.0, bytes, align, address_bits, &raw mut block) };
        if block.handle.is_null() {
            return Err(DmaError { bytes, align });
        }
        Ok(KernelDma {
            device: self.device,
            block,
            words: bytes / 8,
        })
    }

    fn of_memory(&self, memory: &KernelDma) -> KernelBus {
        KernelBus {
            device: self.device,
            ring: Handle(memory.block.handle),
        }
    }
}

/// Memory shared with the device.
#[derive(Debug)]
pub(crate) struct KernelDma {
    device: Device,
    block: DmaBlock,
    words: usize,
}

// SAFETY: it owns its memory, and its pointers are the boundary's, which any thread may use.
unsafe impl Send for KernelDma {}

impl Dma for KernelDma {
    #[inline(always)]
    fn words(&self) -> &[AtomicU64] {
        // SAFETY: the memory has that many words, was zeroed, lives as long as `self` and is accessed by nobody but the
        // device and through such slices.
        unsafe { slice::from_raw_parts(self.block.memory.cast::<AtomicU64>(), self.words) }
    }

    fn address(&self) -> DmaAddr {
        DmaAddr(self.block.address)
    }
}

impl Drop for KernelDma {
    fn drop(&mut self) {
        // SAFETY: `nmd_dma_alloc` gave the handle, and nobody has the memory any more.
        unsafe { nmd_dma_free(self.device.0, self.block.handle) };
    }
}
