//! Several queues of one NIC at once, with a thread for each.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use netmap_core::{DmaAddr, Driver, LinearPool};

use crate::memory_bus::MemoryBus;
use crate::report::Case;
use crate::subject::{BUFFER_SHIFT, Rx, Tx};
use crate::timer::{Timer, median};

/// The fewest frames per thread and round.
const FRAMES: u32 = 1 << 20;

/// Million frames per second over `queues` queues, by direction: the median of `rounds` rounds.
///
/// `None` if the NIC has fewer queues. The device's part runs on the same threads, so this shows how queues scale, not
/// the cost of one.
pub fn measure<D: Driver>(case: Case, queues: u32, rounds: u32, timer: &Timer) -> Option<[f64; 2]> {
    if queues > D::TX.queues.min(D::RX.queues) {
        return None;
    }
    let bus = MemoryBus::new(D::BAR_SIZE);
    let pool = LinearPool::<BUFFER_SHIFT>::new(DmaAddr(0x10_0000_0000), case.slots + 2)?;
    let mut sides: Vec<(Tx<D>, Rx<D>)> = (0..queues)
        .map(|queue| {
            let tx = Tx::new(&bus, queue, case, &pool);
            (tx, Rx::new(&bus, queue, case, &pool))
        })
        .collect();
    let calls = FRAMES.div_ceil(case.batch);
    let mut figures = [Vec::new(), Vec::new()];
    for _ in 0..rounds.max(1) {
        let tx = together(&mut sides, |(tx, _)| {
            for _ in 0..calls {
                tx.round(case.batch, &pool, timer);
            }
        });
        let rx = together(&mut sides, |(_, rx)| {
            for _ in 0..calls {
                rx.round(case.batch, &pool, timer);
            }
        });
        for (figures, seconds) in figures.iter_mut().zip([tx, rx]) {
            let frames = f64::from(queues) * f64::from(calls) * f64::from(case.batch);
            figures.push(frames / seconds / 1e6);
        }
    }
    Some(figures.map(|mut figures| median(&mut figures)))
}

/// Runs `work` on each of `all`, on its own thread. Returns the seconds from the first start to the last end.
fn together<T: Send>(all: &mut [T], work: impl Fn(&mut T) + Sync) -> f64 {
    let (start, work) = (Barrier::new(all.len()), &work);
    let times: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let workers: Vec<_> = all
            .iter_mut()
            .map(|one| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    let since = Instant::now();
                    work(one);
                    (since, Instant::now())
                })
            })
            .collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| worker.join();
        let times = workers.into_iter().map(join);
        times
            .map(|time| time.expect("a measurement does not panic"))
            .collect()
    });
    let first = times.iter().map(|time| time.0).min();
    let last = times.iter().map(|time| time.1).max();
    match (first, last) {
        (Some(first), Some(last)) => (last - first).as_secs_f64(),
        _ => f64::NAN,
    }
}
