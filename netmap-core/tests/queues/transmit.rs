//! The transmit queue.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;

use crate::device::{Device, Format, Ring, SETUP, TestBus, pool};
use netmap_core::abi::{NS_BUF_CHANGED, NS_INDIRECT, NS_MOREFRAG, NS_REPORT};
use netmap_core::{
    BufIdx, Bus, Kring, LinearPool, NmIdx, Policy, Positions, Progress, SyncError, TxQueue,
};
use proptest::prelude::*;

struct Port {
    queue: TxQueue<Format, TestBus>,
    kring: Kring<Ring>,
    pool: LinearPool,
    device: Device,
    /// Frames handed over by the client, as (slot's buffer, length), oldest first.
    expected: VecDeque<(BufIdx, u16)>,
    next_len: u16,
}

impl Port {
    fn new(slots: u32) -> Port {
        let bus = TestBus::default();
        let ring = bus.dma_alloc(slots as usize * 16 + 64, 16, 64).unwrap();
        let device = Device::new(ring.clone(), bus.clone(), slots);
        let pool = pool(slots);
        let mut queue = TxQueue::new(bus, SETUP, ring, slots).unwrap();
        let idle = queue.idle();
        let kring = Kring::new(Ring::new(slots), idle);
        queue.restart(&kring.client(&pool), idle, Policy::Resend);
        Port {
            queue,
            kring,
            pool,
            device,
            expected: VecDeque::new(),
            next_len: 60,
        }
    }

    fn ring(&self) -> &Ring {
        self.kring.ring()
    }

    fn sync(&mut self) -> Result<Progress, SyncError> {
        self.kring
            .sync(&self.pool, |client, at| self.queue.sync(client, at))
    }

    /// The client fills `count` slots, or all that it owns.
    fn fill(&mut self, count: u32, flags: u16) -> u32 {
        let count = count.min(self.ring().space());
        let (slots, mut head) = (self.ring().slots.len() as u32, self.ring().head());
        for _ in 0..count {
            let len = self.next_len;
            self.next_len = if len >= 1500 { 60 } else { len + 1 };
            let slot = &self.ring().slots[head as usize];
            slot.set_len_flags(len, flags);
            let buffer = slot.buffer();
            self.expected.push_back((buffer, len));
            head = (head + 1) % slots;
        }
        self.ring().set(head, head);
        count
    }

    /// The device sends up to `count` frames; asserts that they are the expected ones.
    fn send(&mut self, count: u32) -> u32 {
        for sent in 0..count {
            match self.device.send() {
                Some(frame) => assert_eq!(Some(frame), self.expected.pop_front()),
                None => return sent,
            }
        }
        count
    }

    /// Frames that the queue has reclaimed since its tail was at `before`.
    fn reclaimed(&self, before: NmIdx) -> usize {
        let now = self.kring.positions().hwtail;
        self.queue.geometry().distance(before, now) as usize
    }

    fn reset(&mut self, policy: Policy) -> Result<(), SyncError> {
        let settled = self.queue.settle(self.kring.positions());
        self.device.head = 0;
        let outcome = self
            .queue
            .restart(&self.kring.client(&self.pool), settled, policy);
        self.kring.restarted(outcome.at);
        outcome.fault.map_or(Ok(()), Err)
    }
}

#[test]
fn every_slot_comes_back_without_a_request() {
    for slots in 2..=9 {
        for batch in 1..slots {
            let mut port = Port::new(slots);
            for _ in 0..3 * slots {
                let filled = port.fill(batch, 0);
                port.sync().unwrap();
                port.send(filled);
                port.sync().unwrap();
                assert_eq!(
                    port.ring().space(),
                    slots - 1,
                    "{slots} slots, batches of {batch}"
                );
            }
        }
    }
}

#[test]
fn half_of_a_long_batch_comes_back_before_the_rest_is_sent() {
    for slots in [4, 16, 64] {
        let mut port = Port::new(slots);
        port.fill(slots - 1, 0);
        port.sync().unwrap();
        assert_eq!(port.send(slots / 2), slots / 2);
        port.sync().unwrap();
        assert_eq!(port.ring().space(), slots / 2, "of {slots}");
    }
}

#[test]
fn a_requested_report_returns_slots_in_the_middle_of_a_batch() {
    let mut port = Port::new(64);
    port.fill(3, 0);
    port.fill(1, NS_REPORT);
    port.fill(10, 0);
    port.sync().unwrap();
    port.send(4);
    assert_eq!(
        port.sync(),
        Ok(Progress::Synced {
            handed: 0,
            returned: 4
        })
    );
}

#[test]
fn a_later_report_does_not_count_before_an_earlier_one() {
    let mut port = Port::new(16);
    for _ in 0..2 {
        port.fill(2, 0);
        port.sync().unwrap();
    }
    let last = port.device.word(3, 1);
    last.store(last.load(Relaxed) | crate::device::DONE, Relaxed);
    assert_eq!(
        port.sync(),
        Ok(Progress::Synced {
            handed: 0,
            returned: 0
        })
    );
    port.send(2);
    assert_eq!(
        port.sync(),
        Ok(Progress::Synced {
            handed: 0,
            returned: 4
        })
    );
}

