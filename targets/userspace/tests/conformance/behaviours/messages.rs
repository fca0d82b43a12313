//! MSI-X: each message reports its queues and nothing else.

use std::thread;
use std::time::{Duration, Instant};

use netmap_core::{Reset, Rss};
use netmap_sim::Defect;
use netmap_userspace::{InterruptMode, PortConfig, RxRing, TxRing};

use super::Behaviour;
use super::interrupts::assert_woken;
use crate::bench::{Bench, LONG, Nic, SHORT, Slots, Stopped, assert_same, memory, put};
use crate::cell::{Bus, Cell, Shown};
use crate::frames::{Flow, frame};

pub const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new("a queue's message reports sent frames", sends).needs(Cell::has_messages),
    Behaviour::new("a queue's message reports received frames", receives)
        .needs(|cell| cell.has_messages().and(cell.spreads())),
    Behaviour::new(
        "every queue of the NIC has its message for sent frames",
        all_send,
    )
    .needs(has_all_messages),
    Behaviour::new(
        "every queue of the NIC has its message for received frames",
        all_receive,
    )
    .needs(has_all_messages),
    Behaviour::new("the last message reports the link", link).needs(Cell::has_messages),
    Behaviour::new("more queues than messages share the messages", share)
        .needs(|cell| cell.has_messages().and(cell.spreads())),
    Behaviour::new(
        "a queue's message wakes a thread that waits on the queue, every time",
        woken,
    )
    .needs(|cell| cell.has_messages().and(cell.has_inside())),
    Behaviour::new(
        "a queue's message wakes a thread that waits for room, every time",
        woken_by_room,
    )
    .needs(|cell| cell.has_messages().and(cell.has_inside())),
    Behaviour::new("a device reset keeps its messages", reset).needs(Cell::has_messages),
    Behaviour::new(
        "a single interrupt reports everything on a NIC with MSI-X",
        one,
    )
    .needs(Cell::has_messages),
    Behaviour::new(
        "a single interrupt reports every queue of a NIC with MSI-X",
        all_by_one,
    )
    .needs(has_all_messages),
    Behaviour::new("more messages than the NIC has are refused", refused),
];

fn has_all_messages(cell: &Cell) -> Shown {
    cell.has_messages()?;
    cell.has_queues(2)?;
    match cell.bus {
        Bus::Sim => Ok(()),
        Bus::Qemu(_) => Err("QEMU's models may have fewer messages than the NIC".to_owned()),
    }
}

/// A port without pending messages, with all its rings taken.
struct Queues {
    bench: Bench,
    tx: Vec<TxRing>,
    rx: Vec<RxRing>,
    /// Messages of queues, if all that the NIC has are used.
    vectors: u32,
    /// A flow that reaches the target queue.
    flow: Flow,
}

/// Opens a port whose flows all go to queue `target`.
fn open(cell: &Cell, target: u32, interrupts: InterruptMode) -> Queues {
    let spread = cell.facts.limits.rss.map_or(1, |rss| rss.queues);
    open_with(cell, cell.queues().min(3).min(spread), target, interrupts)
}

/// Messages of `queues` queues: one for each, as far as the NIC has any besides that of the link.
fn vectors(cell: &Cell, queues: u32) -> u32 {
    queues.min(cell.facts.limits.messages - 1)
}

fn open_with(cell: &Cell, queues: u32, target: u32, interrupts: InterruptMode) -> Queues {
    let config = PortConfig {
        queues,
        promiscuous: true,
        rss: cell.facts.limits.rss.map(|_| Rss {
            table: [target as u8; 128],
            ..Rss::symmetric(1)
        }),
        interrupts,
        ..PortConfig::default()
    };
    let mut bench = cell.open_as(Slots::Some, config);
    let others = 1..queues;
    let tx = others.clone().map(|at| bench.port.tx(at).unwrap());
    let tx = tx.collect();
    let rx = others.map(|at| bench.port.rx(at).unwrap()).collect();
    quiet(&bench.nic);
    let flow = cell.flows().next().unwrap_or(Flow::new(0));
    Queues {
        bench,
        tx,
        rx,
        vectors: vectors(cell, queues),
        flow,
    }
}

impl Queues {
    fn count(&self) -> u32 {
        self.tx.len() as u32 + 1
    }

    fn tx(&mut self, queue: u32) -> &mut TxRing {
        match queue {
            0 => &mut self.bench.tx,
            queue => &mut self.tx[queue as usize - 1],
        }
    }

    fn rx(&mut self, queue: u32) -> &mut RxRing {
        match queue {
            0 => &mut self.bench.rx,
            queue => &mut self.rx[queue as usize - 1],
        }
    }

