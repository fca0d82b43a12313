//! The functions of the kernel's half, and what is handed over between the halves. `sys/nmd_boundary.h` is the same in C.
//!
//! A *device* is the pointer that the C half passed to `attach`; the functions below pass it back unchanged.

use core::ffi::{c_char, c_void};
use core::mem::{offset_of, size_of};

use netmap_core::{PciId, PciIdentity, PoolEntry, SlotCell};

/// The state of a netmap ring: the addresses of its slots and buffers, and its positions.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct RingView {
    /// The ring's slots.
    pub slots: *const SlotCell,
    /// One entry for each buffer: its address in the kernel, and its address for the device.
    pub table: *const PoolEntry,
    /// Slots of the ring.
    pub slot_count: u32,
    /// Entries of the table.
    pub table_entries: u32,
    /// Bytes of a buffer.
    pub buffer_size: u32,
    /// netmap's `nr_hwcur`, in and out.
    pub hwcur: u32,
    /// netmap's `nr_hwtail`, in and out.
    pub hwtail: u32,
    /// netmap's `rhead`.
    pub head: u32,
}

const _: () = {
    assert!(size_of::<RingView>() == 40);
    assert!(offset_of!(RingView, slot_count) == 16 && offset_of!(RingView, head) == 36);
};

/// Memory for DMA.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct DmaBlock {
    /// The kernel's handle of the memory; null if there is none.
    pub handle: *mut c_void,
    /// The address for the processor.
    pub memory: *mut c_void,
    /// The address for the device.
    pub address: u64,
}

/// What a device's PCI configuration space says of it.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pci {
    /// Vendor id.
    pub vendor: u16,
    /// Device id.
    pub device: u16,
    /// Vendor of the board.
    pub subsystem_vendor: u16,
    /// Number of the board.
    pub subsystem_device: u16,
    /// Revision.
    pub revision: u8,
}

impl From<Pci> for PciIdentity {
    fn from(pci: Pci) -> PciIdentity {
        let id = |vendor, device| PciId { vendor, device };
        PciIdentity {
            id: id(pci.vendor, pci.device),
            subsystem: id(pci.subsystem_vendor, pci.subsystem_device),
            revision: pci.revision,
        }
    }
}

impl From<PciIdentity> for Pci {
    fn from(pci: PciIdentity) -> Pci {
        Pci {
            vendor: pci.id.vendor,
            device: pci.id.device,
            subsystem_vendor: pci.subsystem.vendor,
            subsystem_device: pci.subsystem.device,
            revision: pci.revision,
        }
    }
}

/// The requested properties of a port. Numbers of rings and slots are rounded to the nearest that the NIC supports, and
/// the longest frame is at most the NIC's.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Pairs of rings, at least one.
    pub queues: u32,
    /// Slots of each transmit ring.
    pub tx_slots: u32,
    /// Slots of each receive ring.
    pub rx_slots: u32,
    /// Longest frame, in bytes without CRC.
    pub frame_max: u32,
    /// What the device's PCI configuration space says of it.
    pub pci: Pci,
}

/// The properties of a port that `attach` found.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// The device's own MAC address.
    pub mac: [u8; 6],
    /// Bytes of `variant`.
    pub variant_bytes: u16,
    /// Bytes that the device may write to the buffer of one slot.
    pub slot_bytes: u32,
    /// Longest frame that the variant found sends and receives, in bytes without CRC.
    pub frame_max: u32,
    /// Pairs of rings.
    pub queues: u32,
    /// Slots of each transmit ring.
    pub tx_slots: u32,
    /// Slots of each receive ring.
    pub rx_slots: u32,
    /// Bits of the addresses that the device reaches.
    pub address_bits: u32,
    /// MSI-X vectors that the variant has; 0 without MSI-X.
    pub vectors: u32,
    /// Name of the variant, without a zero at its end.
    pub variant: *const c_char,
}

/// State of a link.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkState {
    /// Megabits a second; 0 while the link is down.
    pub mbps: u32,
    /// 1 for full duplex.
    pub full_duplex: u32,
    /// 1 if it has changed since the last call.
    pub changed: u32,
    /// 1 while a ring whose last sync was paused can be synced again: its program may be asleep without an interrupt to
    /// wake it.
    pub waiting: u32,
}

/// [`interrupt`](crate::Entry): frames were sent.
pub const CAUSE_TX: u32 = 1;
/// [`interrupt`](crate::Entry): frames were received.
pub const CAUSE_RX: u32 = 2;
/// [`interrupt`](crate::Entry): the link changed.
pub const CAUSE_LINK: u32 = 4;

