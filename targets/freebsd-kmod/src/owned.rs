//! Memory of the kernel's that a value or several of one type live in.

use core::alloc::Layout;
use core::ffi::c_void;
use core::mem::size_of;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use core::slice;

use crate::boundary::{nmd_alloc, nmd_free};
use crate::bus::Device;
use crate::failure::Failure;

/// Values of one type in memory of the kernel's; dropped and given back together.
pub(crate) struct Owned<T> {
    device: Device,
    first: NonNull<T>,
    count: usize,
    bytes: usize,
}

// SAFETY: it owns its values, so it may go where they may.
unsafe impl<T: Send> Send for Owned<T> {}
// SAFETY: shared, it gives out shared references to its values only.
unsafe impl<T: Sync> Sync for Owned<T> {}

/// Does not compile if `Owned` may be shared or sent where its values may not: `of` would then be ambiguous.
const _: () = {
    struct Yes;
    trait Shared<A> {
        fn of() {}
    }
    impl<T: ?Sized> Shared<()> for T {}
    impl<T: ?Sized + Sync> Shared<Yes> for T {}
    trait Sent<A> {
        fn of() {}
    }
    impl<T: ?Sized> Sent<()> for T {}
    impl<T: ?Sized + Send> Sent<Yes> for T {}
    let _ = <Owned<core::cell::Cell<u8>> as Shared<_>>::of;
    let _ = <Owned<*mut u8> as Sent<_>>::of;
};

impl<T> Owned<T> {
    /// `count` values, each made by `make` from its number. If one fails, all are dropped.
    pub(crate) fn new(
        device: Device,
        count: usize,
        mut make: impl FnMut(u32) -> Result<T, Failure>,
    ) -> Result<Owned<T>, Failure> {
        const { assert!(align_of::<T>() <= 16, "nmd_alloc aligns to 16 bytes") };
        let bytes = Layout::array::<T>(count).map_or(usize::MAX, |layout| layout.size().max(16));
        let no_memory = Failure::Memory { bytes };
        if bytes == usize::MAX {
            return Err(no_memory);
        }
        // SAFETY: the device is the one that the kernel's half gave, and any number of bytes may be asked for.
        let memory = unsafe { nmd_alloc(device.handle(), bytes) };
        let first = NonNull::new(memory.cast::<T>()).ok_or(no_memory)?;
        let mut owned = Owned {
            device,
            first,
            count: 0,
            bytes,
        };
        for number in 0..count {
            let value = make(number as u32)?;
            // SAFETY: the memory has room for `count` values, is aligned for them and nobody else's; this is the next one.
            unsafe { owned.first.add(number).write(value) };
            owned.count += 1;
        }
        Ok(owned)
    }

    /// Gives the first value away as the pointer that [`from_raw`](Owned::from_raw) takes back. There is exactly one.
    pub(crate) fn into_raw(self) -> *mut c_void {
        let first = self.first.as_ptr().cast();
        core::mem::forget(self);
        first
    }

    /// Takes a single value back.
    ///
    /// # Safety
    /// `raw` came from [`into_raw`](Owned::into_raw) of the same type on that device, and nobody uses it any more.
    pub(crate) unsafe fn from_raw(device: Device, raw: NonNull<T>) -> Owned<T> {
        Owned {
            device,
            first: raw,
            count: 1,
            bytes: size_of::<T>().max(16),
        }
    }
}

impl<T> Deref for Owned<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: the first `count` values were written, and live as long as `self`.
        unsafe { slice::from_raw_parts(self.first.as_ptr(), self.count) }
    }
}

impl<T> DerefMut for Owned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: the first `count` values were written, live as long as `self`, and `self` has them to itself.
        unsafe { slice::from_raw_parts_mut(self.first.as_ptr(), self.count) }
    }
}

impl<T> AsRef<[T]> for Owned<T> {
    fn as_ref(&self) -> &[T] {
        self
    }
}

impl<T> AsMut<[T]> for Owned<T> {
    fn as_mut(&mut self) -> &mut [T] {
        self
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        for number in 0..self.count {
            // SAFETY: the value was written and is dropped once.
            unsafe { self.first.add(number).drop_in_place() };
        }
        // SAFETY: `nmd_alloc` gave this memory for that many bytes, and no value is left in it.
        unsafe { nmd_free(self.device.handle(), self.first.as_ptr().cast(), self.bytes) };
    }
}
