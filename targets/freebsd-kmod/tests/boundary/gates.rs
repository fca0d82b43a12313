//! Interrupt handlers and control: one keeps the other from the device.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use netmap_kmod::boundary::*;

use crate::kernel::{Kernel, before_next_access};
use crate::messages;
use crate::port::Port;
use crate::{Sim, for_each_nic};

/// Calls `handler`, which stays at the device while `control` runs; `control` has to wait for it. Returns false if the
/// handler accesses no register.
fn control_waits_for(
    port: &Arc<Port>,
    what: &str,
    handler: impl FnOnce(&Port) + Send,
    control: impl FnOnce(&Port) + Send,
) -> bool {
    /// What the two threads know of each other.
    #[derive(Default)]
    struct Progress {
        entered: AtomicBool,
        inside: AtomicBool,
        handled: AtomicBool,
        control_returned: AtomicBool,
    }
    let progress = Arc::new(Progress::default());
    let (here, kernel) = (Arc::clone(&progress), Arc::clone(&port.kernel));
    let stay = move || {
        here.entered.store(true, SeqCst);
        here.inside.store(true, SeqCst);
        let end = Instant::now() + Duration::from_secs(20);
        while !waits_without_access(&kernel) && !here.control_returned.load(SeqCst) {
            assert!(Instant::now() < end, "control does nothing");
        }
        here.inside.store(false, SeqCst);
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            before_next_access(stay);
            handler(port);
            // If the handler accessed no register, it did not stay.
            before_next_access(|| ());
            progress.handled.store(true, SeqCst);
        });
        let end = Instant::now() + Duration::from_secs(20);
        while !progress.inside.load(SeqCst) && !progress.handled.load(SeqCst) {
            assert!(Instant::now() < end, "{what}: the handler does nothing");
            thread::sleep(Duration::from_micros(100));
        }
        if progress.inside.load(SeqCst) {
            control(port);
            let waited = !progress.inside.load(SeqCst);
            progress.control_returned.store(true, SeqCst);
            assert!(waited, "{what}: control did not wait for the handler");
        }
    });
    progress.entered.load(SeqCst)
}

/// Whether control sleeps and accesses no register, as it does only while it waits for a handler or a sync.
fn waits_without_access(kernel: &Kernel) -> bool {
    let before = (kernel.accesses(), kernel.sleeps());
    let end = Instant::now() + Duration::from_millis(200);
    while kernel.sleeps() < before.1 + 3 && Instant::now() < end {
        thread::sleep(Duration::from_micros(100));
    }
    kernel.sleeps() >= before.1 + 3 && kernel.accesses() == before.0
}

/// A handler that control did not wait for would access a device that is being reset.
#[test]
fn control_waits_for_the_handlers_of_all_vectors_and_for_repeated_kicks() {
    let kicks = AtomicU32::new(0);
    for_each_nic(|sim: Sim| {
        for vectors in [false, true] {
            let port = sim.attach();
            if vectors && port.found.vectors == 0 {
                continue;
            }
            let last = match vectors {
                true => messages::give(&port, sim.queues),
                false => 0,
            };
            assert_eq!(port.up(), 0, "{}: {:?}", sim.name, sim.kernel.log());
            let port = Arc::new(port);
            for vector in 0..=last {
                let waits = control_waits_for(
                    &port,
                    &format!("{}, vector {vector} of {last}", sim.name),
                    |port| {
                        port.interrupt(vector);
                    },
                    |port| assert_eq!(port.up(), 0),
                );
                // A vector of queues may need no register.
                assert!(waits || vector < last, "{}: vector {vector}", sim.name);
            }
            let waits = control_waits_for(
                &port,
                &format!("{}, kick", sim.name),
                |port| port.service(CAUSE_TX),
                |port| assert_eq!(port.up(), 0),
            );
            kicks.fetch_add(waits.into(), SeqCst);
            let waits = control_waits_for(
                &port,
                &format!("{}, kick at a stop", sim.name),
                |port| port.service(CAUSE_TX),
                |port| assert_eq!(port.down(), 0),
            );
            kicks.fetch_add(waits.into(), SeqCst);
            drop(port);
            sim.has_kept_the_rules();
        }
    });
    assert!(kicks.load(SeqCst) > 0, "no NIC repeats a kick");
}

#[test]
fn a_handler_of_a_vector_that_the_port_does_not_have_leaves_the_device_alone() {
    for_each_nic(|sim: Sim| {
        for vectors in [false, true] {
            let port = sim.attach();
            if vectors && port.found.vectors == 0 {
                continue;
            }
            let last = match vectors {
                true => messages::give(&port, sim.queues),
                false => 0,
            };
            assert_eq!(port.up(), 0, "{}: {:?}", sim.name, sim.kernel.log());
            let before = port.kernel.accesses();
            for vector in (last + 1..200).chain([u32::MAX]) {
                assert_eq!(port.interrupt(vector), 0, "{}: {vector}", sim.name);
            }
            assert_eq!(port.kernel.accesses(), before, "{}, {last}", sim.name);
            drop(port);
            sim.has_kept_the_rules();
        }
    });
}
