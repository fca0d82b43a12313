//! The gates between syncs and control.

use loom::cell::Cell;
use loom::sync::Arc;
use loom::sync::atomic::AtomicU32;
use loom::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use loom::thread;

use crate::Gate;
use crate::client_gate::ClientGate;

/// A ring whose gate is tested. A second access at the same time, or one that is not ordered after the first, panics.
struct Ring {
    runs: Cell<bool>,
    /// Slots up to this one were handed over.
    handed: Cell<u32>,
}

/// A client's ring of two slots.
struct Client {
    /// What the client has written. Relaxed accesses give no order of their own, as those of real slots and buffers.
    slots: [AtomicU32; 2],
    /// The client's head at its last paused sync. Control may read that of a later pause than the one it has read of.
    asked: AtomicU32,
    gate: ClientGate<Ring>,
}

impl Client {
    fn new(runs: bool) -> Arc<Client> {
        Arc::new(Client {
            slots: [AtomicU32::new(0), AtomicU32::new(0)],
            asked: AtomicU32::new(0),
            gate: ClientGate::new(Ring {
                runs: Cell::new(runs),
                handed: Cell::new(0),
            }),
        })
    }

    /// Writes the slot before `head`, and syncs once.
    fn send(&self, head: u32) {
        self.slots[head as usize - 1].store(head, Relaxed);
        let synced: Result<Option<()>, ()> = self.gate.sync(
            || self.asked.store(head, Release),
            |ring| {
                Ok(ring.runs.get().then(|| {
                    self.hand_over(ring, head);
                }))
            },
        );
        synced.unwrap();
    }

    /// What a sync does with slots: reads them.
    fn hand_over(&self, ring: &Ring, head: u32) {
        for slot in ring.handed.get()..head {
            assert_eq!(self.slots[slot as usize].load(Relaxed), slot + 1);
        }
        ring.handed.set(head);
    }

    /// Control syncs for the client, if it was paused.
    fn serve(&self) {
        self.gate.serve(thread::yield_now, |ring| {
            let runs = ring.runs.get();
            if runs {
                self.hand_over(ring, self.asked.load(Acquire));
            }
            runs
        });
    }

    /// Control stops or starts the ring.
    fn run(&self, runs: bool) {
        self.gate.close(thread::yield_now).runs.set(runs);
    }

    fn handed(&self) -> u32 {
        self.gate.close(thread::yield_now).handed.get()
    }
}

/// Whatever the interleaving of a client's thread and another one, the client has slots up to `head` handed over.
fn is_served(runs: bool, head: u32, own: fn(&Client), other: fn(&Client)) {
    loom::model(move || {
        let client = Client::new(runs);
        let thread = thread::spawn({
            let client = Arc::clone(&client);
            move || other(&client)
        });
        own(&client);
        thread.join().unwrap();
        assert_eq!(client.handed(), head);
    });
}

fn send_one(client: &Client) {
    client.send(1);
}

fn send_two(client: &Client) {
    client.send(1);
    client.send(2);
}

#[test]
fn a_client_that_syncs_once_is_served_when_its_ring_resumes() {
    is_served(true, 1, send_one, |client| {
        client.run(false);
        client.run(true);
        client.serve();
    });
}

#[test]
fn a_client_of_a_ring_that_starts_is_served() {
    is_served(false, 2, send_two, |client| {
        client.run(true);
        client.serve();
    });
}

#[test]
fn a_check_of_a_stopped_ring_loses_no_pause() {
    is_served(false, 2, send_two, |client| {
        client.serve();
        client.run(true);
        client.serve();
    });
}

/// A reader of counters makes a sync pause. The next check by control executes it.
#[test]
fn a_sync_that_met_a_reader_is_executed_by_the_next_check() {
    let own = |client: &Client| {
        client.send(1);
        client.serve();
    };
    is_served(true, 1, own, |client| drop(client.gate.enter()));
}

#[test]
fn a_client_that_was_served_counts_as_paused_until_it_syncs() {
    loom::model(|| {
        let client = Client::new(false);
        client.send(1);
        client.run(true);
        client.serve();
        assert!(client.gate.is_client_paused());
        client.send(2);
        assert!(!client.gate.is_client_paused());
        assert_eq!(client.handed(), 2);
    });
}

/// Adds 1 to a value that has one user at a time.
fn add(inside: &Cell<u32>) {
    inside.set(inside.get() + 1);
}

#[test]
fn syncs_and_control_exclude_each_other() {
    loom::model(|| {
        let gate = Arc::new(Gate::new(Cell::new(0)));
        let controller = thread::spawn({
            let gate = Arc::clone(&gate);
            move || add(&gate.close(thread::yield_now).unwrap())
        });
        let entered = gate.enter().map(|inside| add(&inside)).is_some();
        let again = gate.enter().map(|inside| add(&inside)).is_some();
        controller.join().unwrap();
        let count = gate.enter().unwrap().get();
        assert_eq!(count, 1 + u32::from(entered) + u32::from(again));
    });
}

#[test]
fn controllers_exclude_each_other() {
    loom::model(|| {
        let gate = Arc::new(Gate::new(Cell::new(0)));
        let waiting = thread::spawn({
            let gate = Arc::clone(&gate);
            move || add(&gate.close_in_turn(thread::yield_now))
        });
        let closed = gate.close(thread::yield_now);
        let closed = closed.map(|inside| add(&inside)).is_some();
        waiting.join().unwrap();
        assert_eq!(gate.enter().unwrap().get(), 1 + u32::from(closed));
    });
}

#[test]
fn a_closed_gate_refuses_syncs_until_it_opens() {
    loom::model(|| {
        let gate = Gate::new(1);
        let closed = gate.close(|| ()).unwrap();
        assert!(gate.enter().is_none());
        assert!(gate.close(|| ()).is_none());
        drop(closed);
        let entered = gate.enter().unwrap();
        assert!(gate.enter().is_none());
        drop(entered);
        assert!(gate.enter().is_some());
    });
}
