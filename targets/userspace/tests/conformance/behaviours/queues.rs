//! Several queues of one port.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use netmap_core::{Reset, Rss};
use netmap_sim::Defect;
use netmap_userspace::{PortConfig, RxRing, TxRing};

use super::Behaviour;
use crate::bench::{Bench, LONG, Slots, assert_same, positions, put};
use crate::cell::{Cell, half_of};
use crate::frames::{Flow, all_flows, frame};

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new("every queue sends from its own thread", senders)
        .needs(|cell| cell.has_queues(2)),
    Behaviour::new("every queue of the NIC sends", all_send).needs(|cell| cell.has_queues(2)),
    Behaviour::new("every queue of the NIC receives", all_receive)
        .needs(|cell| cell.has_inside().and(cell.receives_on_several())),
    Behaviour::new(
        "the frames of a flow stay on one queue and in order, and every queue is used",
        flows,
    )
    .needs(Cell::spreads_received),
    Behaviour::new("both directions of a flow reach one queue", both_directions)
        .needs(Cell::spreads_received),
    Behaviour::new("the RSS table decides which queue a flow reaches", table)
        .needs(Cell::spreads_received),
    Behaviour::new(
        "the hash of addresses and ports, with the key, selects the entry of the RSS table",
        hashed,
    )
    .needs(Cell::spreads_received),
    Behaviour::new("every queue receives on its own thread", receivers).needs(Cell::spreads_received),
    Behaviour::new("a frame without a flow reaches the first queue", no_flow)
        .needs(Cell::spreads_received),
    Behaviour::new(
        "a port of a NIC with more queues in one direction stops, starts and is reset with all of them",
        more_of_one,
    )
    .needs(Cell::is_uneven),
    Behaviour::new(
        "a reset of one queue does not affect the others",
        others_stay,
    )
    .needs(|cell| cell.has_queues(2).and(cell.restarts_queues())),
    Behaviour::new(
        "queues send and receive while another is reset repeatedly",
        amid_traffic,
    )
    .needs(|cell| cell.spreads().and(cell.restarts_queues())),
    Behaviour::new("a device reset keeps every queue's frames", device_reset).needs(Cell::spreads_received),
];

/// A port with all its rings taken.
struct Queues {
    bench: Bench,
    tx: Vec<TxRing>,
    rx: Vec<RxRing>,
}

/// The number of queues that a test uses: at most four.
fn some(cell: &Cell) -> u32 {
    let spread = cell.facts.limits.rss.map_or(u32::MAX, |rss| rss.queues);
    cell.queues().min(4).min(spread)
}

/// The same of received frames alone.
fn receiving(cell: &Cell) -> u32 {
    let spread = cell.facts.limits.rss.map_or(u32::MAX, |rss| rss.queues);
    cell.facts.limits.rx.queues.min(4).min(spread)
}

fn open(cell: &Cell, config: PortConfig) -> Queues {
    open_with(cell, some(cell), Slots::Some, config)
}

/// A port for received frames alone.
fn open_receiving(cell: &Cell, config: PortConfig) -> Queues {
    open_with(cell, receiving(cell), Slots::Some, config)
}

fn open_with(cell: &Cell, queues: u32, slots: Slots, config: PortConfig) -> Queues {
    let config = PortConfig {
        queues,
        promiscuous: true,
        ..config
    };
    let mut bench = cell.open_as(slots, config);
    // The first ring of each direction is already taken.
    let limits = &cell.facts.limits;
    let [tx, rx] = [limits.tx, limits.rx].map(|limits| 1..queues.min(limits.queues));
    let tx = tx.map(|at| bench.port.tx(at).unwrap()).collect();
    let rx = rx.map(|at| bench.port.rx(at).unwrap()).collect();
    Queues { bench, tx, rx }
}

impl Queues {
    fn tx(&mut self) -> impl Iterator<Item = &mut TxRing> {
        std::iter::once(&mut self.bench.tx).chain(&mut self.tx)
    }

    fn rx(&mut self) -> impl Iterator<Item = &mut RxRing> {
        std::iter::once(&mut self.bench.rx).chain(&mut self.rx)
    }

