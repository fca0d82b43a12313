//! What waiting threads do for the transmit queues of their port, for every NIC, and for each other.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, mpsc};
use std::thread;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, DmaAddr, DmaError, Doorbell, PciIdentity};
use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_sim::SimDma;

use super::*;
use crate::bus::sim::SimNic;
use crate::{Region, Result};

/// A device whose registers all have the same value: all causes, or none.
#[derive(Clone, Default)]
struct Alike {
    reads: u64,
    line: Arc<Line>,
    doorbell: Option<Doorbell>,
    /// Writes to that doorbell.
    rung: Arc<AtomicU32>,
}

/// The interrupts of a device, as bits.
#[derive(Default)]
struct Line {
    pending: Mutex<u64>,
    raised: Condvar,
}

impl Line {
    fn raise(&self, vectors: u64) {
        *lock(&self.pending) |= vectors;
        self.raised.notify_all();
    }
}

impl Alike {
    fn wrote(&self, at: RegOffset) {
        let is_doorbell = match self.doorbell {
            Some(Doorbell::Index { at: doorbell, .. } | Doorbell::Kick { at: doorbell, .. }) => {
                at == doorbell
            }
            _ => false,
        };
        self.rung.fetch_add(u32::from(is_doorbell), Relaxed);
    }
}

impl Bus for Alike {
    type Dma = SimDma;

    fn read8(&self, _: RegOffset) -> u8 {
        self.reads as u8
    }
    fn read16(&self, _: RegOffset) -> u16 {
        self.reads as u16
    }
    fn read32(&self, _: RegOffset) -> u32 {
        self.reads as u32
    }
    fn read64(&self, _: RegOffset) -> u64 {
        self.reads
    }
    fn write8(&self, at: RegOffset, _: u8) {
        self.wrote(at);
    }
    fn write16(&self, at: RegOffset, _: u16) {
        self.wrote(at);
    }
    fn write32(&self, at: RegOffset, _: u32) {
        self.wrote(at);
    }
    fn write64(&self, at: RegOffset, _: u64) {
        self.wrote(at);
    }
    fn publish(&self) {}
    fn observe(&self) {}
    fn delay(&self, _: Duration) {}
    fn sleep(&self, _: Duration) {}

    fn dma_alloc(&self, bytes: usize, align: usize, _: u32) -> Result<SimDma, DmaError> {
        Err(DmaError { bytes, align })
    }
}

impl UserBus for Alike {
    fn attach(&self, _: &Arc<Region>) -> Result<DmaAddr> {
        Ok(DmaAddr(0))
    }
    fn detach(&self) {}
    fn pci(&self) -> PciIdentity {
        unreachable!("interrupts are those of a device that is known")
    }
    fn set_message_count(&self, count: u32) -> bool {
        count == 0
    }
    fn wait_interrupt(&self, timeout: Duration) -> u64 {
        let pending = lock(&self.line.pending);
        let raised = &self.line.raised;
        let (mut pending, _) = raised
            .wait_timeout_while(pending, timeout, |pending| *pending == 0)
            .unwrap();
        std::mem::take(&mut *pending)
    }
}

/// A wait on a port with a transmit queue. A visit returns the number of doorbell writes, and whether the NIC loses
/// kicks.
#[derive(Clone, Copy)]
struct Event {
    reads: u64,
    interrupts: bool,
    /// The device runs.
    runs: bool,
    /// A thread waits; otherwise the reports of the link are discarded.
    waits: bool,
}

const SENT: Event = Event {
    reads: u64::MAX,
    interrupts: true,
    runs: true,
    waits: true,
};

impl Visitor for Event {
    type Output = (u32, bool);

    fn visit<D: Modelled>(self) -> (u32, bool) {
        let nic = SimNic::new::<D>().unwrap();
        let driver = D::detect(&nic, &nic.pci()).unwrap();
        let doorbell = D::tx_doorbell(0);
        let bus = Alike {
            reads: self.reads,
            line: Arc::default(),
            doorbell,
            rung: Arc::default(),
        };
        bus.line.raise(self.interrupts.into());
        let interrupts = Interrupts::new(Handlers::new(driver, 1, 0), bus.clone());
        interrupts.handlers.set_listening(self.runs);
        if self.waits {
            interrupts.wait(0, 0, Duration::ZERO);
        } else {
            interrupts.forget_link();
        }
        let loses = matches!(doorbell, Some(Doorbell::Kick { again: true, .. }));
        (bus.rung.load(Relaxed), loses)
    }
}

