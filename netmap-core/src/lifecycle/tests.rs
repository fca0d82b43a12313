//! A client that syncs once and then waits, while control closes gates at arbitrary times.

extern crate std;

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Queue, QueueGate, RingAccess};
use crate::{
    BufIdx, ClientRing, Completion, Crc, Direction, DmaAddr, NmIdx, Outcome, Policy, Pool,
    Positions, RingSetup, SlotCell,
};

/// A ring without slots: the client's head, and the position up to which slots were handed over.
#[derive(Clone, Default)]
struct Ring(Arc<Shared>);

#[derive(Default)]
struct Shared {
    head: AtomicU32,
    handed: AtomicU32,
    /// The ring is not available to control.
    busy: AtomicBool,
}

impl Ring {
    fn positions(&self) -> Positions {
        Positions {
            hwcur: NmIdx(self.0.handed.load(SeqCst)),
            hwtail: NmIdx(0),
            head: NmIdx(self.0.head.load(SeqCst)),
        }
    }
}

#[derive(Clone, Copy)]
struct NoPool;

impl Pool for NoPool {
    fn dma(&self, _: BufIdx) -> Option<DmaAddr> {
        None
    }
    fn buffer_size(&self) -> u32 {
        0
    }
}

const NO_SLOTS: ClientRing<'static, NoPool> = ClientRing {
    slots: &[] as &[SlotCell],
    pool: &NoPool,
};

impl RingAccess for Ring {
    type Pool<'a> = NoPool;

    fn with<R>(
        &mut self,
        work: impl FnOnce(&ClientRing<'_, NoPool>, Positions) -> (Positions, R),
    ) -> Option<R> {
        if self.0.busy.load(SeqCst) {
            return None;
        }
        let (at, result) = work(&NO_SLOTS, self.positions());
        self.0.handed.store(at.hwcur.0, SeqCst);
        Some(result)
    }
}

/// A queue that accepts everything.
#[derive(Default)]
struct Taker {
    /// The policy of its last restart.
    policy: Option<Policy>,
}

impl Queue for Taker {
    const DIRECTION: Direction = Direction::Tx;
    type Counters = ();

