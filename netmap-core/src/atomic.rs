//! Atomics of the gates. The test `orderings` compiles the gates with a model checker's atomics in place of these.

pub(crate) use core::hint::spin_loop;
pub(crate) use core::sync::atomic::{AtomicU8, AtomicU32, Ordering, fence};

/// How often a sync retries to enter while another thread reads counters.
pub(crate) const SPINS: u32 = 64;