    /// Receives `count` frames in total, from any queue.
    fn take(&mut self, count: usize) -> Vec<(usize, Vec<u8>)> {
        let mut taken = Vec::new();
        let since = Instant::now();
        while taken.len() < count {
            assert!(since.elapsed() < LONG, "{} frames of {count}", taken.len());
            for (queue, rx) in self.rx().enumerate() {
                rx.sync().unwrap();
                let mut frames = rx.frames();
                taken.extend((&mut frames).map(|frame| (queue, frame.to_vec().unwrap())));
                frames.release();
            }
        }
        taken
    }
}

fn senders(cell: &Cell) {
    const FRAMES: u32 = 500;
    let mut queues = open(cell, PortConfig::default());
    let count = some(cell);
    let bytes = |queue: u32, number: u32| frame(queue << 16 | number, 60 + number as usize % 100);
    let Queues { bench, tx, .. } = &mut queues;
    let Bench { tx: first, far, .. } = bench;
    thread::scope(|scope| {
        for (queue, ring) in (0..).zip(std::iter::once(first).chain(tx)) {
            scope.spawn(move || {
                for number in 0..FRAMES {
                    assert!(ring.wait(LONG).unwrap());
                    put(ring, [bytes(queue, number)]);
                    ring.sync().unwrap();
                }
                assert!(ring.drain(LONG).unwrap());
            });
        }
        let mut next = vec![0; count as usize];
        for _ in 0..count * FRAMES {
            let found = far.receive_within(LONG).expect("a frame");
            let queue = u16::from_be_bytes([found[14], found[15]]);
            let next = &mut next[usize::from(queue)];
            assert_same(&found, &bytes(queue.into(), *next));
            *next += 1;
        }
    });
}

fn all_send(cell: &Cell) {
    for &completion in cell.facts.limits.completions {
        let config = PortConfig {
            completion: Some(completion),
            ..PortConfig::default()
        };
        let mut queues = open_with(cell, cell.queues(), Slots::Fewest, config);
        for (queue, ring) in (0..).zip(std::iter::once(&mut queues.bench.tx).chain(&mut queues.tx))
        {
            // From one end of the ring to the other.
            for number in 0..ring.slots() + 1 {
                let bytes = frame(queue << 16 | number, 60);
                put(ring, [&bytes]);
                ring.sync().unwrap();
                let arrived = queues.bench.far.receive_within(LONG);
                assert_same(&arrived.expect("a frame"), &bytes);
                assert!(ring.drain(LONG).unwrap());
            }
        }
        queues.bench.assert_silent();
    }
}

fn all_receive(cell: &Cell) {
    let count = cell.facts.limits.rx.queues;
    let mut queues = open_with(cell, count, Slots::Fewest, PortConfig::default());
    for queue in 0..count {
        queues.bench.device().mend();
        queues.bench.device().break_by(Defect::ReceivesOn(queue));
        // From one end of the ring to the other, and every other ring stays empty.
        for number in 0..queues.bench.rx.slots() + 1 {
            let bytes = frame(queue << 16 | number, 60);
            queues.bench.far.send(&bytes);
            let [(on, found)] = queues.take(1).try_into().expect("one frame");
            assert_eq!(on, queue as usize);
            assert_same(&found, &bytes);
        }
    }
    for ring in queues.rx() {
        ring.sync().unwrap();
        assert_eq!(ring.available(), 0);
    }
}

fn flows(cell: &Cell) {
    const ROUNDS: u32 = 10;
    let mut queues = open_receiving(cell, PortConfig::default());
    let flows = all_flows();
    let mut homes: BTreeMap<usize, usize> = BTreeMap::new();
    for round in 0..ROUNDS {
        for (flow, sent) in flows.iter().zip(1..) {
            queues.bench.far.send(&flow.frame(round));
            let [(queue, found)] = queues.take(1).try_into().expect("one frame");
            assert_same(&found, &flow.frame(round));
            let home = *homes.entry(sent).or_insert(queue);
            assert_eq!(queue, home, "{flow:?} left its queue");
        }
    }
    let mut used: Vec<_> = homes.into_values().collect();
    used.sort_unstable();
    used.dedup();
    assert_eq!(
        used.len(),
        receiving(cell) as usize,
        "queues used: {used:?}"
    );
}

fn both_directions(cell: &Cell) {
    let mut queues = open_receiving(cell, PortConfig::default());
    for flow in all_flows() {
        queues.bench.far.send(&flow.frame(1));
        let there = queues.take(1)[0].0;
        queues.bench.far.send(&flow.back().frame(2));
        let back = queues.take(1)[0].0;
        assert_eq!(there, back, "{flow:?}");
    }
}