/// A sync was done.
pub const SYNCED: u32 = 0;
/// Control uses the ring, or there is no link: no position changed.
pub const PAUSED: u32 = 1;
/// A value of the client or of the device is invalid; `describe` returns the reason.
pub const REFUSED: u32 = 2;
/// The ring was not looked at, because its device is gone or a restart found an invalid slot: no position changed;
/// `describe` returns the reason.
pub const FAILED: u32 = 3;

/// `nmd_publish`: a number that can be read.
pub const NUMBER: u32 = 0;
/// `nmd_publish`: a number of 32 bits that can be read and set.
pub const CHOICE: u32 = 1;
/// `nmd_publish`: a text that can be read.
pub const TEXT: u32 = 2;

/// A transmit ring, where a function takes a direction.
pub const TX: u32 = 0;
/// A receive ring.
pub const RX: u32 = 1;

/// `nmd_dma_sync`: before the device reads what the processor wrote.
pub const TO_DEVICE: u32 = 0;
/// `nmd_dma_sync`: before the processor reads what the device wrote.
pub const FROM_DEVICE: u32 = 1;

unsafe extern "C" {
    /// Reads a register of 8 bits.
    pub fn nmd_read8(device: *mut c_void, at: u32) -> u8;
    /// Reads a register of 16 bits.
    pub fn nmd_read16(device: *mut c_void, at: u32) -> u16;
    /// Reads a register of 32 bits.
    pub fn nmd_read32(device: *mut c_void, at: u32) -> u32;
    /// Reads a register of 64 bits.
    pub fn nmd_read64(device: *mut c_void, at: u32) -> u64;
    /// Writes a register of 8 bits.
    pub fn nmd_write8(device: *mut c_void, at: u32, value: u8);
    /// Writes a register of 16 bits.
    pub fn nmd_write16(device: *mut c_void, at: u32, value: u16);
    /// Writes a register of 32 bits.
    pub fn nmd_write32(device: *mut c_void, at: u32, value: u32);
    /// Writes a register of 64 bits.
    pub fn nmd_write64(device: *mut c_void, at: u32, value: u64);
    /// Waits at most 50 us without yielding the processor.
    pub fn nmd_delay(device: *mut c_void, microseconds: u32);
    /// Sleeps. The caller holds no mutex.
    pub fn nmd_sleep(device: *mut c_void, microseconds: u32);
    /// Allocates zeroed memory, aligned to 16 bytes; null if there is none.
    pub fn nmd_alloc(device: *mut c_void, bytes: usize) -> *mut c_void;
    /// Frees memory from `nmd_alloc`.
    pub fn nmd_free(device: *mut c_void, memory: *mut c_void, bytes: usize);
    /// Allocates zeroed, contiguous DMA memory below `1 << address_bits`; its handle is null if there is none.
    pub fn nmd_dma_alloc(
        device: *mut c_void,
        bytes: usize,
        align: usize,
        address_bits: u32,
        block: *mut DmaBlock,
    );
    /// Frees memory from `nmd_dma_alloc`.
    pub fn nmd_dma_free(device: *mut c_void, handle: *mut c_void);
    /// Orders accesses of processor and device to DMA memory, `TO_DEVICE` or `FROM_DEVICE`. With a null handle it orders all
    /// accesses of this processor.
    pub fn nmd_dma_sync(device: *mut c_void, handle: *mut c_void, how: u32);
    /// Fills `view` with netmap's ring and returns 1 if the ring is in netmap mode, 0 otherwise.
    ///
    /// Called by control functions only, while no sync moves the ring: either netmap has stopped the rings, or the queue's
    /// gate is closed and `nmd_ring_get` waits for a running sync to leave.
    pub fn nmd_ring_get(
        device: *mut c_void,
        direction: u32,
        queue: u32,
        view: *mut RingView,
    ) -> u32;
    /// Sets `nr_hwcur` and `nr_hwtail` of a ring from `nmd_ring_get`.
    pub fn nmd_ring_put(device: *mut c_void, direction: u32, queue: u32, hwcur: u32, hwtail: u32);
    /// Publishes a name of the device, in a group unless `group` is empty, for a `NUMBER`, `CHOICE` or `TEXT` that
    /// [`Entry`](crate::Entry) knows by `number`. The texts end in a zero byte.
    pub fn nmd_publish(
        device: *mut c_void,
        group: *const c_char,
        name: *const c_char,
        title: *const c_char,
        shape: u32,
        number: u32,
    );
    /// Writes a line to the kernel's log.
    pub fn nmd_log(device: *mut c_void, text: *const c_char, bytes: usize);
    /// Panics the kernel.
    pub fn nmd_panic(text: *const c_char, bytes: usize) -> !;
}