    /// Sends a frame from a queue. Returns the resulting messages.
    fn send(&mut self, queue: u32) -> u64 {
        let bytes = frame(queue, 60);
        let ring = self.tx(queue);
        put(ring, [&bytes]);
        ring.sync().unwrap();
        let messages = self.bench.nic.wait_messages(LONG);
        assert_same(&self.bench.arrival(), &bytes);
        messages
    }

    /// The far end sends a frame to the target queue. Returns the resulting messages.
    fn receive(&mut self) -> u64 {
        self.bench.far.send(&self.flow.frame(1));
        self.bench.nic.wait_messages(LONG)
    }
}

/// Waits until no more messages arrive.
fn quiet(nic: &Nic) {
    let since = Instant::now();
    while nic.wait_messages(SHORT) != 0 {
        assert!(since.elapsed() < LONG, "interrupts do not stop");
    }
}

fn sends(cell: &Cell) {
    let mut queue = 0;
    loop {
        let mut queues = open(cell, 0, InterruptMode::Best);
        let expected = 1 << (queue % queues.vectors);
        assert_eq!(queues.send(queue), expected, "queue {queue}");
        queue += 1;
        if queue == queues.count() {
            return;
        }
    }
}

fn receives(cell: &Cell) {
    let mut queue = 0;
    loop {
        let mut queues = open(cell, queue, InterruptMode::Best);
        let expected = 1 << (queue % queues.vectors);
        assert_eq!(queues.receive(), expected, "queue {queue}");
        queue += 1;
        if queue == queues.count() {
            return;
        }
    }
}

/// Asserts that `pass` returns the message of every queue of the NIC. No queue shares its port with one that has had the
/// same message, since a driver masks some until their handler has run. QEMU's models have fewer messages than the NICs.
fn each(cell: &Cell, mut pass: impl FnMut(&mut Queues, u32) -> u64) {
    let all: Vec<u32> = (0..cell.queues()).collect();
    let vectors = vectors(cell, cell.queues());
    for some in all.chunks(vectors as usize) {
        let mut queues = open_with(cell, cell.queues(), 0, InterruptMode::Best);
        for &queue in some {
            let messages = pass(&mut queues, queue);
            assert_eq!(
                messages,
                1 << (queue % vectors),
                "queue {queue} of {}",
                all.len()
            );
        }
    }
}

fn all_send(cell: &Cell) {
    each(cell, |queues, queue| queues.send(queue));
}

fn all_receive(cell: &Cell) {
    each(cell, |queues, queue| {
        queues.bench.device().mend();
        queues.bench.device().break_by(Defect::ReceivesOn(queue));
        queues.receive()
    });
}

fn link(cell: &Cell) {
    let mut queues = open(cell, 0, InterruptMode::Best);
    let last = 1 << queues.vectors;
    for _ in 0..3 {
        let bench = &mut queues.bench;
        match cell.bus {
            Bus::Sim => bench.device().set_link(false),
            // Negotiation takes the link down and up again.
            Bus::Qemu(_) => bench.port.reset(Reset::Link).unwrap(),
        }
        assert_eq!(bench.nic.wait_messages(LONG), last);
        if cell.bus == Bus::Sim {
            bench.device().set_link(true);
        }
        bench.port.wait_for_link(LONG).unwrap();
        quiet(&bench.nic);
    }
    assert_eq!(queues.send(0), 1);
    if cell.bus == Bus::Sim {
        link_without_a_listener(cell);
    }
}

/// A link-up without a waiting thread.
fn link_without_a_listener(cell: &Cell) {
    let memory = memory(512);
    let config = PortConfig {
        interrupts: InterruptMode::Best,
        ..PortConfig::default()
    };
    let Stopped {
        mut port,
        nic,
        far: _far,
    } = cell.stopped(&memory, Slots::Some, config).unwrap();
    nic.device().set_link(false);
    port.start().unwrap();
    quiet(&nic);
    nic.device().set_link(true);
    assert_eq!(nic.wait_messages(LONG), 1 << 1);
}

fn share(cell: &Cell) {
    let count = open(cell, 0, InterruptMode::Best).count();
    // At most one message fewer than queues, and the last one for the link.
    let messages = vectors(cell, count - 1);
    for queue in 0..count {
        let mut queues = open(cell, queue, InterruptMode::Messages(messages + 1));
        let expected = 1 << (queue % messages);
        assert_eq!(queues.send(queue), expected, "queue {queue} sent");
        let mut queues = open(cell, queue, InterruptMode::Messages(messages + 1));
        assert_eq!(queues.receive(), expected, "queue {queue} received");
    }
}

/// How often a thread waits.
const TIMES: u32 = 20;
/// Time for a thread to begin waiting.
const UNTIL_IT_WAITS: Duration = Duration::from_millis(2);

