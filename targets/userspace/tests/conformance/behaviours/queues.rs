//! Several queues of one port.

use std::thread;

use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Bench, LONG, Slots, assert_same, put};
use crate::cell::Cell;
use crate::frames::frame;

pub const BEHAVIOURS: &[Behaviour] =
    &[
        Behaviour::new("every queue sends from a thread of its own", senders)
            .needs(|cell| cell.has_queues(2)),
    ];

/// Queues of a cell that a test uses: four, or as many as there are.
fn some_queues(cell: &Cell) -> u32 {
    cell.queues().min(4)
}

fn senders(cell: &Cell) {
    const FRAMES: u32 = 500;
    let queues = some_queues(cell);
    let config = PortConfig {
        queues,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    let others = (1..queues).map(|queue| bench.port.tx(queue as usize).unwrap());
    let mut others: Vec<_> = others.collect();
    let bytes = |queue: u32, number: u32| frame(queue << 16 | number, 60 + number as usize);
    let Bench { tx, far, .. } = &mut bench;
    thread::scope(|scope| {
        for (queue, ring) in (0..).zip(std::iter::once(tx).chain(&mut others)) {
            scope.spawn(move || {
                for number in 0..FRAMES {
                    assert!(ring.wait(LONG).unwrap());
                    put(ring, [bytes(queue, number)]);
                    ring.sync().unwrap();
                }
                assert!(ring.drain(LONG).unwrap());
            });
        }
        let mut next = vec![0; queues as usize];
        for _ in 0..queues * FRAMES {
            let found = far.receive_within(LONG).expect("a frame");
            let queue = u16::from_be_bytes([found[14], found[15]]);
            let next = &mut next[usize::from(queue)];
            assert_same(&found, &bytes(queue.into(), *next));
            *next += 1;
        }
    });
    bench.assert_lawful();
}