#[test]
fn flags_are_cleared_once_the_batch_is_accepted() {
    let mut port = Port::new(16);
    port.fill(5, NS_BUF_CHANGED | NS_REPORT);
    port.sync().unwrap();
    assert!(
        port.ring().slots[..5]
            .iter()
            .all(|slot| slot.len_flags().1 == 0)
    );
}

type InvalidBatch = (fn(&Ring), SyncError);

#[test]
fn an_invalid_batch_is_refused_whole_every_time_and_the_next_valid_one_works() {
    let batches: [InvalidBatch; 9] = [
        (
            |ring| ring.slots[6].set_buffer(BufIdx(0)),
            SyncError::BufferOutOfRange { slot: 6, buffer: 0 },
        ),
        (
            |ring| ring.slots[6].set_buffer(BufIdx(1)),
            SyncError::BufferOutOfRange { slot: 6, buffer: 1 },
        ),
        (
            |ring| ring.slots[6].set_buffer(BufIdx(18)),
            SyncError::BufferOutOfRange {
                slot: 6,
                buffer: 18,
            },
        ),
        (
            |ring| ring.slots[6].set_len_flags(16, 0),
            SyncError::LengthOutOfRange {
                slot: 6,
                len: 16,
                min: 17,
                max: 2048,
            },
        ),
        (
            |ring| ring.slots[6].set_len_flags(2049, 0),
            SyncError::LengthOutOfRange {
                slot: 6,
                len: 2049,
                min: 17,
                max: 2048,
            },
        ),
        (
            |ring| ring.slots[6].set_len_flags(60, NS_MOREFRAG),
            SyncError::TooManySlots { slot: 6, max: 1 },
        ),
        (
            |ring| ring.slots[6].set_len_flags(60, NS_INDIRECT),
            SyncError::FlagNotSupported {
                slot: 6,
                flags: NS_INDIRECT,
            },
        ),
        (
            |ring| ring.set(16, 16),
            SyncError::HeadOutOfRange {
                head: 16,
                hwcur: 3,
                hwtail: 15,
            },
        ),
        (
            |ring| ring.set(2, 2),
            SyncError::HeadOutOfRange {
                head: 2,
                hwcur: 3,
                hwtail: 15,
            },
        ),
    ];
    for (apply, error) in batches {
        let mut port = Port::new(16);
        port.fill(3, 0);
        port.sync().unwrap();
        let (before, rung) = (port.kring.positions(), port.device.tail());
        for _ in 0..3 {
            for slot in &port.ring().slots[3..] {
                slot.set_len_flags(60, NS_REPORT);
            }
            port.ring().set(8, 9);
            apply(port.ring());
            assert_eq!(port.sync(), Err(error));
            assert_eq!(
                (port.ring().head(), port.ring().cur(), port.ring().tail()),
                (3, 3, 15)
            );
            assert_eq!(
                port.kring.positions(),
                Positions {
                    head: before.hwcur,
                    ..before
                }
            );
            assert_eq!(port.device.tail(), rung, "the batch reached the NIC");
            // Each error is corrected before the next one.
            port.ring().slots[6].set_buffer(BufIdx(8));
        }
        // With no head moved there is nothing to refuse.
        assert_eq!(
            port.sync(),
            Ok(Progress::Synced {
                handed: 0,
                returned: 0
            })
        );
        let filled = port.fill(5, 0);
        port.sync().unwrap();
        assert_eq!(port.send(3 + filled), 8);
        assert_eq!(
            port.sync(),
            Ok(Progress::Synced {
                handed: 0,
                returned: 8
            })
        );
    }
}

#[test]
fn a_client_that_rewrites_the_number_of_slots_changes_nothing() {
    for value in [0, 1, 15, 17, u32::MAX] {
        let bus = TestBus::default();
        let memory = bus.dma_alloc(16 * 16 + 64, 16, 64).unwrap();
        let mut queue = TxQueue::<Format, _>::new(bus, SETUP, memory, 16).unwrap();
        let pool = pool(16);
        let ring = Ring::new(16);
        ring.header.num_slots.store(value, Relaxed);
        ring.slots.iter().for_each(|slot| slot.set_len_flags(60, 0));
        let mut kring = Kring::new(ring, queue.idle());
        let mut sync = |head, cur| {
            kring.ring().set(head, cur);
            kring.sync(&pool, |client, at| queue.sync(client, at))
        };
        assert_eq!(
            sync(3, 4),
            Ok(Progress::Synced {
                handed: 3,
                returned: 0
            })
        );
        assert_eq!(
            sync(2, 2),
            Err(SyncError::HeadOutOfRange {
                head: 2,
                hwcur: 3,
                hwtail: 15
            })
        );
        assert_eq!(
            sync(16, 16),
            Err(SyncError::HeadOutOfRange {
                head: 16,
                hwcur: 3,
                hwtail: 15
            })
        );
        assert_eq!(
            sync(5, 4),
            Err(SyncError::CurOutOfRange {
                cur: 4,
                head: 5,
                tail: 15
            })
        );
        assert_eq!(
            sync(5, 16),
            Err(SyncError::CurOutOfRange {
                cur: 16,
                head: 5,
                tail: 15
            })
        );
    }
}

