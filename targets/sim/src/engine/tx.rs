//! The transmitter.

use std::sync::atomic::Ordering::Relaxed;

use netmap_core::model::TxModel;

use super::ring::DESCRIPTOR;
use super::{BURST, Did, Engine, World};
use crate::violations::Violation;

/// Bytes of a CRC.
pub(super) const CRC: u64 = 4;

/// What the transmitter takes, in bytes without CRC.
#[derive(Debug)]
pub(super) struct FrameLimits {
    shortest: u32,
    longest: u32,
    pads_to: usize,
}

impl FrameLimits {
    pub(super) fn new(model: &TxModel) -> FrameLimits {
        FrameLimits {
            shortest: model.shortest.into(),
            longest: model.longest,
            pads_to: model.pads_to.into(),
        }
    }
}

impl Engine {
    /// A burst from the running rings, each in its turn.
    pub(super) fn transmit_all(&mut self, world: &mut World<'_>, did: &mut Did) {
        let share = (BURST / (self.tx.running.len() as u32).max(1)).max(1);
        for turn in 0..self.tx.running.len() {
            let queue = self.tx.running[turn];
            did.progress |= self.transmit(queue, share, world, did);
        }
    }

    /// Sends what is between head and tail of a ring, `most` frames at most; whether there was any.
    fn transmit(&mut self, queue: u32, most: u32, world: &mut World<'_>, did: &mut Did) -> bool {
        let mut head = world.file.get(self.tx.head(queue)) as u32;
        let tail = world.file.get(self.tx.tail(queue)) as u32;
        if head == tail {
            return false;
        }
        let ring = &self.tx.rings[queue as usize];
        let (Some((base, slots)), name) = (ring.runs(), ring.name) else {
            return false;
        };
        self.check_demands(name, world);
        let bytes = u64::from(slots) * DESCRIPTOR;
        let Some(words) = world
            .memory
            .find(base, bytes as usize)
            .and_then(|found| found.words())
        else {
            world.violations.push(Violation::DmaOutside {
                ring: name,
                address: base,
                bytes: bytes as u32,
            });
            self.tx.rings[queue as usize].halt();
            return false;
        };
        let mut left = most;
        while head != tail && left > 0 {
            let at = head as usize * 2;
            let descriptor = [words[at].load(Relaxed), words[at + 1].load(Relaxed)];
            let to_send = self.tx_codec.read(descriptor, name, head, world.violations);
            if !(self.frame.shortest..=self.frame.longest).contains(&to_send.len) {
                world.violations.push(Violation::FrameLength {
                    ring: name,
                    index: head,
                    bytes: to_send.len,
                });
            }
            if to_send.len > 0 && to_send.len <= self.frame.longest {
                match world.memory.find(to_send.address, to_send.len as usize) {
                    Some(buffer) => {
                        let padded = self.frame.pads_to.max(to_send.len as usize);
                        self.sending.push_with(|bytes| {
                            let end = bytes.len() + padded;
                            buffer.load(bytes);
                            bytes.resize(end, 0);
                        });
                        self.counts.tx_frames += 1;
                        self.counts.tx_bytes += padded as u64 + CRC;
                    }
                    None => world.violations.push(Violation::DmaOutside {
                        ring: name,
                        address: to_send.address,
                        bytes: to_send.len,
                    }),
                }
            }
            if let Some(done) = to_send.done {
                let touches = self.tx_codec.touches();
                self.back
                    .put(words, base, head, done, touches, &self.defects);
                did.tx |= 1 << (queue % 64);
            }
            head = if head + 1 == slots { 0 } else { head + 1 };
            left -= 1;
        }
        world.file.set(self.tx.head(queue), u64::from(head));
        true
    }
}
