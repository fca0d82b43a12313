//! Atomics of gates, slots and descriptors. The test `orderings` compiles gates and queues with a model checker's atomics
//! in place of these.

pub(crate) use core::hint::spin_loop;
pub(crate) use core::sync::atomic::{
    AtomicI64, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering, fence,
};

/// How often a sync retries to enter while another thread reads counters.
pub(crate) const SPINS: u32 = 64;
