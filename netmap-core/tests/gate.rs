//! The gate between threads of this machine. `orderings` enumerates what these may do.

use std::sync::Arc;
use std::thread;

use netmap_core::Gate;

#[test]
fn syncs_and_control_exclude_each_other() {
    let gate = Arc::new(Gate::new((0u64, 0u64)));
    let sync = thread::spawn({
        let gate = Arc::clone(&gate);
        move || {
            let mut done = 0;
            while done < 100_000 {
                if let Some(mut inside) = gate.enter() {
                    inside.0 += 1;
                    inside.1 += 1;
                    done += 1;
                }
            }
        }
    });
    for _ in 0..1_000 {
        let mut inside = gate.close(thread::yield_now).unwrap();
        assert_eq!(inside.0, inside.1);
        inside.0 += 1;
        thread::yield_now();
        inside.1 += 1;
    }
    sync.join().unwrap();
    let inside = gate.enter().unwrap();
    assert_eq!(*inside, (101_000, 101_000));
}
