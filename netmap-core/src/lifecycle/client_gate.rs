//! A gate that records a paused sync, so that control can sync for a client that does not sync again.
//!
//! The test `orderings` compiles this file with atomics whose interleavings it enumerates.

use crate::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use crate::atomic::{AtomicU8, SPINS, fence, spin_loop};
use crate::{Closed, Entered, Gate};

/// A value that one sync or one controller at a time can access, and the result of the client's last sync.
pub(crate) struct ClientGate<T> {
    gate: Gate<T>,
    /// [`SERVED`], [`PAUSED`] or [`SYNCED_FOR`].
    client: AtomicU8,
}

/// The client's last sync was executed.
const SERVED: u8 = 0;
/// It was paused, and released slots wait in the ring.
const PAUSED: u8 = 1;
/// It was paused, and control has since handed over the released slots. The client has not synced again.
const SYNCED_FOR: u8 = 2;

impl<T> ClientGate<T> {
    /// An open gate for `inside`.
    pub(crate) fn new(inside: T) -> ClientGate<T> {
        ClientGate {
            gate: Gate::new(inside),
            client: AtomicU8::new(SERVED),
        }
    }

    /// The client's sync: calls `work`, unless the gate stays closed or busy. `None`, also from `work`, is a pause;
    /// `on_pause` is called before it is recorded.
    ///
    /// # Errors
    /// The error of `work`.
    #[inline(always)]
    pub(crate) fn sync<R, E>(
        &self,
        on_pause: impl Fn(),
        work: impl FnOnce(&mut T) -> Result<Option<R>, E>,
    ) -> Result<Option<R>, E> {
        let entered = self.gate.enter();
        let Some(mut inside) = entered.or_else(|| self.enter_again(&on_pause)) else {
            return Ok(None);
        };
        let synced = work(&mut inside);
        // Stored before leaving the gate: control closes the gate before it resumes the ring, so it reads this value.
        let ended = if matches!(synced, Ok(None)) {
            on_pause();
            PAUSED
        } else {
            SERVED
        };
        if ended != self.client.load(Relaxed) {
            self.client.store(ended, Relaxed);
        }
        synced
    }

    /// Tries again to enter a busy or closed gate. Control checks for paused clients after it opens the gate. The
    /// fences order the two accesses on each side, so either control reads the pause or this call finds the gate open.
    #[cold]
    fn enter_again(&self, on_pause: &impl Fn()) -> Option<Entered<'_, T>> {
        on_pause();
        // Control, when it reads the pause, also reads the client's earlier writes. A swap, unlike a store, is ordered
        // after control's exchange of an earlier pause.
        self.client.swap(PAUSED, Release);
        fence(SeqCst);
        for _ in 0..SPINS {
            let entered = self.gate.enter();
            if entered.is_some() || self.gate.is_closed() {
                return entered;
            }
            spin_loop();
        }
        None
    }

    /// Whether the client's last sync was paused, even if control has synced for it since.
    pub(crate) fn is_client_paused(&self) -> bool {
        self.client.load(Relaxed) != SERVED
    }

    /// Enters as a sync does, for another purpose; `None` while control or a sync is inside.
    pub(crate) fn enter(&self) -> Option<Entered<'_, T>> {
        self.gate.enter()
    }

    /// Excludes syncs; calls `relax` while one is still running.
    pub(crate) fn close(&self, relax: impl FnMut()) -> Closed<'_, T> {
        self.gate.close_in_turn(relax)
    }

    /// Calls `serve` in place of a paused client; it returns whether it could sync. Call this with the gate open.
    pub(crate) fn serve(&self, mut relax: impl FnMut(), mut serve: impl FnMut(&mut T) -> bool) {
        loop {
            fence(SeqCst);
            if self.client.load(Relaxed) != PAUSED {
                return;
            }
            let mut inside = self.close(&mut relax);
            let taken = self
                .client
                .compare_exchange(PAUSED, SYNCED_FOR, Acquire, Relaxed);
            // If not, the client has synced before the gate was closed. It may have been paused again since, by this
            // gate.
            if taken.is_ok() && !serve(&mut inside) {
                self.client.store(PAUSED, Relaxed);
                return;
            }
        }
    }
}