#[test]
fn a_cur_outside_head_and_tail_is_refused_and_set_back() {
    let mut port = Port::new(16);
    // The second head is unchanged, so that only cur has to be set back.
    for (head, cur) in [(4, 3), (0, 16)] {
        port.ring().set(head, cur);
        assert_eq!(
            port.sync(),
            Err(SyncError::CurOutOfRange {
                cur,
                head,
                tail: 15
            })
        );
        assert_eq!(
            (port.ring().head(), port.ring().cur(), port.ring().tail()),
            (0, 0, 15)
        );
        port.sync().unwrap();
    }
}

#[test]
fn a_reset_resends_outstanding_frames_at_every_offset() {
    for slots in 2..=6 {
        for before in 0..2 * slots {
            for outstanding in 0..slots {
                let mut port = Port::new(slots);
                for _ in 0..before {
                    port.fill(1, 0);
                    port.sync().unwrap();
                    port.send(1);
                    port.sync().unwrap();
                }
                port.fill(outstanding, 0);
                port.sync().unwrap();
                let client = (port.ring().head(), port.ring().cur(), port.ring().tail());
                port.reset(Policy::Resend).unwrap();
                assert_eq!(
                    (port.ring().head(), port.ring().cur(), port.ring().tail()),
                    client
                );
                assert_eq!(port.send(slots), outstanding);
                port.sync().unwrap();
                assert_eq!(port.ring().space(), slots - 1);
            }
        }
    }
}

#[test]
fn a_reset_under_policy_drop_counts_dropped_frames() {
    let mut port = Port::new(8);
    port.fill(5, 0);
    port.sync().unwrap();
    port.send(2);
    let client = (port.ring().head(), port.ring().cur(), port.ring().tail());
    port.reset(Policy::Drop).unwrap();
    assert_eq!(
        (port.ring().head(), port.ring().cur(), port.ring().tail()),
        client
    );
    port.sync().unwrap();
    assert_eq!(port.ring().space(), 7);
    assert_eq!(port.queue.counters().dropped, 5);
    port.expected.clear();
    port.fill(7, 0);
    port.sync().unwrap();
    assert_eq!(port.send(8), 7);
}

#[test]
fn outstanding_slots_that_a_client_changed_are_dropped_at_a_reset() {
    let mut port = Port::new(8);
    port.fill(5, 0);
    port.sync().unwrap();
    port.ring().slots[2].set_buffer(BufIdx(99));
    assert_eq!(
        port.reset(Policy::Resend),
        Err(SyncError::BufferOutOfRange {
            slot: 2,
            buffer: 99
        })
    );
    assert_eq!(port.send(8), 0);
    assert_eq!(port.queue.counters().dropped, 5);
    port.sync().unwrap();
    assert_eq!(port.ring().space(), 7);
}

#[derive(Debug, Clone)]
enum Step {
    Fill(u32, bool),
    Sync,
    Send(u32),
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..40u32, any::<bool>()).prop_map(|(count, report)| Step::Fill(count, report)),
        4 => Just(Step::Sync),
        3 => (1..40u32).prop_map(Step::Send),
        1 => Just(Step::Reset),
    ]
}

proptest! {
    #[test]
    fn frames_are_sent_in_order_and_none_is_lost(slots in 2..40u32, steps in prop::collection::vec(step(), 1..120)) {
        let mut port = Port::new(slots);
        // Frames sent since the last reclaim: a reset may send them again.
        let mut unreported: Vec<(BufIdx, u16)> = Vec::new();
        for step in steps {
            match step {
                Step::Fill(count, report) => {
                    port.fill(count, if report { NS_REPORT } else { 0 });
                }
                Step::Sync => {
                    let before = port.kring.positions().hwtail;
                    port.sync().unwrap();
                    unreported.drain(..port.reclaimed(before));
                }
                Step::Send(count) => {
                    for _ in 0..count {
                        let Some(frame) = port.device.send() else { break };
                        prop_assert_eq!(Some(frame), port.expected.pop_front());
                        unreported.push(frame);
                    }
                }
                Step::Reset => {
                    let client = (port.ring().head(), port.ring().cur(), port.ring().tail());
                    let before = port.kring.positions().hwtail;
                    port.reset(Policy::Resend).unwrap();
                    prop_assert_eq!((port.ring().head(), port.ring().cur(), port.ring().tail()), client);
                    unreported.drain(..port.reclaimed(before));
                    for frame in unreported.drain(..).rev() {
                        port.expected.push_front(frame);
                    }
                }
            }
        }
        port.sync().unwrap();
        port.send(slots);
        port.sync().unwrap();
        prop_assert!(port.expected.is_empty());
        prop_assert_eq!(port.ring().space(), slots - 1);
    }
}
