//! Every completion scheme of the NIC: every slot comes back promptly without a request.

use std::time::{Duration, Instant};

use netmap_core::abi::NS_REPORT;
use netmap_core::{Completion, Policy, Reset, RingMemory as _};
use netmap_sim::Defect;
use netmap_userspace::PortConfig;

use super::Behaviour;
use crate::bench::{Bench, LONG, Slots, memory, positions};
use crate::cell::{Bus, Cell};
use crate::frames::{frame, number_of};

use Completion::{DoneBit, HeadRegister, HeadWriteback, OwnerBit};

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "done bits return every slot without a request, for any ring and batch size",
        |cell| {
            every_slot_returns(cell, DoneBit);
        },
    )
    .repeats()
    .needs(|cell| cell.completes_by(DoneBit)),
    Behaviour::new(
        "owner bits return every slot without a request, for any ring and batch size",
        |cell| {
            every_slot_returns(cell, OwnerBit);
        },
    )
    .repeats()
    .needs(|cell| cell.completes_by(OwnerBit)),
    Behaviour::new(
        "the head register returns every slot without a request, for any ring and batch size",
        |cell| {
            every_slot_returns(cell, HeadRegister);
        },
    )
    .repeats()
    .needs(|cell| cell.completes_by(HeadRegister)),
    Behaviour::new(
        "head write-back returns every slot without a request, for any ring and batch size",
        |cell| {
            every_slot_returns(cell, HeadWriteback);
        },
    )
    .repeats()
    .needs(|cell| cell.completes_by(HeadWriteback)),
    Behaviour::new(
        "with done bits a reset at any slot loses no frame to be resent",
        |cell| {
            resets_at_every_slot(cell, DoneBit);
        },
    )
    .repeats()
    .needs(|cell| cell.has_inside().and(cell.completes_by(DoneBit))),
    Behaviour::new(
        "with owner bits a reset at any slot loses no frame to be resent",
        |cell| {
            resets_at_every_slot(cell, OwnerBit);
        },
    )
    .repeats()
    .needs(|cell| cell.has_inside().and(cell.completes_by(OwnerBit))),
    Behaviour::new(
        "with the head register a reset at any slot loses no frame to be resent",
        |cell| {
            resets_at_every_slot(cell, HeadRegister);
        },
    )
    .repeats()
    .needs(|cell| cell.has_inside().and(cell.completes_by(HeadRegister))),
    Behaviour::new(
        "with head write-back a reset at any slot loses no frame to be resent",
        |cell| {
            resets_at_every_slot(cell, HeadWriteback);
        },
    )
    .repeats()
    .needs(|cell| cell.has_inside().and(cell.completes_by(HeadWriteback))),
    Behaviour::new(
        "a requested report arrives in the middle of a batch",
        asked_for,
    ),
    Behaviour::new(
        "an unsupported completion scheme is refused by name",
        unknown,
    ),
];

fn by(completion: Completion) -> PortConfig {
    PortConfig {
        completion: Some(completion),
        ..PortConfig::default()
    }
}

/// Ring sizes: the smallest ones, and some others.
fn sizes(cell: &Cell) -> Vec<u32> {
    let limits = cell.facts.limits.tx;
    let smallest = (limits.min..limits.max).filter(|&slots| limits.allows(slots));
    match cell.bus {
        Bus::Sim => {
            let others = [64, 512, limits.max];
            let others = others.into_iter().filter(|&slots| limits.allows(slots));
            smallest.take(6).chain(others).collect()
        }
        // Each size starts a QEMU and a link.
        Bus::Qemu(_) => smallest.take(2).collect(),
    }
}

fn batches(slots: u32) -> Vec<u32> {
    if slots <= 32 {
        return (1..slots).collect();
    }
    let half = slots / 2;
    vec![1, 2, 3, half - 1, half, half + 1, slots - 2, slots - 1, 5]
}

fn every_slot_returns(cell: &Cell, completion: Completion) {
    /// Far longer than a NIC takes; a slot that waits for a later one would wait forever.
    const SOON: Duration = Duration::from_secs(5);
    for slots in sizes(cell) {
        let config = PortConfig {
            tx_slots: Some(slots),
            rx_slots: Some(cell.facts.limits.rx.min),
            ..by(completion)
        };
        let mut bench = cell.open_as(Slots::AsTold, config);
        let mut number = 0;
        for batch in batches(slots) {
            let numbers = number..number + batch;
            number = numbers.end;
            bench.send(numbers.clone().map(|number| frame(number, 60)));
            let asked = bench
                .tx
                .raw()
                .slots()
                .iter()
                .any(|slot| slot.len_flags().1 & NS_REPORT != 0);
            assert!(!asked);
            for number in numbers {
                // The wire holds fewer frames than the ring, so it is emptied meanwhile.
                bench.expect_arrivals([frame(number, 60)]);
            }
            let since = Instant::now();
            let drained = bench.tx.drain(SOON).unwrap();
            assert!(
                drained,
                "{} of {batch} slots of {slots} stay",
                bench.tx.pending()
            );
            assert!(since.elapsed() < SOON);
        }
        assert_eq!(bench.tx.counters().sent, u64::from(number));
        assert_eq!(bench.tx.counters().faults, 0);
    }
}

