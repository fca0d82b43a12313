//! The memory shared by clients, drivers and devices: one file without a name, one mapping.
//!
//! ```text
//! 0          2 MiB                                   15/16                bytes
//! | unused    | descriptor rings, buffers             | client rings       |
//! | <----------------- words(): what a device may access ----> |           |
//! ```
//!
//! * The file has a descriptor and no name (`memfd_create(2)`), so nothing is left of it after its last process, however
//!   that ends. Another process that has the descriptor can map the same bytes (QEMU uses it as guest memory).
//! * Its size is sealed: no process can change it, so no access fails.
//! * The first 2 MiB are unused, because a PC has its BIOS, video memory and holes there.
//! * For a device, byte `n` of the file is at its DMA base plus `n`.
//! * Client rings are after the memory that a device may access. They consist of 32-bit words, accessed atomically by
//!   threads of this process; memory shared with devices is accessed only as 64-bit words. The two never overlap,
//!   because a byte must not be accessed by atomics of two sizes.

use std::fs::{self, File};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::path::PathBuf;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::{io, process};

use memmap2::{MmapOptions, MmapRaw};
use netmap_core::{Dma, DmaAddr, DmaError};
use rustix::fs::{FallocateFlags, MemfdFlags, SealFlags, fallocate, fcntl_add_seals, memfd_create};
use rustix::io::retry_on_intr;
use rustix::process::{Resource, getrlimit};

use crate::arena::Arena;
use crate::{Error, Result, lock};

/// Unused bytes at the start of the file.
const UNUSED: usize = 2 << 20;
/// Bytes of the smallest region.
const LEAST: usize = UNUSED + (1 << 19);
/// Blocks start and end at multiples of this, so that no two share a cache line.
const LINE: usize = 64;
const PAGE: usize = 4096;

/// Shared memory: a file without a name, mapped during the value's lifetime.
///
/// ```
/// use netmap_userspace::Region;
/// use std::sync::atomic::Ordering::Relaxed;
///
/// let region = Region::create(16 << 20)?;
/// let block = region.allocate(4096, 4096).expect("a fresh region has room");
/// block.words()[0].store(1, Relaxed);
/// assert_eq!(region.words()[block.offset() / 8].load(Relaxed), 1);
/// # Ok::<(), netmap_userspace::Error>(())
/// ```
#[derive(Debug)]
pub struct Region {
    map: MmapRaw,
    file: File,
    /// The start of client rings, and the end of the memory that a device may access.
    split: usize,
    device: Mutex<Arena>,
    rings: Mutex<Arena>,
}