    fn sync<P: Pool>(&mut self, _: &ClientRing<'_, P>, at: Positions) -> Outcome {
        let hwcur = at.head;
        Outcome {
            at: Positions { hwcur, ..at },
            fault: None,
        }
    }
    fn settle<P: Pool>(&mut self, _: &ClientRing<'_, P>, at: Positions) -> Positions {
        at
    }
    fn restart<P: Pool>(
        &mut self,
        _: &ClientRing<'_, P>,
        at: Positions,
        policy: Policy,
    ) -> Outcome {
        self.policy = Some(policy);
        Outcome { at, fault: None }
    }
    fn prepare(&mut self, _: Crc, buffer_size: u32) -> RingSetup {
        RingSetup {
            base: DmaAddr(0),
            slots: 8,
            buffer_size,
            completion: Completion::DoneBit,
            head_writeback: DmaAddr(0),
        }
    }
    fn announce(&self, _: Positions) {}
    fn counters(&self) {}
}

type TestGate = QueueGate<Taker, Ring>;

/// The client's sync. Returns whether it was executed.
fn sync(gate: &TestGate) -> bool {
    let synced = gate.sync(
        || (),
        |queue, ring| {
            let at = ring.positions();
            let outcome = queue.sync(&NO_SLOTS, at);
            ring.0.handed.store(outcome.at.hwcur.0, SeqCst);
            Ok(())
        },
    );
    synced == Ok(Some(()))
}

/// One of three operations of control on a ring, followed by the check for paused clients.
fn control(gate: &TestGate, act: u32) {
    match act % 3 {
        0 => {
            gate.close(thread::yield_now).defer(true);
            gate.serve_paused_client(thread::yield_now);
            gate.close(thread::yield_now).defer(false);
        }
        1 => {
            gate.close(thread::yield_now).stopping();
            gate.close(thread::yield_now).stopped();
            gate.close(thread::yield_now).started(Policy::Resend);
        }
        _ => {
            let _closed = gate.close(thread::yield_now);
            thread::yield_now();
        }
    }
    gate.serve_paused_client(thread::yield_now);
}

#[test]
fn a_client_that_syncs_once_is_always_served() {
    let ring = Ring::default();
    let gate = Arc::new(TestGate::new(Taker::default(), ring.clone()));
    gate.close(thread::yield_now).started(Policy::Resend);
    let over = Arc::new(AtomicBool::new(false));
    let controller = thread::spawn({
        let (gate, over) = (Arc::clone(&gate), Arc::clone(&over));
        move || {
            let mut act = 0;
            while !over.load(SeqCst) {
                control(&gate, act);
                act += 1;
            }
        }
    });
    let (mut paused, mut head) = (0, 0);
    let end = Instant::now() + Duration::from_secs(60);
    while head < 20_000 || paused < 100 {
        head += 1;
        ring.0.head.store(head, SeqCst);
        paused += u32::from(!sync(&gate));
        // The client waits and does not sync again.
        while ring.0.handed.load(SeqCst) != head {
            assert!(Instant::now() < end, "sync {head} was never executed");
            thread::yield_now();
        }
    }
    over.store(true, SeqCst);
    controller.join().unwrap();
}

#[test]
fn a_ring_that_is_not_available_is_served_the_next_time() {
    let ring = Ring::default();
    let gate = TestGate::new(Taker::default(), ring.clone());
    gate.close(|| ()).started(Policy::Resend);
    let closed = gate.close(|| ());
    ring.0.head.store(3, SeqCst);
    assert!(!sync(&gate));
    drop(closed);
    ring.0.busy.store(true, SeqCst);
    gate.serve_paused_client(|| ());
    assert_eq!(ring.0.handed.load(SeqCst), 0);
    ring.0.busy.store(false, SeqCst);
    gate.serve_paused_client(|| ());
    assert_eq!(ring.0.handed.load(SeqCst), 3);
    // The client must still be woken, until its next sync.
    assert!(gate.is_client_paused());
    assert!(sync(&gate));
    assert!(!gate.is_client_paused());
    // No sync was paused, so none is executed.
    ring.0.head.store(4, SeqCst);
    gate.serve_paused_client(|| ());
    assert_eq!(ring.0.handed.load(SeqCst), 3);
}

#[test]
fn a_sync_during_a_read_of_counters_is_not_lost() {
    let ring = Ring::default();
    let gate = Arc::new(TestGate::new(Taker::default(), ring.clone()));
    gate.close(|| ()).started(Policy::Resend);
    let over = Arc::new(AtomicBool::new(false));
    let reader = thread::spawn({
        let (gate, over) = (Arc::clone(&gate), Arc::clone(&over));
        move || {
            while !over.load(SeqCst) {
                gate.counters();
            }
        }
    });
    for head in 1..=100_000 {
        ring.0.head.store(head, SeqCst);
        // A preempted reader pauses the sync; the next check by control executes it.
        if !sync(&gate) {
            gate.serve_paused_client(thread::yield_now);
        }
        assert_eq!(ring.0.handed.load(SeqCst), head);
    }
    over.store(true, SeqCst);
    reader.join().unwrap();
}

#[test]
fn a_start_drops_the_frames_of_another_client_and_follows_the_policy_for_its_own() {
    let ring = Ring::default();
    let gate = TestGate::new(Taker::default(), ring.clone());
    let start = || gate.close(|| ()).started(Policy::Resend);
    let policy = || gate.sync(|| (), |queue, _| Ok(queue.policy));
    start();
    assert_eq!(policy(), Ok(Some(Some(Policy::Drop))));
    start();
    assert_eq!(policy(), Ok(Some(Some(Policy::Resend))));
    // At this start the ring has no client, so the one at the next start is new.
    ring.0.busy.store(true, SeqCst);
    start();
    assert_eq!(policy(), Ok(None));
    ring.0.busy.store(false, SeqCst);
    start();
    assert_eq!(policy(), Ok(Some(Some(Policy::Drop))));
}