fn table(cell: &Cell) {
    for target in 0..receiving(cell) {
        let config = PortConfig {
            rss: Some(Rss {
                table: [target as u8; 128],
                ..Rss::symmetric(1)
            }),
            ..PortConfig::default()
        };
        let mut queues = open_receiving(cell, config);
        for flow in cell.flows() {
            queues.bench.far.send(&flow.frame(1));
            let queue = queues.take(1)[0].0;
            assert!(
                queue == target as usize,
                "{flow:?}: every entry of the table names queue {target}, but the frame reached queue {queue}"
            );
        }
    }
}

/// The Toeplitz hash as specified by Microsoft for receive-side scaling: a 32-bit window moves over the key with every
/// bit of the input.
fn toeplitz(key: &[u8; 40], input: &[u8]) -> u32 {
    let bit = |bytes: &[u8], at: usize| bytes[at / 8] >> (7 - at % 8) & 1 == 1;
    let window = |from: usize| (from..from + 32).fold(0, |w, at| w << 1 | u32::from(bit(key, at)));
    let set = (0..8 * input.len()).filter(|&at| bit(input, at));
    set.fold(0, |hash, at| hash ^ window(at))
}

fn hashed(cell: &Cell) {
    let queues = receiving(cell);
    let entries = cell.facts.limits.rss.expect("it spreads").entries;
    let mut rss = Rss::symmetric(queues);
    // All octets of the key and all runs of entries differ.
    rss.key = std::array::from_fn(|at| (at as u8).wrapping_mul(0x4f) ^ 0x35);
    rss.table = std::array::from_fn(|at| ((at * at / 3 + at / 5) % queues as usize) as u8);
    let config = PortConfig {
        rss: Some(rss),
        ..PortConfig::default()
    };
    let mut all = open_receiving(cell, config);
    // NICs differ in whether they hash the ports of UDP.
    for flow in (0..150).map(Flow::new).filter(|flow| !flow.is_udp()) {
        let Some(hashed) = flow.hashed(&cell.facts.hashes) else {
            continue;
        };
        let bytes = flow.frame(1);
        let hash = toeplitz(&rss.key, &bytes[hashed]);
        let entry = (hash % entries) as usize;
        all.bench.far.send(&bytes);
        let queue = all.take(1)[0].0;
        assert_eq!(
            queue,
            usize::from(rss.table[entry]),
            "{flow:?}, entry {entry}"
        );
    }
}

fn no_flow(cell: &Cell) {
    let mut queues = open_receiving(cell, PortConfig::default());
    for number in 0..100 {
        queues.bench.far.send(&frame(number, 60));
        let [(queue, found)] = queues.take(1).try_into().expect("one frame");
        assert_eq!(queue, 0);
        assert_same(&found, &frame(number, 60));
    }
}

fn more_of_one(cell: &Cell) {
    let limits = &cell.facts.limits;
    let count = limits.tx.queues.max(limits.rx.queues).min(4);
    let mut all = open_with(cell, count, Slots::Some, PortConfig::default());
    // Without receive-side scaling all frames reach the first queue.
    let (incoming, reached): (Vec<_>, _) = match cell.spreads_received() {
        Ok(()) => (
            cell.flows().map(|flow| flow.frame(1)).collect(),
            receiving(cell),
        ),
        Err(_) => (vec![frame(1, 60)], 1),
    };
    let steps: [fn(&mut Bench); 3] = [
        |_| (),
        |bench| bench.port.reset(Reset::Device).unwrap(),
        |bench| {
            bench.port.stop().unwrap();
            bench.port.start().unwrap();
        },
    ];
    for step in steps {
        step(&mut all.bench);
        all.bench.port.wait_for_link(LONG).unwrap();
        let mut used = BTreeSet::new();
        for bytes in &incoming {
            all.bench.far.send(bytes);
            let [(queue, found)] = all.take(1).try_into().expect("one frame");
            assert_same(&found, bytes);
            used.insert(queue);
        }
        assert_eq!(used.len() as u32, reached);
        let sent = (0..all.bench.sendable(5)).map(|number| frame(number, 70));
        let sent: Vec<_> = sent.collect();
        for ring in all.tx() {
            // Frames of the step before may not have been reported yet.
            assert!(ring.wait_for_room(sent.len() as u32, LONG).unwrap());
            put(ring, &sent);
            ring.sync().unwrap();
        }
        for _ in 0..all.tx().count() {
            all.bench.expect_arrivals(&sent);
        }
    }
}