/// Sends part of a ring, makes the NIC stick at the rest, and resets it, for every possible number of outstanding slots
/// and every start position.
fn resets_at_every_slot(cell: &Cell, completion: Completion) {
    for policy in [Policy::Resend, Policy::Drop] {
        let config = PortConfig {
            policy,
            ..by(completion)
        };
        let mut bench = cell.open_as(Slots::Fewest, config);
        let slots = bench.tx.slots();
        let mut number = 0;
        for outstanding in 0..slots {
            for sent in [0, 1, slots / 2] {
                let before = sent.min(slots - 1 - outstanding);
                one_reset(&mut bench, policy, &mut number, before, outstanding);
            }
        }
    }
}

fn one_reset(bench: &mut Bench, policy: Policy, number: &mut u32, sent: u32, outstanding: u32) {
    let first = *number;
    bench.send((first..first + sent).map(|number| frame(number, 60)));
    bench.expect_arrivals((first..first + sent).map(|number| frame(number, 60)));
    bench.device().break_by(Defect::StuckTransmitter);
    let last = first + sent + outstanding;
    bench.send((first + sent..last).map(|number| frame(number, 60)));
    let (head, cur, _) = positions(bench.tx.raw());
    let (dropped, known) = (bench.tx.counters().dropped, bench.tx.counters().sent);

    bench.port.reset(Reset::Device).unwrap();

    assert_eq!(
        (head, cur),
        (positions(bench.tx.raw()).0, positions(bench.tx.raw()).1)
    );
    bench.device().mend();
    bench.port.wait_for_link(LONG).unwrap();
    // One more frame marks the end of the old ones.
    bench.drain();
    bench.send([frame(last, 60)]);
    let mut arrived = Vec::new();
    while arrived.last() != Some(&last) {
        arrived.push(number_of(&bench.arrival()));
    }
    arrived.pop();
    bench.drain();
    let counters = bench.tx.counters();
    match policy {
        Policy::Resend => {
            assert_eq!(counters.dropped, dropped);
            // Sent frames without a completion may be sent again; each frame is sent at least once, and in order.
            let surely: Vec<_> = (first + sent..last).collect();
            assert!(
                arrived.ends_with(&surely),
                "{arrived:?} instead of {surely:?}"
            );
            assert!(arrived.iter().all(|&number| number >= first));
        }
        Policy::Drop => {
            assert!(arrived.is_empty(), "{arrived:?}");
            let counted = counters.dropped - dropped + counters.sent - known;
            assert!(
                counted > u64::from(outstanding),
                "{counted} of {outstanding}"
            );
        }
    }
    *number = last + 1;
}

/// netmap's `NS_REPORT`: the slot's completion is reported without waiting for later slots.
fn asked_for(cell: &Cell) {
    let mut bench = cell.open();
    let count = bench.sendable(9);
    for round in 0..10 {
        let numbers = round * count..(round + 1) * count;
        let frames: Vec<_> = numbers.map(|number| frame(number, 60)).collect();
        let mut slots = bench.tx.reserve(count);
        for ((mut slot, frame), at) in (&mut slots).zip(&frames).zip(0..) {
            slot.write(frame).unwrap();
            if at == count / 3 {
                slot.report();
            }
        }
        slots.commit();
        bench.tx.sync().unwrap();
        bench.expect_arrivals(&frames);
        bench.drain();
        let asked = bench
            .tx
            .raw()
            .slots()
            .iter()
            .any(|slot| slot.len_flags().1 & NS_REPORT != 0);
        assert!(!asked, "the flag is cleared");
    }
}

fn unknown(cell: &Cell) {
    let memory = memory(200);
    for completion in [DoneBit, OwnerBit, HeadRegister, HeadWriteback] {
        let result = cell.stopped(&memory, Slots::Some, by(completion));
        let known = cell.completes_by(completion).is_ok();
        match result {
            Ok(_) => assert!(known, "{}", completion.name()),
            Err(error) => {
                assert!(!known, "{error}");
                assert!(error.to_string().contains(completion.name()), "{error}");
            }
        }
    }
}
