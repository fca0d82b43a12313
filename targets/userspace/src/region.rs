//! The memory shared by clients, drivers and devices: one file, one mapping.
//!
//! ```text
//! 0          2 MiB                                   15/16                bytes
//! | unused    | descriptor rings, buffers             | client rings       |
//! | <----------------- words(): what a device may access ----> |           |
//! ```
//!
//! * The file is in `/dev/shm`, so that another process can map the same bytes (QEMU uses it as guest memory). It is
//!   removed with the [`Region`].
//! * The first 2 MiB are unused, because a PC has its BIOS, video memory and holes there.
//! * For a device, byte `n` of the file is at its DMA base plus `n`.
//! * Client rings are after the memory that a device may access. They consist of 32-bit words, accessed atomically by
//!   threads of this process; memory shared with devices is accessed only as 64-bit words. The two never overlap,
//!   because a byte must not be accessed by atomics of two sizes.

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use memmap2::{MmapOptions, MmapRaw};
use netmap_core::{Dma, DmaAddr, DmaError};
use tempfile::{Builder, TempPath};

use crate::arena::Arena;
use crate::{Error, Result, lock};

/// Unused bytes at the start of the file.
const UNUSED: usize = 2 << 20;
/// Bytes of the smallest region.
const LEAST: usize = UNUSED + (1 << 19);
/// Blocks start and end at multiples of this, so that no two share a cache line.
const LINE: usize = 64;
const PAGE: usize = 4096;

/// A file of shared memory, mapped during the value's lifetime and removed when it is dropped.
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
    path: TempPath,
    /// The start of client rings, and the end of the memory that a device may access.
    split: usize,
    device: Mutex<Arena>,
    rings: Mutex<Arena>,
}

impl Region {
    /// Creates a region of `bytes` bytes, rounded up to whole pages.
    ///
    /// # Errors
    /// Neither `/dev/shm` nor the temporary directory has that much memory, or `bytes` is less than 2.5 MiB.
    pub fn create(bytes: usize) -> Result<Arc<Region>> {
        let too_small = Error::RegionTooSmall {
            bytes,
            least: LEAST,
        };
        if bytes < LEAST {
            return Err(too_small);
        }
        let bytes = bytes.checked_next_multiple_of(PAGE).ok_or(too_small)?;
        let shm = Path::new("/dev/shm");
        let (map, path) =
            map_new_file(shm, bytes).or_else(|_| map_new_file(&env::temp_dir(), bytes))?;
        let split = (bytes - bytes / 16).next_multiple_of(PAGE);
        Ok(Arc::new(Region {
            map,
            path,
            split,
            device: Mutex::new(Arena::new(UNUSED, split)),
            rings: Mutex::new(Arena::new(split, bytes)),
        }))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> usize {
        self.map.len()
    }

    /// The memory that a device may access: the file from its first byte to the client rings.
    pub fn words(&self) -> &[AtomicU64] {
        // SAFETY: the mapping is readable and writable, page-aligned, has `map.len() >= split` bytes and lives as long
        // as `self`, which the slice borrows. There are no other references to these bytes. Other processes access them
        // too, so every access is atomic with 64 bits. All blocks of the file are allocated (`map_new_file`), and no
        // process that knows its name shortens it.
        unsafe { slice::from_raw_parts(self.map.as_mut_ptr().cast(), self.split / 8) }
    }

    /// Allocates zeroed memory that a device may access, aligned to `align` bytes (a power of two) from the start of
    /// the file.
    ///
    /// `None` if there is not enough left. A [`Block`] belongs to its owner only by convention, because every holder of
    /// the region has its [`words`](Self::words).
    pub fn allocate(self: &Arc<Self>, bytes: usize, align: usize) -> Option<Block> {
        let block = Block(self.take(&self.device, bytes, align)?);
        for word in block.words() {
            word.store(0, Relaxed);
        }
        Some(block)
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

/// Creates a file of `bytes` bytes in `directory` with all its blocks allocated, so that no access fails on a full
/// disk.
fn map_new_file(directory: &Path, bytes: usize) -> Result<(MmapRaw, TempPath)> {
    let map = || {
        let (file, path) = Builder::new()
            .prefix("netmap-")
            .tempfile_in(directory)?
            .into_parts();
        reserve(&file, bytes)?;
        Ok((MmapOptions::new().len(bytes).map_raw(&file)?, path))
    };
    map().map_err(|source| Error::Region {
        directory: PathBuf::from(directory),
        bytes,
        source,
    })
}

fn reserve(file: &File, bytes: usize) -> std::io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    match fallocate(file, FallocateFlags::empty(), 0, bytes as u64) {
        Ok(()) => Ok(()),
        // Not every file system supports this; those without are not tmpfs and allocate blocks on writes.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => file.set_len(bytes as u64),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_exists_during_the_regions_lifetime() {
        let region = Region::create(LEAST + 1).unwrap();
        let path = region.path().to_owned();
        assert_eq!(region.bytes(), LEAST + PAGE);
        assert_eq!(path.metadata().unwrap().len(), region.bytes() as u64);
        drop(region);
        assert!(!path.exists());
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
    fn a_region_that_is_too_small_is_refused() {
        assert!(matches!(
            Region::create(0),
            Err(Error::RegionTooSmall { .. })
        ));
        assert!(Region::create(usize::MAX).is_err());
    }
}
