//! Arrays at a chosen offset in their page.
//!
//! A processor can treat a load as one that depends on an earlier store at the same page offset. So the measured
//! code and the roofline need the same page offsets in every run.

use std::ops::{Deref, DerefMut};

/// Bytes of a page.
pub const PAGE: usize = 4096;

/// Bytes from the start of a page to the slots of a ring: the size of its header (`struct netmap_ring`).
pub const SLOTS: usize = 256;

/// An array that starts at a given offset in a page.
///
/// It is never freed, so that using it is as cheap as using mapped memory.
pub struct Placed<T: 'static>(&'static mut [T]);

impl<T> Placed<T> {
    /// `count` elements, the first one `offset` bytes into a page; `make` gets the index of each.
    ///
    /// # Panics
    /// The size of an element divides neither `offset` nor a page.
    pub fn new(offset: usize, count: usize, make: impl Fn(usize) -> T) -> Placed<T> {
        let size = size_of::<T>();
        assert!(
            PAGE.is_multiple_of(size) && offset.is_multiple_of(size),
            "elements of {size} bytes cannot start at {offset}"
        );
        let mut memory: Vec<T> = Vec::with_capacity(count + 2 * PAGE / size);
        let first = memory.as_ptr().align_offset(PAGE) + offset / size;
        let elements = first + count;
        memory.extend((0..elements).map(|at| make(at.saturating_sub(first))));
        Placed(&mut memory.leak()[first..])
    }
}

impl<T> Deref for Placed<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        self.0
    }
}

impl<T> DerefMut for Placed<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_lie_where_they_should() {
        for offset in [0, 256, 4080] {
            let placed = Placed::new(offset, 1000, |at| [at as u64; 2]);
            assert_eq!(placed.as_ptr() as usize % PAGE, offset);
            assert!(
                placed
                    .iter()
                    .enumerate()
                    .all(|(at, one)| one[0] == at as u64)
            );
            assert_eq!(placed.len(), 1000);
        }
    }
}