impl Region {
    /// Creates a region of `bytes` bytes of zeros, rounded up to whole pages.
    ///
    /// # Errors
    /// `bytes` is less than 2.5 MiB, the system has less memory available, or the process may not have a file of that
    /// size. No memory is used in that case.
    pub fn create(bytes: usize) -> Result<Arc<Region>> {
        if bytes < LEAST {
            return Err(Error::RegionTooSmall {
                bytes,
                least: LEAST,
            });
        }
        let available = available();
        let bytes = bytes
            .checked_next_multiple_of(PAGE)
            .filter(|&bytes| bytes <= available)
            .ok_or(Error::RegionTooLarge { bytes, available })?;
        // The system would end the process with a signal.
        let limit = getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX);
        if bytes as u64 > limit {
            return Err(Error::RegionOverFileLimit { bytes, limit });
        }
        let (file, map) = sealed_file(bytes).map_err(|source| Error::Region { bytes, source })?;
        let split = (bytes - bytes / 16).next_multiple_of(PAGE);
        Ok(Arc::new(Region {
            map,
            file,
            split,
            device: Mutex::new(Arena::new(UNUSED, split)),
            rings: Mutex::new(Arena::new(split, bytes)),
        }))
    }

    /// A path at which other processes of the same user can open the file while this region exists.
    pub(crate) fn path(&self) -> PathBuf {
        path_of(&self.file)
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> usize {
        self.map.len()
    }

    /// The memory that a device may access: the file from its first byte to the client rings.
    pub fn words(&self) -> &[AtomicU64] {
        // SAFETY: the mapping is readable and writable, page-aligned, has `map.len() >= split` bytes and lives as long
        // as `self`, which the slice borrows. There are no other references to these bytes. Other processes access them
        // too, so every access is atomic with 64 bits. The file keeps its size (`sealed_file`), so all of them exist.
        unsafe { slice::from_raw_parts(self.map.as_mut_ptr().cast(), self.split / 8) }
    }

    /// Allocates zeroed memory that a device may access, aligned to `align` bytes (a power of two) from the start of
    /// the file.
    ///
    /// `None` if there is not enough left. A [`Block`] belongs to its owner only by convention, because every holder of
    /// the region has its [`words`](Self::words).
    pub fn allocate(self: &Arc<Self>, bytes: usize, align: usize) -> Option<Block> {
        let block = self.allocate_as_it_is(bytes, align)?;
        for word in block.words() {
            word.store(0, Relaxed);
        }
        Some(block)
    }

    /// The same with the contents that a previous owner left there: clearing gigabytes of buffers takes seconds.
    pub(crate) fn allocate_as_it_is(self: &Arc<Self>, bytes: usize, align: usize) -> Option<Block> {
        self.take(&self.device, bytes, align).map(Block)
    }

    /// Allocates memory among the client rings; its contents are undefined.
    pub(crate) fn allocate_ring(self: &Arc<Self>, bytes: usize, align: usize) -> Option<Extent> {
        self.take(&self.rings, bytes, align)
    }

    fn take(self: &Arc<Self>, arena: &Mutex<Arena>, bytes: usize, align: usize) -> Option<Extent> {
        let bytes = bytes.checked_next_multiple_of(LINE)?;
        Some(Extent {
            offset: lock(arena).take(bytes, align.max(LINE))?,
            bytes,
            region: Arc::clone(self),
        })
    }
}

/// The file, for another process that maps it.
impl AsFd for Region {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// A part of a region that a device may access; freed when dropped.
#[derive(Debug)]
pub struct Block(Extent);

impl Block {
    /// Bytes from the start of the file.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// Bytes of the block: at least as many as requested.
    pub fn bytes(&self) -> usize {
        self.0.bytes
    }

    /// The block's memory.
    pub fn words(&self) -> &[AtomicU64] {
        &self.0.region.words()[self.offset() / 8..(self.offset() + self.bytes()) / 8]
    }
}

/// A part of a region; freed when dropped.
#[derive(Debug)]
pub(crate) struct Extent {
    region: Arc<Region>,
    offset: usize,
    bytes: usize,
}

impl Extent {
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// The block's first byte: valid for reads and writes of the requested bytes during the lifetime of `self`. Only
    /// other processes may access it concurrently, if it is among the client rings.
    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.region.map.as_mut_ptr().wrapping_add(self.offset)
    }
}

impl Drop for Extent {
    fn drop(&mut self) {
        let arena = match self.offset < self.region.split {
            true => &self.region.device,
            false => &self.region.rings,
        };
        lock(arena).give(self.offset, self.bytes);
    }
}

/// A block with its address for a device: the DMA memory of all buses here.
#[derive(Debug)]
pub struct RegionDma {
    block: Block,
    address: DmaAddr,
}

impl RegionDma {
    /// Allocates memory for a device that has the first byte of `region` at `base`, for
    /// [`netmap_core::Bus::dma_alloc`].
    ///
    /// # Errors
    /// There is not enough memory left below `1 << address_bits`.
    pub fn allocate(
        region: &Arc<Region>,
        base: DmaAddr,
        bytes: usize,
        align: usize,
        address_bits: u32,
    ) -> Result<RegionDma, DmaError> {
        let error = DmaError { bytes, align };
        // Offsets are aligned, so addresses are if the base is.
        if !align.is_power_of_two() || base.0 & (align as u64 - 1) != 0 {
            return Err(error);
        }
        let block = region.allocate(bytes, align).ok_or(error)?;
        let address = base.0.checked_add(block.offset() as u64).ok_or(error)?;
        let last = address.checked_add(block.bytes() as u64 - 1).ok_or(error)?;
        if address_bits < u64::BITS && last >> address_bits != 0 {
            return Err(error);
        }
        Ok(RegionDma {
            block,
            address: DmaAddr(address),
        })
    }
}

