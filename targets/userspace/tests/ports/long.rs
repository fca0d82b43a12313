//! Long runs, for release builds: `cargo test --release -p netmap-userspace -- --ignored long_run`.

use std::thread;

use netmap_nics::NAMES;
use netmap_sim::wire::Loopback;
use netmap_userspace::{Memory, PortConfig};

use crate::bench::{LONG, Slots, stopped};

const FRAMES: u64 = 10_000_000;

/// Ten million frames out and in again, in order, each with its number in it, sender and receiver on two threads.
#[test]
#[ignore = "takes tens of seconds in a release build"]
fn long_run_of_ten_million_frames() {
    for nic in NAMES {
        let memory = Memory::create(2048).unwrap();
        let (mut port, device) = stopped(&memory, nic, Slots::Some, PortConfig::default()).unwrap();
        device.device().plug(Loopback::new());
        port.start().unwrap();
        port.wait_for_link(LONG).unwrap();
        let (mut tx, mut rx) = (port.tx(0).unwrap(), port.rx(0).unwrap());
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut frame = crate::bench::frame(0, 60);
                let mut sent = 0u64;
                while sent < FRAMES {
                    let room = u32::try_from(FRAMES - sent).unwrap_or(u32::MAX);
                    let mut slots = tx.reserve(room);
                    for mut slot in &mut slots {
                        frame[14..22].copy_from_slice(&sent.to_be_bytes());
                        slot.write(&frame).unwrap();
                        sent += 1;
                    }
                    slots.commit();
                    tx.sync().unwrap();
                    assert!(tx.wait(LONG).unwrap());
                }
                assert!(tx.drain(LONG).unwrap());
            });
            let mut bytes = [0; 60];
            let mut received = 0u64;
            while received < FRAMES {
                assert!(rx.wait(LONG).unwrap());
                let mut frames = rx.frames();
                for frame in &mut frames {
                    assert_eq!(frame.read(&mut bytes).unwrap(), 60);
                    assert_eq!(bytes[14..22], received.to_be_bytes(), "{nic}");
                    received += 1;
                }
                frames.release();
            }
        });
        let violations = device.device().violations();
        assert!(violations.is_empty(), "{violations}");
    }
}
