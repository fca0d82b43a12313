//! Buffer pools: from a buffer index to a device's address.

use crate::{BufIdx, DmaAddr};

/// A pool of buffers of one size.
///
/// `dma` is called for every slot of every sync, so it must not panic and should be inlined. The trait requires `Copy`
/// so that a loop keeps the pool in registers: through a reference, each store to a descriptor would make the compiler
/// load it again.
pub trait Pool: Copy {
    /// The device's address of a buffer; `None` for buffers 0 and 1 and past the end of the pool, which never belong to
    /// a client.
    fn dma(&self, buffer: BufIdx) -> Option<DmaAddr>;

    /// Bytes of one buffer.
    fn buffer_size(&self) -> u32;
}

/// Consecutive buffers from one base address: a pool that is contiguous for the device.
///
/// The buffer size is part of the type: `1 << SHIFT` bytes, by default netmap's usual 2048. A shift by a variable or a
/// multiplication would be the slowest instruction of txsync's loop.
#[derive(Debug, Clone, Copy)]
pub struct LinearPool<const SHIFT: u32 = 11> {
    base: u64,
    clients: u32,
}

impl<const SHIFT: u32> LinearPool<SHIFT> {
    /// A pool of `count` buffers of `1 << SHIFT` bytes, at most 64 KiB; buffer 0 is at `base`.
    ///
    /// `None` if the pool's end exceeds 64-bit addresses.
    pub const fn new(base: DmaAddr, count: u32) -> Option<Self> {
        const { assert!(SHIFT <= 16, "the length of a frame has 16 bits") };
        match base.0.checked_add((count as u64) << SHIFT) {
            Some(_) => Some(LinearPool {
                base: base.0,
                clients: count.saturating_sub(2),
            }),
            None => None,
        }
    }
}

impl<const SHIFT: u32> Pool for LinearPool<SHIFT> {
    #[inline(always)]
    fn dma(&self, buffer: BufIdx) -> Option<DmaAddr> {
        // One comparison for both ends: indexes 0 and 1 wrap to the far end.
        if buffer.0.wrapping_sub(2) < self.clients {
            // `new` has checked that nothing wraps.
            Some(DmaAddr(
                self.base.wrapping_add(u64::from(buffer.0) << SHIFT),
            ))
        } else {
            None
        }
    }

    #[inline(always)]
    fn buffer_size(&self) -> u32 {
        1 << SHIFT
    }
}

/// One entry of netmap's buffer table (`struct lut_entry` of a 64-bit FreeBSD kernel): the buffer's kernel address and
/// its bus address.
pub type PoolEntry = [u64; 2];

/// Buffers at the addresses of a table, as in in-kernel netmap (`struct netmap_lut`).
#[derive(Debug, Clone, Copy)]
pub struct TablePool<'a> {
    /// Entries from buffer 2 on.
    clients: &'a [PoolEntry],
    buffer_size: u32,
}

impl<'a> TablePool<'a> {
    /// A pool with one entry for each buffer, including buffers 0 and 1, of `buffer_size` bytes each.
    pub const fn new(entries: &'a [PoolEntry], buffer_size: u32) -> TablePool<'a> {
        let clients = match entries.split_first_chunk::<2>() {
            Some((_, clients)) => clients,
            None => &[],
        };
        TablePool {
            clients,
            buffer_size,
        }
    }
}

impl Pool for TablePool<'_> {
    #[inline(always)]
    fn dma(&self, buffer: BufIdx) -> Option<DmaAddr> {
        // One comparison for both ends: indexes 0 and 1 wrap to the far end.
        let entry = self.clients.get(buffer.0.wrapping_sub(2) as usize);
        entry.map(|&[_, address]| DmaAddr(address))
    }

    #[inline(always)]
    fn buffer_size(&self) -> u32 {
        self.buffer_size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_pool_has_addresses_only_for_buffers_of_clients() {
        let pool = LinearPool::<11>::new(DmaAddr(0x1000), 4).unwrap();
        assert_eq!(pool.dma(BufIdx(2)), Some(DmaAddr(0x2000)));
        assert_eq!(pool.dma(BufIdx(3)), Some(DmaAddr(0x2800)));
        for outside in [0, 1, 4, 5, u32::MAX] {
            assert_eq!(pool.dma(BufIdx(outside)), None);
        }
        assert!(LinearPool::<11>::new(DmaAddr(u64::MAX - 10), 4).is_none());
    }

    #[test]
    fn a_table_pool_has_addresses_only_for_buffers_of_clients() {
        let entries: [PoolEntry; 4] = core::array::from_fn(|i| [7, 0x100 * i as u64]);
        let pool = TablePool::new(&entries, 2048);
        assert_eq!(pool.dma(BufIdx(3)), Some(DmaAddr(0x300)));
        for outside in [0, 1, 4, u32::MAX] {
            assert_eq!(pool.dma(BufIdx(outside)), None);
        }
    }

    #[test]
    fn a_table_without_entries_for_clients_has_no_addresses() {
        let entries: [PoolEntry; 2] = [[7, 0x100]; 2];
        for pool in (0..=2).map(|len| TablePool::new(&entries[..len], 2048)) {
            for index in [0, 1, 2, 3, u32::MAX] {
                assert_eq!(pool.dma(BufIdx(index)), None);
            }
        }
    }
}