impl Dma for RegionDma {
    fn words(&self) -> &[AtomicU64] {
        self.block.words()
    }

    fn address(&self) -> DmaAddr {
        self.address
    }
}

/// A file without a name of `bytes` bytes, and its mapping. Its memory exists from the start and its size never changes.
fn sealed_file(bytes: usize) -> io::Result<(File, MmapRaw)> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = File::from(memfd_create("netmap", flags)?);
    retry_on_intr(|| fallocate(&file, FallocateFlags::empty(), 0, bytes as u64))?;
    fcntl_add_seals(&file, SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    let map = MmapOptions::new().len(bytes).map_raw(&file)?;
    Ok((file, map))
}

/// A path at which other processes of the same user can open `file` while it is open here.
pub(crate) fn path_of(file: &File) -> PathBuf {
    format!("/proc/{}/fd/{}", process::id(), file.as_raw_fd()).into()
}

/// Bytes that the system can still give to programs (`proc_meminfo(5)`). A file without a name has no other limit: the
/// kernel would kill programs until it fits.
fn available() -> usize {
    let known = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let of = |name: &str| {
        let mut lines = known.lines().filter_map(|line| line.strip_prefix(name));
        let kibibytes = lines.next()?.trim().strip_suffix("kB")?.trim();
        kibibytes.parse::<usize>().ok()?.checked_mul(1024)
    };
    let swap = of("SwapFree:").unwrap_or(0);
    of("MemAvailable:").map_or(usize::MAX, |memory| memory.saturating_add(swap))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_no_name_and_keeps_its_size() {
        let region = Region::create(LEAST + 1).unwrap();
        assert_eq!(region.bytes(), LEAST + PAGE);
        let file = File::options().write(true).open(region.path()).unwrap();
        assert_eq!(file.metadata().unwrap().len(), region.bytes() as u64);
        let target = fs::read_link(region.path()).unwrap();
        assert_eq!(target.to_str(), Some("/memfd:netmap (deleted)"));
        for size in [0, 4 * LEAST as u64] {
            let error = file.set_len(size).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        }
    }

    #[test]
    fn a_block_keeps_its_region_and_frees_its_bytes() {
        let region = Region::create(LEAST).unwrap();
        let all = region.split - UNUSED;
        let block = region.allocate(all, 4096).unwrap();
        assert_eq!((block.offset(), block.bytes()), (UNUSED, all));
        assert!(region.allocate(1, 1).is_none());
        block.words()[0].store(7, Relaxed);
        drop(block);
        let again = region.allocate(8, 1).unwrap();
        drop(region);
        assert_eq!(again.words()[0].load(Relaxed), 0);
        assert_eq!(again.words().len(), LINE / 8);
    }

    #[test]
    fn dma_memory_stays_below_the_address_limit() {
        let region = Region::create(LEAST).unwrap();
        let at = |base, bits| RegionDma::allocate(&region, DmaAddr(base), 4096, 256, bits);
        assert_eq!(
            at(1 << 32, 64).unwrap().address(),
            DmaAddr((1 << 32) + UNUSED as u64)
        );
        assert!(at(1 << 32, 32).is_err());
        assert!(at(0, 32).is_ok());
        assert!(at(8, 64).is_err());
        assert!(at(u64::MAX - 255, 64).is_err());
    }

    #[test]
    fn a_region_that_is_too_small_or_too_large_is_refused() {
        for bytes in [0, LEAST - 1] {
            let refused = Region::create(bytes);
            assert!(matches!(refused, Err(Error::RegionTooSmall { .. })));
        }
        for bytes in [usize::MAX, usize::MAX - PAGE, 1 << 60] {
            let refused = Region::create(bytes);
            assert!(matches!(refused, Err(Error::RegionTooLarge { .. })));
        }
    }
}
