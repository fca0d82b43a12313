//! Frames that arrive while the device is being stopped for a reset. (One that leaves may be sent again.)

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use netmap_kmod::boundary::*;
use netmap_sim::wire::{Flow, cable};

use crate::kernel::Kernel;
use crate::{Sim, for_each_nic, frame, number_of};

/// Register writes of a reset at which something happens; the first ones stop the device.
const WRITES: u32 = 24;

/// Calls `act` before the register write after the next `writes`.
fn at_write(kernel: &Arc<Kernel>, writes: u32, act: Box<dyn FnOnce() + Send>) {
    let again = Arc::clone(kernel);
    kernel.at_next_write(move || match writes {
        0 => act(),
        _ => at_write(&again, writes - 1, act),
    });
}

/// Gives the device some time to do `what`, which it may not do any more.
fn give_time(what: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_millis(10);
    while !what() && Instant::now() < end {
        thread::yield_now();
    }
}

#[test]
fn a_frame_that_arrives_while_the_device_is_stopped_is_not_lost() {
    let arrived = AtomicU64::new(0);
    for_each_nic(|sim: Sim| {
        let (near, far) = cable(Flow::Lossless, 64);
        sim.nic.device().plug(near);
        let far = Arc::new(Mutex::new(far.socket()));
        let port = sim.up();
        let mut taken = 0;
        for write in 0..WRITES {
            let (nic, far) = (sim.nic.clone(), Arc::clone(&far));
            let arrives = move || {
                let before = nic.device().counts().rx_frames;
                assert!(far.lock().unwrap().send(&frame(write)));
                give_time(|| nic.device().counts().rx_frames > before);
            };
            at_write(&sim.kernel, write, Box::new(arrives));
            assert_eq!(port.up(), 0, "{}: {:?}", sim.name, sim.kernel.log());
            port.wait_for_link();
            let end = Instant::now() + Duration::from_secs(20);
            loop {
                assert_eq!(port.sync(RX, 0), SYNCED, "{}", sim.name);
                while let Some(bytes) = port.receive(0) {
                    number_of(&bytes);
                    taken += 1;
                }
                let received = sim.nic.device().counts().rx_frames;
                if taken == received {
                    break;
                }
                let name = sim.name;
                assert!(
                    Instant::now() < end,
                    "{name}: write {write}: the device received {received} frames, the program {taken}"
                );
                thread::yield_now();
            }
        }
        arrived.fetch_add(taken, SeqCst);
        drop(port);
        sim.has_kept_the_rules();
    });
    assert!(arrived.load(SeqCst) > 0, "no device was still running");
}