fn woken(cell: &Cell) {
    let count = open(cell, 0, InterruptMode::Best).count();
    for queue in 0..count {
        let mut queues = open(cell, queue, InterruptMode::Best);
        let flow = queues.flow;
        let Queues { bench, rx, .. } = &mut queues;
        // Without receive-side scaling there is only the first queue.
        let rx = match queue {
            0 => &mut bench.rx,
            queue => &mut rx[queue as usize - 1],
        };
        for number in 0..TIMES {
            let far = &mut bench.far;
            thread::scope(|scope| {
                scope.spawn(|| {
                    thread::sleep(UNTIL_IT_WAITS);
                    far.send(&flow.frame(number));
                });
                assert!(rx.wait(LONG).unwrap());
            });
            let mut frames = rx.frames();
            assert_same(
                &frames.next().unwrap().to_vec().unwrap(),
                &flow.frame(number),
            );
            frames.release();
        }
        assert_woken(rx.wakes());
    }
}

fn woken_by_room(cell: &Cell) {
    let count = open(cell, 0, InterruptMode::Best).count();
    for queue in 0..count {
        let mut queues = open(cell, 0, InterruptMode::Best);
        for number in 0..TIMES {
            queues.bench.device().break_by(Defect::StuckTransmitter);
            let ring = queues.tx(queue);
            let frames: Vec<_> = (1..ring.slots())
                .map(|n| frame(number << 16 | n, 60))
                .collect();
            put(ring, &frames);
            ring.sync().unwrap();
            assert_eq!(ring.room(), 0);
            let Queues { bench, tx, .. } = &mut queues;
            let (device, ring) = match queue {
                0 => (bench.nic.device(), &mut bench.tx),
                queue => (bench.nic.device(), &mut tx[queue as usize - 1]),
            };
            thread::scope(|scope| {
                scope.spawn(|| {
                    thread::sleep(UNTIL_IT_WAITS);
                    device.mend();
                });
                assert!(ring.wait(LONG).unwrap());
            });
            bench.expect_arrivals(&frames);
            assert!(queues.tx(queue).drain(LONG).unwrap());
        }
        assert_woken(queues.tx(queue).wakes());
    }
}

fn reset(cell: &Cell) {
    let mut queues = open(cell, 0, InterruptMode::Best);
    for round in 0..3 {
        queues.bench.port.reset(Reset::Device).unwrap();
        queues.bench.port.wait_for_link(LONG).unwrap();
        quiet(&queues.bench.nic);
        let queue = round % queues.count();
        let expected = 1 << (queue % queues.vectors);
        assert_eq!(queues.send(queue), expected, "queue {queue}");
        assert!(queues.tx(queue).drain(LONG).unwrap());
    }
    queues.bench.port.stop().unwrap();
    quiet(&queues.bench.nic);
    queues.bench.far.offer(&frame(1, 60));
    assert_eq!(queues.bench.nic.wait_messages(SHORT), 0);
}

fn all_by_one(cell: &Cell) {
    let mut queues = open_with(cell, cell.queues(), 0, InterruptMode::One);
    for queue in 0..cell.queues() {
        assert_eq!(queues.send(queue), 1, "sent on queue {queue}");
        assert!(queues.tx(queue).drain(LONG).unwrap());
        queues.bench.port.wait_for_link(LONG).unwrap();
        quiet(&queues.bench.nic);

        queues.bench.device().mend();
        queues.bench.device().break_by(Defect::ReceivesOn(queue));
        assert_eq!(queues.receive(), 1, "received on queue {queue}");
        assert!(queues.rx(queue).wait(LONG).unwrap());
        queues.bench.port.wait_for_link(LONG).unwrap();
        quiet(&queues.bench.nic);
    }
}

fn one(cell: &Cell) {
    let bench = open(cell, 0, InterruptMode::Best).bench;
    let config = PortConfig {
        promiscuous: true,
        interrupts: InterruptMode::One,
        ..PortConfig::default()
    };
    // The same device, which had MSI-X enabled before.
    let mut bench = cell.reopen(bench, config);
    quiet(&bench.nic);
    for number in 0..5 {
        let bytes = frame(number, 60);
        bench.far.send(&bytes);
        assert_eq!(bench.nic.wait_messages(LONG), 1);
        assert!(bench.rx.wait(LONG).unwrap());
        bench.expect_received([&bytes]);
        bench.port.wait_for_link(LONG).unwrap();
        quiet(&bench.nic);
    }
}

fn refused(cell: &Cell) {
    let memory = memory(1024);
    let most = cell.facts.limits.messages;
    let config = PortConfig {
        interrupts: InterruptMode::Messages(most + 1),
        ..PortConfig::default()
    };
    let error = cell.stopped(&memory, Slots::Some, config).err();
    let error = error.expect("more messages than it has").to_string();
    assert!(
        error.contains(&format!("{} MSI-X messages", most + 1)),
        "{error}"
    );
}
