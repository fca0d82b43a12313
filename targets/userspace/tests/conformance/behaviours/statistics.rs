//! The NIC's counters.

use std::time::Instant;

use nicspecs::ir::{Counts, QemuLack};

use netmap_sim::wire::{Flow, cable};
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Bench, LONG};
use crate::cell::Cell;
use crate::frames::{frame, frame_to};

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new("statistics match the frames sent and received", agree).needs(counts),
    Behaviour::new("statistics continue over a reset", over_a_reset).needs(counts),
    Behaviour::new(
        "statistics have nothing from before the port was opened",
        from_zero,
    )
    .needs(counts),
    Behaviour::new(
        "every frame dropped for want of a descriptor is counted, over resets, too",
        missed,
    )
    .needs(counts_missed),
];

fn counts(cell: &Cell) -> Result<(), String> {
    match cell.facts.counts.is_empty() {
        true => Err("the NIC has none of the counters that every device model has".to_owned()),
        false => cell.models(QemuLack::Counters),
    }
}

/// Needs a simulated device that counts missed frames: QEMU's wires wait.
fn counts_missed(cell: &Cell) -> Result<(), String> {
    cell.has_inside()?;
    let mut counts = cell.facts.counts.iter();
    match counts.any(|(_, counts)| *counts == Counts::RxMissed) {
        true => Ok(()),
        false => Err("the NIC does not count missed frames".to_owned()),
    }
}

/// The next port on a device that has counted.
fn from_zero(cell: &Cell) {
    let mut bench = cell.open();
    for _ in 0..2 {
        pass(&mut bench, &mut Passed::default(), 5);
        bench = cell.reopen(bench, PortConfig::default());
        for (statistic, total) in bench.port.statistics() {
            assert_eq!(total, 0, "{}", statistic.name);
        }
    }
}

/// On a wire that does not wait, a ring that nobody reads overflows.
fn missed(cell: &Cell) {
    let mut bench = cell.open();
    let (near, far) = cable(Flow::Dropping, 4096);
    bench.device().plug(near);
    let mut far = far.socket();
    bench.port.wait_for_link(LONG).unwrap();
    let before = bench.device().counts();
    let mut sent = 0;
    for round in 0..3 {
        for number in 0..3 * bench.rx.slots() {
            assert!(far.send(&frame(number, 70)));
            sent += 1;
        }
        let since = Instant::now();
        let missed = loop {
            let counts = bench.device().counts();
            let missed = counts.rx_missed - before.rx_missed;
            if counts.rx_frames - before.rx_frames + missed == sent {
                break missed;
            }
            assert!(since.elapsed() < LONG, "{counts:?}");
            std::thread::yield_now();
        };
        // All but those that the ring holds.
        assert_eq!(missed, sent - u64::from(bench.rx.slots() - 1));
        if round > 0 {
            bench.reset();
        }
        let ties = cell.facts.counts.iter();
        let ties = ties.filter(|(_, counts)| *counts == Counts::RxMissed);
        let names: Vec<&String> = ties.map(|(name, _)| name).collect();
        let counted = bench.port.statistics().into_iter();
        let counted =
            counted.filter(|(statistic, _)| names.iter().any(|name| *name == statistic.name));
        let total: u64 = counted.map(|(_, total)| total).sum();
        assert_eq!(total, missed, "{names:?}");
    }
}

/// Passed frames, by what a counter may count.
#[derive(Debug, Default, Clone, Copy)]
struct Passed {
    rx_frames: u64,
    rx_bytes: u64,
    rx_broadcast: u64,
    rx_multicast: u64,
    tx_frames: u64,
    tx_bytes: u64,
}

impl Passed {
    fn of(self, counts: Counts) -> Option<u64> {
        Some(match counts {
            Counts::RxFrames => self.rx_frames,
            Counts::RxBytes => self.rx_bytes,
            Counts::TxFrames => self.tx_frames,
            Counts::TxBytes => self.tx_bytes,
            Counts::RxBroadcast => self.rx_broadcast,
            Counts::RxMulticast => self.rx_multicast,
            // The number of missed frames depends on the speed of both sides.
            _ => return None,
        })
    }
}

/// Bytes of the CRC, which counters include.
const CRC: u64 = 4;

fn pass(bench: &mut Bench, passed: &mut Passed, count: u32) {
    for number in 0..count {
        let out = frame(number, 60 + number as usize);
        bench.send([&out]);
        bench.expect_arrivals([&out]);
        passed.tx_frames += 1;
        passed.tx_bytes += out.len() as u64 + CRC;

        let station = bench.port.identity().mac.unwrap();
        let to = if number % 3 == 0 {
            station.0
        } else {
            [0xff; 6]
        };
        let back = frame_to(to, number, 64 + number as usize);
        bench.far.send(&back);
        bench.expect_received([&back]);
        passed.rx_frames += 1;
        passed.rx_bytes += back.len() as u64 + CRC;
        passed.rx_broadcast += u64::from(number % 3 != 0);
    }
    bench.drain();
}

fn assert_counted(bench: &mut Bench, cell: &Cell, passed: Passed) {
    for (name, counts) in &cell.facts.counts {
        let Some(expected) = passed.of(*counts) else {
            continue;
        };
        // A device may count a frame a little after its completion.
        let since = Instant::now();
        loop {
            let mut all = bench.port.statistics().into_iter();
            let found = all.find(|(statistic, _)| statistic.name == *name);
            let (_, found) = found.expect("a counter of the spec");
            if found == expected {
                break;
            }
            assert!(
                found < expected && since.elapsed() < LONG,
                "{name} is {found} instead of {expected}"
            );
        }
    }
    assert_eq!(bench.tx.counters().sent, passed.tx_frames);
    assert_eq!(bench.rx.counters().received, passed.rx_frames);
}

fn agree(cell: &Cell) {
    let mut bench = cell.open();
    let mut passed = Passed::default();
    for _ in 0..3 {
        pass(&mut bench, &mut passed, 40);
        assert_counted(&mut bench, cell, passed);
    }
}

fn over_a_reset(cell: &Cell) {
    let mut bench = cell.open();
    let mut passed = Passed::default();
    pass(&mut bench, &mut passed, 20);
    bench.reset();
    assert_counted(&mut bench, cell, passed);
    pass(&mut bench, &mut passed, 20);
    assert_counted(&mut bench, cell, passed);
}