fn receivers(cell: &Cell) {
    const ROUNDS: u32 = 40;
    let mut queues = open_receiving(cell, PortConfig::default());
    let flows = all_flows();
    let total = flows.len() * ROUNDS as usize;
    let under_way = half_of(&queues.bench.rx) as usize;
    let Queues { bench, rx, .. } = &mut queues;
    let Bench { rx: first, far, .. } = bench;
    let received = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        let running = Arc::new(());
        for ring in std::iter::once(first).chain(rx) {
            let (received, running) = (&received, Arc::downgrade(&running));
            scope.spawn(move || {
                let mut last: BTreeMap<usize, u32> = BTreeMap::new();
                while running.strong_count() > 0 {
                    ring.wait(std::time::Duration::from_millis(5)).unwrap();
                    let mut frames = ring.frames();
                    for found in &mut frames {
                        let bytes = found.to_vec().unwrap();
                        let (flow, number) = Flow::of(&bytes);
                        // Frames of a flow arrive in order.
                        let before = last.insert(flow, number);
                        assert!(before.is_none_or(|before| before < number));
                        received.lock().unwrap().push((flow, number));
                    }
                    frames.release();
                }
            });
        }
        let since = Instant::now();
        let mut sent = 0;
        for round in 0..ROUNDS {
            for some in flows.chunks(under_way) {
                some.iter().for_each(|flow| far.send(&flow.frame(round)));
                sent += some.len();
                while received.lock().unwrap().len() < sent && since.elapsed() < LONG {
                    thread::yield_now();
                }
            }
        }
    });
    let mut received = received.into_inner().unwrap();
    received.sort_unstable();
    received.dedup();
    assert_eq!(received.len(), total);
}

fn others_stay(cell: &Cell) {
    let mut queues = open(cell, PortConfig::default());
    let count = some(cell);
    for which in 0..count {
        for reset in [Reset::Tx(which), Reset::Rx(which)] {
            // Every queue has sent frames, and all queues have different positions.
            for (queue, ring) in queues.tx().enumerate() {
                put(ring, (0..=queue as u32).map(|number| frame(number, 60)));
                ring.sync().unwrap();
            }
            for _ in 0..count * (count + 1) / 2 {
                queues.bench.arrival();
            }
            for ring in queues.tx() {
                assert!(ring.drain(LONG).unwrap());
            }
            let all = |queues: &mut Queues| -> Vec<_> {
                let tx: Vec<_> = queues.tx().map(|ring| positions(ring.raw())).collect();
                let rx: Vec<_> = queues.rx().map(|ring| positions(ring.raw())).collect();
                [tx, rx].concat()
            };
            let resets = |queues: &Queues| {
                let device = cell.has_inside().ok().map(|()| queues.bench.device());
                device.map(|device| device.counts().resets)
            };
            let before = (all(&mut queues), resets(&queues));
            queues.bench.port.reset(reset).unwrap();
            assert_eq!((all(&mut queues), resets(&queues)), before);
            // Each queue continues independently, including the one that was reset.
            for (queue, ring) in queues.tx().enumerate() {
                put(ring, [frame(queue as u32, 70)]);
                ring.sync().unwrap();
            }
            let mut arrived: Vec<_> = (0..count).map(|_| queues.bench.arrival()).collect();
            arrived.sort();
            let expected: Vec<_> = (0..count).map(|queue| frame(queue, 70)).collect();
            assert_eq!(arrived, expected);
            for ring in queues.tx() {
                assert!(ring.drain(LONG).unwrap());
            }
        }
    }
}