/// Asserts the number of kicks for NICs that lose kicks, and that others are not kicked.
fn assert_kicked(times: u32, event: Event) {
    let all = NAMES.iter().map(|name| by_name(name, event).unwrap());
    let (losing, others): (Vec<_>, Vec<_>) = all.partition(|(_, loses)| *loses);
    assert!(!losing.is_empty() && !others.is_empty());
    assert!(losing.iter().all(|(rung, _)| *rung == times), "{losing:?}");
    assert!(others.iter().all(|(rung, _)| *rung == 0), "{others:?}");
}

#[test]
fn an_interrupt_for_sent_frames_repeats_the_kick() {
    assert_kicked(1, SENT);
}

#[test]
fn an_interrupt_without_causes_repeats_no_kick() {
    assert_kicked(0, Event { reads: 0, ..SENT });
}

#[test]
fn a_missing_interrupt_repeats_the_kick() {
    let lost = Event {
        reads: 0,
        interrupts: false,
        ..SENT
    };
    assert_kicked(1, lost);
}

#[test]
fn causes_discarded_with_the_link_repeat_the_kick() {
    let forgotten = Event {
        waits: false,
        ..SENT
    };
    assert_kicked(1, forgotten);
}

#[test]
fn queues_that_do_not_run_are_not_kicked() {
    for (interrupts, waits) in [(true, true), (false, true), (true, false)] {
        let stopped = Event {
            interrupts,
            waits,
            runs: false,
            ..SENT
        };
        assert_kicked(0, stopped);
    }
}

const LONG: Duration = Duration::from_secs(20);

impl<D, B> Interrupts<D, B> {
    /// Returns once `count` threads wait.
    fn await_waiting(&self, count: usize) {
        let since = Instant::now();
        loop {
            let state = lock(&self.state);
            if usize::from(state.led) + state.followers == count {
                return;
            }
            drop(state);
            assert!(since.elapsed() < LONG, "a thread does not wait");
            thread::yield_now();
        }
    }
}

/// Threads that wait for the queues of a port with `vectors` vectors for queues. No wait ends by itself.
struct Waiting {
    line: Arc<Line>,
    wait: Box<dyn Fn(u32) -> Woken + Send + Sync>,
    /// Returns once so many threads wait.
    await_waiting: Box<dyn Fn(usize)>,
    ended: mpsc::Receiver<(u32, Woken)>,
    end: mpsc::Sender<(u32, Woken)>,
}

struct WaitFor {
    vectors: u32,
}

impl Visitor for WaitFor {
    type Output = Waiting;

    fn visit<D: Modelled>(self) -> Waiting {
        let nic = SimNic::new::<D>().unwrap();
        let bus = Alike::default();
        let driver = D::detect(&nic, &nic.pci()).unwrap();
        let handlers = Handlers::new(driver, 4, self.vectors);
        let mut interrupts = Interrupts::new(handlers, bus.clone());
        interrupts.longest = 100 * LONG;
        let interrupts = Arc::new(interrupts);
        let waiting = Arc::clone(&interrupts);
        let (end, ended) = mpsc::channel();
        Waiting {
            line: bus.line,
            wait: Box::new(move |queue| {
                let seen = interrupts.count(queue);
                interrupts.wait(queue, seen, 1000 * LONG)
            }),
            await_waiting: Box::new(move |count| waiting.await_waiting(count)),
            ended,
            end,
        }
    }
}

/// Runs `test` with waiting threads that it starts, one after the other, for the queues that it names.
fn with_waiting(vectors: u32, queues: &[u32], test: impl Fn(&Line, &dyn Fn() -> u32)) {
    let waiting = by_name(NAMES[0], WaitFor { vectors }).unwrap();
    let Waiting {
        line,
        wait,
        await_waiting,
        ended,
        end,
    } = waiting;
    let wait = Arc::new(wait);
    for (others, &queue) in queues.iter().enumerate() {
        let (wait, end) = (Arc::clone(&wait), end.clone());
        // Not scoped: a thread that nobody wakes must not keep the test from failing.
        thread::spawn(move || {
            let woken = wait(queue);
            let _ = end.send((queue, woken));
        });
        await_waiting(others + 1);
    }
    let next = || {
        let (queue, woken) = ended.recv_timeout(LONG).expect("a thread is not woken");
        assert_eq!(woken, Woken::Reported, "queue {queue}");
        queue
    };
    test(&line, &next);
}

