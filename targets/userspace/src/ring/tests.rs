//! Waits on rings, without a device.

use std::sync::atomic::AtomicU64;

use netmap_core::Direction;
use netmap_core::abi::NS_MOREFRAG;

use super::*;
use crate::Memory;

const LONG: Duration = Duration::from_secs(20);

/// A queue whose ring has a slot for the client after some syncs. No wait ends by itself.
struct Slow {
    ring: Ring,
    /// Syncs until then.
    syncs: AtomicU64,
    interrupts: AtomicU64,
    /// Whether the device interrupts during each sync; otherwise a wait ends because it was long.
    interrupts_each: bool,
}

impl RingQueue for Slow {
    type Counters = ();

    fn sync(&self) -> Result<Progress, SyncError> {
        if self.syncs.fetch_sub(1, Relaxed) == 1 {
            self.ring.header().tail.store(1, Relaxed);
        }
        let interrupts = u64::from(self.interrupts_each);
        self.interrupts.fetch_add(interrupts, Relaxed);
        Ok(Progress::Synced {
            handed: 0,
            returned: 0,
        })
    }

    fn counters(&self) {}

    fn interrupts(&self) -> u64 {
        self.interrupts.load(Relaxed)
    }

    fn wait_interrupt(&self, seen: u64, timeout: Duration) -> Woken {
        assert!(timeout > LONG / 2);
        match self.interrupts() == seen {
            true => Woken::Late,
            false => Woken::Reported,
        }
    }
}

/// How a wait on such a ring ended.
fn wait(syncs: u64, interrupts_each: bool) -> Wakes {
    let memory = Memory::create(32).unwrap();
    let ring = memory.ring(8, 0, Direction::Rx).unwrap();
    let queue = Slow {
        ring: ring.clone(),
        syncs: AtomicU64::new(syncs),
        interrupts: AtomicU64::new(7),
        interrupts_each,
    };
    let mut ring = QueueRing::new(ring, Arc::new(queue));
    assert_eq!(ring.wait_until(LONG, |ring| ring.owned() > 0), Ok(true));
    ring.wakes()
}

/// An interrupt after a sync has looked at the ring, and before the wait, would be lost.
#[test]
fn an_interrupt_during_a_sync_ends_the_next_wait() {
    let wakes = |reported, late| Wakes { reported, late };
    assert_eq!(wait(1, true), wakes(0, 0), "nobody waited");
    assert_eq!(wait(2, true), wakes(1, 0));
    assert_eq!(wait(9, true), wakes(1, 0));
}

#[test]
fn a_wait_that_found_its_end_by_chance_is_counted_as_late() {
    let wakes = |reported, late| Wakes { reported, late };
    assert_eq!(wait(1, false), wakes(0, 0), "nobody waited");
    assert_eq!(wait(2, false), wakes(0, 1));
    assert_eq!(wait(9, false), wakes(0, 1));
}

/// Programs and adapters for other netmaps depend on that flag.
#[test]
fn slots_whose_buffers_were_exchanged_say_so() {
    let memory = Memory::create(64).unwrap();
    let ring = |direction| memory.ring(8, 0, direction).unwrap();
    let rings = [ring(Direction::Rx), ring(Direction::Tx)];
    let [one, other] = [&rings[0].slots()[1], &rings[1].slots()[2]];
    let before = [one.buffer(), other.buffer()];
    one.set_len_flags(60, NS_MOREFRAG);
    swap((&rings[0], one), (&rings[1], other)).unwrap();
    assert_eq!([other.buffer(), one.buffer()], before);
    assert_eq!(one.len_flags(), (60, NS_MOREFRAG | NS_BUF_CHANGED));
    assert_eq!(other.len_flags(), (0, NS_BUF_CHANGED));

    // Each buffer now belongs to its new ring.
    let free = memory.free_buffers();
    let [one, other] = rings;
    drop(one);
    assert_eq!(memory.free_buffers(), free + 8);
    drop(other);
    assert_eq!(memory.free_buffers(), free + 16);
}

/// Whatever a client in another process writes there.
#[test]
fn positions_out_of_range_leave_nothing_to_own() {
    assert_eq!(
        [(2, 5), (5, 2), (3, 3)].map(|(head, tail)| owned(8, head, tail)),
        [3, 5, 0]
    );
    for (head, tail) in [(8, 0), (0, 8), (9, 7), (7, 9), (u32::MAX, 0), (0, u32::MAX)] {
        assert_eq!(owned(8, head, tail), 0, "{head}, {tail}");
    }
}
