//! An interrupt handler at work while control starts or stops the device, in many orders of their accesses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use crate::kernel::before_next_access;
use crate::port::Port;
use crate::{Sim, for_each_nic};

/// Of control's accesses before a stop closes the handlers, this many are tried: masking takes fewer.
const LAST: usize = 12;

/// Calls `what` before this thread's access to a register after `others` more.
fn before_access(others: u64, what: Box<dyn FnOnce() + Send>) {
    match others {
        0 => before_next_access(what),
        _ => before_next_access(move || before_access(others - 1, what)),
    }
}

/// Calls the handler before control's access after `before` others. The handler stays before its own access after
/// `others` more until control returns or waits. Returns false if the handler makes no such access.
fn race(port: &Arc<Port>, before: u64, others: u64, control: fn(&Port) -> i32) -> bool {
    let (stayed, over) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let stay = {
        let (kernel, stayed, over) = (
            Arc::clone(&port.kernel),
            Arc::clone(&stayed),
            Arc::clone(&over),
        );
        move || {
            stayed.store(true, SeqCst);
            // Control waits for the handler by sleeping without an access.
            let end = Instant::now() + Duration::from_secs(20);
            let mut seen = (kernel.accesses(), kernel.sleeps());
            while !over.load(SeqCst) && kernel.sleeps() < seen.1 + 3 {
                assert!(Instant::now() < end, "control hangs");
                if kernel.accesses() != seen.0 {
                    seen = (kernel.accesses(), kernel.sleeps());
                }
                thread::yield_now();
            }
        }
    };
    let handler = {
        let (port, stayed) = (Arc::clone(port), Arc::clone(&stayed));
        move || {
            let handler = thread::spawn(move || {
                before_access(others, Box::new(stay));
                port.interrupt(0);
            });
            while !stayed.load(SeqCst) && !handler.is_finished() {
                thread::yield_now();
            }
        }
    };
    before_access(before, Box::new(handler));
    assert_eq!(control(port), 0);
    before_next_access(|| ());
    over.store(true, SeqCst);
    while Arc::strong_count(port) > 1 {
        thread::yield_now();
    }
    stayed.load(SeqCst)
}

/// The causes that the driver handles, as bits of their register.
fn causes(sim: &Sim) -> u64 {
    let interrupts = &sim.model.interrupts;
    let variant = sim.nic.device().variant().name;
    let mut registers = sim.model.registers.iter();
    let cause = registers.find(|each| each.name == interrupts.cause && each.exists_on(variant));
    let handled = [interrupts.tx, interrupts.rx, interrupts.link].concat();
    let fields = cause.expect("a register of causes").fields.iter();
    let fields = fields.filter(|field| handled.contains(&field.name));
    fields.fold(0, |bits, field| {
        bits | ((1 << field.width) - 1) << field.low
    })
}

/// A handler that masks all causes for a moment restores the mask that it has read. Meanwhile control may have masked or
/// unmasked them: a stopped device would interrupt, and a started one never.
#[test]
fn a_handler_leaves_the_mask_as_control_wants_it() {
    for_each_nic(|sim: Sim| {
        let port = Arc::new(sim.attach());
        let device = sim.nic.device();
        let interrupts = || {
            let before = device.interrupts();
            device.raise(causes(&sim));
            device.interrupts() - before
        };
        let accesses = |control: fn(&Port) -> i32| {
            let before = port.kernel.accesses();
            assert_eq!(control(&port), 0, "{}: {:?}", sim.name, sim.kernel.log());
            port.kernel.accesses() - before
        };
        let (of_start, of_stop) = (accesses(Port::up), accesses(Port::down));
        // How many times a handler stayed before one of its accesses, at that access of control.
        let start = |at| {
            let stays = (0..).take_while(|&others| {
                let stayed = race(&port, at, others, Port::up);
                port.acknowledge();
                assert_eq!(interrupts(), 1, "{}: started, {at}, {others}", sim.name);
                accesses(Port::down);
                stayed
            });
            stays.count()
        };
        let stop = |at| {
            let stays = (0..).take_while(|&others| {
                accesses(Port::up);
                let stayed = race(&port, at, others, Port::down);
                assert_eq!(interrupts(), 0, "{}: stopped, {at}, {others}", sim.name);
                stayed
            });
            stays.count()
        };
        // From the last access back to the first at which handlers run, and from the last at which they still do.
        let started = (0..of_start).rev().map(start);
        let started = started.skip_while(|stays| *stays == 0);
        let started = started.take_while(|stays| *stays > 0).count();
        let stopped = (0..of_stop).rev().map(stop);
        let stopped = stopped.filter(|stays| *stays > 0).take(LAST).count();
        assert!(
            started > 0 && stopped > 0,
            "{}: {started}, {stopped}",
            sim.name
        );
        drop(port);
        sim.has_kept_the_rules();
    });
}