/// The last queue is reset repeatedly while the others pass frames both ways.
fn amid_traffic(cell: &Cell) {
    const FRAMES: u32 = 400;
    let mut queues = open(cell, PortConfig::default());
    let under_way = half_of(&queues.bench.rx);
    let last = some(cell) - 1;
    // Flows of the queues that are not reset.
    let mut flows = Vec::new();
    for flow in all_flows() {
        queues.bench.far.send(&flow.frame(0));
        let (queue, _) = queues.take(1)[0];
        if queue != last as usize {
            flows.push(flow);
        }
    }
    let expected = flows.len() as u32 * (FRAMES / flows.len() as u32);
    let Queues { bench, tx, rx } = &mut queues;
    let (tx_count, rx_count) = (tx.len(), rx.len());
    let Bench {
        tx: first_tx,
        rx: first_rx,
        far,
        port,
        ..
    } = bench;
    let received = AtomicU32::new(0);
    thread::scope(|scope| {
        let (running, received) = (Arc::new(()), &received);
        let senders = std::iter::once(first_tx).chain(tx).take(tx_count);
        let senders: Vec<_> = (0u32..)
            .zip(senders)
            .map(|(queue, ring)| {
                scope.spawn(move || {
                    for number in 0..FRAMES {
                        assert!(ring.wait(LONG).unwrap());
                        put(ring, [frame(queue << 16 | number, 60)]);
                        ring.sync().unwrap();
                    }
                    assert!(ring.drain(LONG).unwrap());
                })
            })
            .collect();
        let receivers = std::iter::once(first_rx).chain(rx).take(rx_count);
        let receivers: Vec<_> = receivers
            .map(|ring| {
                let running = Arc::downgrade(&running);
                scope.spawn(move || {
                    let mut latest: BTreeMap<usize, u32> = BTreeMap::new();
                    while running.strong_count() > 0 {
                        ring.wait(std::time::Duration::from_millis(5)).unwrap();
                        let mut frames = ring.frames();
                        for found in &mut frames {
                            let (flow, number) = Flow::of(&found.to_vec().unwrap());
                            let before = latest.insert(flow, number);
                            assert!(before.is_none_or(|before| before < number), "out of order");
                            received.fetch_add(1, Relaxed);
                        }
                        frames.release();
                    }
                })
            })
            .collect();
        let wire = scope.spawn(|| {
            let mut next = vec![0; tx_count];
            let mut coming = (1..=FRAMES / flows.len() as u32)
                .flat_map(|round| flows.iter().map(move |flow| flow.frame(round)))
                .peekable();
            let mut sent = 0;
            let since = Instant::now();
            while next.iter().any(|&next| next < FRAMES) || coming.peek().is_some() {
                assert!(since.elapsed() < LONG, "{next:?} of {FRAMES} arrived");
                if sent < received.load(Relaxed) + under_way
                    && coming.next_if(|bytes| far.offer(bytes)).is_some()
                {
                    sent += 1;
                }
                while let Some(found) = far.receive() {
                    let queue = usize::from(u16::from_be_bytes([found[14], found[15]]));
                    let expected = frame((queue as u32) << 16 | next[queue], 60);
                    assert_same(&found, &expected);
                    next[queue] += 1;
                }
                thread::yield_now();
            }
        });
        while !wire.is_finished() {
            port.reset(Reset::Tx(last)).unwrap();
            port.reset(Reset::Rx(last)).unwrap();
            thread::yield_now();
        }
        wire.join().unwrap();
        senders
            .into_iter()
            .for_each(|sender| sender.join().unwrap());
        let since = Instant::now();
        while received.load(Relaxed) < expected && since.elapsed() < LONG {
            thread::yield_now();
        }
        drop(running);
        receivers
            .into_iter()
            .for_each(|receiver| receiver.join().unwrap());
        assert_eq!(received.load(Relaxed), expected);
    });
}

fn device_reset(cell: &Cell) {
    let mut queues = open_receiving(cell, PortConfig::default());
    let flows = all_flows();
    let under_way = half_of(&queues.bench.rx) as usize;
    for round in 0..3 {
        for some in flows.chunks(under_way) {
            some.iter()
                .for_each(|flow| queues.bench.far.send(&flow.frame(round)));
            let since = Instant::now();
            loop {
                let mut available = 0;
                for ring in queues.rx() {
                    ring.sync().unwrap();
                    available += ring.available();
                }
                if available == some.len() as u32 {
                    break;
                }
                assert!(since.elapsed() < LONG, "{available} received");
            }
            queues.bench.reset();
            let mut found: Vec<_> = queues
                .take(some.len())
                .into_iter()
                .map(|(_, bytes)| bytes)
                .collect();
            found.sort();
            let mut expected: Vec<_> = some.iter().map(|flow| flow.frame(round)).collect();
            expected.sort();
            assert_eq!(found, expected);
        }
    }
}
