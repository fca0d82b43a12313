//! The order of accesses to memory and registers. `Port::sync` checks that of each sync in all tests.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use netmap_kmod::boundary::*;

use crate::kernel::{Event, record};
use crate::port::attach;
use crate::{Sim, exchange, for_each_nic};

/// Each direction of each sync is used, so that the check in `Port::sync` has something to check.
#[test]
fn a_sync_orders_its_ring_before_a_doorbell_and_after_a_received_frame() {
    for_each_nic(|sim: Sim| {
        let port = sim.up();
        let (events, ()) = record(|| port.kernel.sleep(std::time::Duration::ZERO));
        assert_eq!(events, [], "nothing else is recorded");
        exchange(&port, sim.queues, 100, |_| ());
        drop(port);
        sim.has_kept_the_rules();
    });
}

/// On NICs that write their counters to memory.
#[test]
fn counters_in_memory_are_read_after_that_memory_is_ordered() {
    let with_memory = AtomicU32::new(0);
    for_each_nic(|sim: Sim| {
        let port = attach(&sim.kernel, sim.name, sim.pci, 1, 1514).unwrap();
        assert_eq!(port.up(), 0);
        let handles = port.kernel.dma();
        // After the rings.
        if let [_, _, block] = handles[..] {
            with_memory.fetch_add(1, SeqCst);
            let (events, _) = record(|| port.counters());
            let expected = Event::Sync {
                handle: block,
                how: FROM_DEVICE,
            };
            let syncs = events.iter().filter(|event| **event != Event::Write);
            assert!(syncs.clone().count() > 0, "{}", sim.name);
            assert!(
                syncs.clone().all(|event| *event == expected),
                "{}: {events:x?} of {handles:x?}",
                sim.name
            );
        }
        drop(port);
        sim.has_kept_the_rules();
    });
    assert!(with_memory.load(SeqCst) > 0);
}