#[test]
fn one_interrupt_wakes_every_thread_that_waits_for_its_vector() {
    for vectors in [0, 1] {
        with_waiting(vectors, &[0, 1, 2, 3], |line, next| {
            line.raise(1);
            let mut woken: Vec<_> = (0..4).map(|_| next()).collect();
            woken.sort_unstable();
            assert_eq!(woken, [0, 1, 2, 3]);
        });
    }
}

#[test]
fn an_interrupt_wakes_a_thread_while_another_waits_for_the_device() {
    for (leader, follower) in [(0, 1), (1, 0), (2, 1), (0, 3)] {
        // Queues share vectors if there are fewer of these.
        for vectors in [4, 3, 2]
            .into_iter()
            .filter(|vectors| leader % vectors != follower % vectors)
        {
            with_waiting(vectors, &[leader, follower], |line, next| {
                line.raise(1 << (follower % vectors));
                assert_eq!(next(), follower);
                line.raise(1 << (leader % vectors));
                assert_eq!(next(), leader);
            });
        }
    }
}

/// A port that discards reports of the link has at that time no thread that waits for the device.
#[test]
fn messages_of_queues_that_arrive_while_the_link_is_discarded_are_counted() {
    struct Discarded;
    impl Visitor for Discarded {
        type Output = [u64; 4];
        fn visit<D: Modelled>(self) -> [u64; 4] {
            let nic = SimNic::new::<D>().unwrap();
            let bus = Alike::default();
            let driver = D::detect(&nic, &nic.pci()).unwrap();
            let interrupts = Interrupts::new(Handlers::new(driver, 4, 4), bus.clone());
            for vectors in [0b01, 0b10, 0b1_0000, 0b1_1010] {
                bus.line.raise(vectors);
                interrupts.forget_link();
            }
            [0, 1, 2, 3].map(|queue| interrupts.count(queue))
        }
    }
    for name in NAMES {
        assert_eq!(by_name(name, Discarded), Some([1, 2, 0, 1]), "{name}");
    }
}

#[test]
fn a_thread_that_no_longer_waits_for_the_device_wakes_the_others() {
    for (leader, follower) in [(0, 1), (1, 0), (3, 2)] {
        with_waiting(4, &[leader, follower], |line, next| {
            line.raise(1 << leader);
            let mut woken = [next(), next()];
            woken.sort_unstable();
            let mut both = [leader, follower];
            both.sort_unstable();
            assert_eq!(woken, both);
        });
    }
}

#[test]
fn a_wait_says_whether_it_found_its_end_by_itself() {
    struct Alone;
    impl Visitor for Alone {
        type Output = [Woken; 3];
        fn visit<D: Modelled>(self) -> [Woken; 3] {
            let nic = SimNic::new::<D>().unwrap();
            let bus = Alike::default();
            let driver = D::detect(&nic, &nic.pci()).unwrap();
            let interrupts = Interrupts::new(Handlers::new(driver, 1, 0), bus.clone());
            let short = interrupts.wait(0, 0, LONGEST / 2);
            let long = interrupts.wait(0, 0, LONG);
            bus.line.raise(1);
            [short, long, interrupts.wait(0, 0, LONG)]
        }
    }
    let woken = by_name(NAMES[0], Alone).unwrap();
    assert_eq!(woken, [Woken::TimedOut, Woken::Late, Woken::Reported]);
}

/// The time is over while the thread that waits for the device counts the interrupt.
#[test]
fn an_interrupt_at_the_end_of_a_wait_is_reported() {
    struct AtTheEnd;
    impl Visitor for AtTheEnd {
        type Output = Woken;
        fn visit<D: Modelled>(self) -> Woken {
            const WAIT: Duration = Duration::from_millis(100);
            let nic = SimNic::new::<D>().unwrap();
            let bus = Alike::default();
            let driver = D::detect(&nic, &nic.pci()).unwrap();
            let mut interrupts = Interrupts::new(Handlers::new(driver, 1, 0), bus);
            interrupts.longest = LONG;
            lock(&interrupts.state).led = true;
            thread::scope(|scope| {
                let follower = scope.spawn(|| interrupts.wait(0, 0, WAIT));
                interrupts.await_waiting(2);
                let mut state = lock(&interrupts.state);
                thread::sleep(2 * WAIT);
                state.counts[0] += 1;
                drop(state);
                follower.join().unwrap()
            })
        }
    }
    assert_eq!(by_name(NAMES[0], AtTheEnd), Some(Woken::Reported));
}
