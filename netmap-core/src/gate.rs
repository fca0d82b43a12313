//! A gate between syncs and control (netmap's `nr_busy`).
//!
//! A sync enters with one atomic operation and never waits. Control closes the gate and waits until a running sync has
//! left; then it has exclusive access.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::atomic::{AtomicU32, Ordering};

const BUSY: u32 = 1;
const CLOSED: u32 = 2;

/// A value that one sync or one controller at a time can access.
///
/// Threads may share it if they may send the value, which need not be `Sync`:
///
/// ```
/// fn share<T: Sync>() {}
/// share::<netmap_core::Gate<core::cell::Cell<u64>>>();
/// ```
///
/// ```compile_fail,E0277
/// fn share<T: Sync>() {}
/// share::<netmap_core::Gate<*mut u64>>();
/// ```
pub struct Gate<T> {
    state: AtomicU32,
    inside: UnsafeCell<T>,
}

// SAFETY: a reference to `inside` exists only in an `Entered` or a `Closed`. The first exists only between setting BUSY
// on an otherwise clear state and clearing it; the second only after CLOSED was set by the one that found it clear and
// BUSY was then seen clear. So there is one at a time, and sharing the gate moves `T` between threads: `Send` suffices.
unsafe impl<T: Send> Sync for Gate<T> {}

impl<T> Gate<T> {
    /// An open gate for `inside`.
    pub fn new(inside: T) -> Gate<T> {
        Gate {
            state: AtomicU32::new(0),
            inside: UnsafeCell::new(inside),
        }
    }

    /// Enters for one sync; `None` if control has closed the gate or another sync is inside.
    #[inline(always)]
    pub fn enter(&self) -> Option<Entered<'_, T>> {
        match self
            .state
            .compare_exchange(0, BUSY, Ordering::Acquire, Ordering::Relaxed)
        {
            Ok(_) => Some(Entered::new(self)),
            Err(_) => None,
        }
    }

    /// Closes the gate and waits until no sync is inside, calling `relax` in a loop.
    ///
    /// `None` if it is already closed: control has its own lock.
    pub fn close(&self, mut relax: impl FnMut()) -> Option<Closed<'_, T>> {
        if self.state.fetch_or(CLOSED, Ordering::Acquire) & CLOSED != 0 {
            return None;
        }
        while self.state.load(Ordering::Acquire) & BUSY != 0 {
            relax();
        }
        Some(Closed::new(self))
    }

    /// Waits until no other controller holds the gate, then closes it as [`close`](Self::close) does.
    pub fn close_in_turn(&self, mut relax: impl FnMut()) -> Closed<'_, T> {
        loop {
            if let Some(closed) = self.close(&mut relax) {
                return closed;
            }
            relax();
        }
    }

    /// Whether control has closed the gate. Control may open it at any time.
    pub fn is_closed(&self) -> bool {
        self.state.load(Ordering::Relaxed) & CLOSED != 0
    }
}

impl<T> fmt::Debug for Gate<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.load(Ordering::Relaxed);
        f.debug_struct("Gate")
            .field("busy", &(state & BUSY != 0))
            .field("closed", &(state & CLOSED != 0))
            .finish()
    }
}

macro_rules! guard {
    ($($(#[$doc:meta])* $guard:ident clears $bit:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $guard<'a, T> {
            gate: &'a Gate<T>,
            // A guard is as `Send` and `Sync` as the reference that it stands for.
            inside: PhantomData<&'a mut T>,
        }

        impl<'a, T> $guard<'a, T> {
            fn new(gate: &'a Gate<T>) -> Self {
                Self { gate, inside: PhantomData }
            }
        }

        impl<T> Deref for $guard<'_, T> {
            type Target = T;
            #[inline(always)]
            fn deref(&self) -> &T {
                // SAFETY: a guard has `inside` to itself, see `Gate`'s `Sync`.
                unsafe { &*self.gate.inside.get() }
            }
        }

        impl<T> DerefMut for $guard<'_, T> {
            #[inline(always)]
            fn deref_mut(&mut self) -> &mut T {
                // SAFETY: a guard has `inside` to itself, see `Gate`'s `Sync`.
                unsafe { &mut *self.gate.inside.get() }
            }
        }

        impl<T> Drop for $guard<'_, T> {
            #[inline(always)]
            fn drop(&mut self) {
                self.gate.state.fetch_and(!$bit, Ordering::Release);
            }
        }
    )*};
}

guard! {
    /// Access of a sync.
    ///
    /// Threads may share it only if they may share the value:
    ///
    /// ```compile_fail,E0277
    /// fn share<T: Sync>() {}
    /// share::<netmap_core::Entered<core::cell::Cell<u64>>>();
    /// ```
    Entered clears BUSY;
    /// Access of control; dropping it opens the gate.
    ///
    /// ```compile_fail,E0277
    /// fn share<T: Sync>() {}
    /// share::<netmap_core::Closed<core::cell::Cell<u64>>>();
    /// ```
    Closed clears CLOSED;
}
