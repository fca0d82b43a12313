//! The transmitter.

use netmap_core::model::{CompletionModel, TxModel};

use super::codec::{ToSend, Words};
use super::ring::Pace;
use super::writeback::Descriptors;
use super::{BURST, Did, Engine, World};
use crate::error::ModelError;
use crate::registers::{Bits, RegisterFile, RegisterId};
use crate::violations::{RingName, Violation, Violations};

/// Bytes of a CRC.
pub(super) const CRC: u64 = 4;

/// The registers by which the head is written to memory.
#[derive(Debug)]
pub(super) struct HeadWriteback {
    low: RegisterId,
    high: RegisterId,
    enable: Bits,
}

impl HeadWriteback {
    pub(super) fn new(
        model: &TxModel,
        file: &RegisterFile,
    ) -> Result<Option<HeadWriteback>, ModelError> {
        for scheme in model.completions {
            if let CompletionModel::HeadWriteback { low, high, enable } = scheme
                && !file.is_elsewhere(low)
            {
                let low = file.register(low, "head_writeback.low")?;
                return Ok(Some(HeadWriteback {
                    low,
                    high: file.register(high, "head_writeback.high")?,
                    enable: file.bits(low, enable, "head_writeback.enable")?,
                }));
            }
        }
        Ok(None)
    }

    /// The address to which a queue's head is written; `None` if head write-back is off.
    #[inline]
    fn address(&self, queue: u32, file: &RegisterFile) -> Option<u64> {
        let get = |register: RegisterId| file.get(register.at(queue));
        let low = get(self.low);
        (self.enable.get(low) != 0).then(|| get(self.high) << 32 | low & 0xffff_fffc)
    }
}

/// Why the transmitter stopped processing a ring.
enum Stop {
    /// There is no whole frame.
    Dry,
    /// The ring was halted.
    Halted,
}

impl Engine {
    /// Sends a burst from the running rings in turn.
    pub(super) fn transmit_all(&mut self, world: &mut World<'_>, did: &mut Did) {
        let share = (BURST / (self.tx.running.len() as u32).max(1)).max(1);
        for turn in 0..self.tx.running.len() {
            // An invalid ring is halted, which shortens the list.
            let Some(&queue) = self.tx.running.get(turn) else {
                break;
            };
            did.progress |= self.transmit(queue, share, world, did);
        }
    }

    /// Sends frames of a ring, at most `most` descriptors. Returns whether there was work.
    fn transmit(&mut self, queue: u32, most: u32, world: &mut World<'_>, did: &mut Did) -> bool {
        let mut head = self.tx.position(queue, world.file);
        let tail = self.tx.announced(queue, world.file);
        if tail == Some(head) {
            return false;
        }
        let lossy = match self.tx.kick {
            None => false,
            Some(_) if self.tx.rings[queue as usize].pace == Pace::Idle => return false,
            Some(kick) => kick.lossy,
        };
        let Some(ring) = self.tx.descriptors(queue, world.memory, world.violations) else {
            return false;
        };
        let ended = self.tx.rings[queue as usize].pace == Pace::Ending;
        if lossy {
            self.finish(ring, did);
        }
        if ended {
            self.tx.rings[queue as usize].pace = Pace::Idle;
            return true;
        }
        let mut parts = std::mem::take(&mut self.parts);
        let (mut left, mut dry) = (most, false);
        while left > 0 {
            match self.gather(ring, head, tail, &mut parts, world) {
                Ok(next) => head = next,
                Err(stop) => {
                    dry = matches!(stop, Stop::Dry);
                    break;
                }
            }
            if left == most {
                self.check_demands(ring.ring, world);
            }
            self.send_frame(ring.ring, &parts, world);
            self.report(ring, &parts, head, lossy, world, did);
            left = left.saturating_sub(parts.len() as u32);
        }
        self.parts = parts;
        self.tx.set_position(queue, head, world.file);
        let state = &mut self.tx.rings[queue as usize];
        if dry && self.tx.kick.is_some() {
            // A kick is lost only while a completion is still to be reported, because that report makes the driver kick
            // again.
            state.pace = match state.finished.is_empty() {
                true => Pace::Idle,
                false => Pace::Ending,
            };
        }
        left < most || !state.finished.is_empty()
    }

    /// Collects the descriptors of the frame at `head`. Returns where the next frame begins.
    #[inline]
    fn gather(
        &mut self,
        ring: Descriptors<'_>,
        head: u32,
        tail: Option<u32>,
        parts: &mut Vec<ToSend>,
        world: &mut World<'_>,
    ) -> Result<u32, Stop> {
        parts.clear();
        let guard = self.tx_codec.handed.guard();
        let mut at = head;
        loop {
            if Some(at) == tail {
                return Err(Stop::Dry);
            }
            let words = ring.load(at, guard);
            if !self.tx_codec.handed.is_handed_over(words) {
                if !parts.is_empty() {
                    world.violations.push(Violation::FramePart {
                        ring: ring.ring,
                        index: head,
                    });
                }
                return Err(Stop::Dry);
            }
            let part = self.tx_codec.read(words, ring.ring, at, world.violations);
            parts.push(part);
            let next = self.tx.after(ring, at, part.ends, world.violations);
            at = next.ok_or(Stop::Halted)?;
            if part.last {
                return Ok(at);
            }
            if at == head {
                // The whole ring has no end of frame.
                world.violations.push(Violation::FrameDescriptors {
                    ring: ring.ring,
                    index: head,
                    count: parts.len() as u32,
                });
                self.tx.rings[ring.ring.queue as usize].halt();
                return Err(Stop::Halted);
            }
        }
    }

    /// Puts a frame onto the wire, if it is valid.
    #[inline]
    fn send_frame(&mut self, ring: RingName, parts: &[ToSend], world: &mut World<'_>) {
        let total = parts.iter().map(|part| u64::from(part.len)).sum();
        self.check_frame(ring, parts, total, world.violations);
        if total == 0 || total > u64::from(self.frames.sent) {
            return;
        }
        if self.defects.unsendable {
            return;
        }
        let padded = usize::from(self.model.tx.pads_to).max(total as usize);
        let sent = self.sending.push_with(|bytes| {
            let end = bytes.len() + padded;
            for part in parts {
                let buffer = world.memory.find(part.address, part.len as usize);
                buffer.ok_or(part)?.load(bytes);
            }
            bytes.resize(end, 0);
            Ok::<(), &ToSend>(())
        });
        match sent {
            Ok(()) => {
                self.counts.tx_frames += 1;
                self.counts.tx_bytes += padded as u64 + CRC;
            }
            Err(part) => world.violations.push(Violation::DmaOutside {
                ring,
                address: part.address,
                bytes: part.len,
            }),
        }
    }

    /// Records a frame's violations.
    #[inline]
    fn check_frame(
        &self,
        ring: RingName,
        parts: &[ToSend],
        total: u64,
        violations: &mut Violations,
    ) {
        let Some(first) = parts.first() else { return };
        if !(u64::from(self.frames.shortest)..=u64::from(self.frames.sent)).contains(&total) {
            violations.push(Violation::FrameLength {
                ring,
                index: first.index,
                bytes: u32::try_from(total).unwrap_or(u32::MAX),
            });
        }
        if parts.len() > self.frames.slots.max(1) as usize {
            violations.push(Violation::FrameDescriptors {
                ring,
                index: first.index,
                count: parts.len() as u32,
            });
        }
        for (at, part) in parts.iter().enumerate() {
            self.tx_codec.check_total(part, total, ring, violations);
            let place = match (at, part.first) {
                (0, Some(false)) => "the first one",
                (1.., Some(true)) => "not the first one",
                _ => continue,
            };
            violations.push(Violation::FrameMark {
                ring,
                index: part.index,
                place,
            });
        }
    }

    /// Reports that a frame was sent, as registers and descriptors request.
    #[inline]
    fn report(
        &mut self,
        ring: Descriptors<'_>,
        parts: &[ToSend],
        head: u32,
        lossy: bool,
        world: &mut World<'_>,
        did: &mut Did,
    ) {
        let queue = ring.ring.queue;
        if !parts.iter().any(|part| part.reports) {
            return;
        }
        let word = self
            .head_writeback
            .as_ref()
            .and_then(|registers| registers.address(queue, world.file));
        if let Some(address) = word {
            did.tx |= 1 << (queue % 128);
            if world.memory.find(address, 4).is_none() {
                world.violations.push(Violation::DmaOutside {
                    ring: ring.ring,
                    address,
                    bytes: 4,
                });
                return;
            }
            let head = self.defects.head.unwrap_or(head);
            self.back
                .put_head(address, head, world.memory, &self.defects);
            return;
        }
        for part in parts.iter().filter(|part| part.reports) {
            if lossy {
                let finished = &mut self.tx.rings[queue as usize].finished;
                finished.push((part.index, part.words));
            } else {
                self.write_back(ring, part.index, part.words, did);
            }
        }
    }

    /// Writes back the descriptors that the last burst has completed.
    fn finish(&mut self, ring: Descriptors<'_>, did: &mut Did) {
        let queue = ring.ring.queue as usize;
        let mut finished = std::mem::take(&mut self.tx.rings[queue].finished);
        for (index, words) in finished.drain(..) {
            self.write_back(ring, index, words, did);
        }
        self.tx.rings[queue].finished = finished;
    }

    #[inline]
    fn write_back(&mut self, ring: Descriptors<'_>, index: u32, words: Words, did: &mut Did) {
        did.tx |= 1 << (ring.ring.queue % 128);
        if let Some((done, touches)) =
            self.tx_codec
                .done(words, self.noise.next(), !self.defects.unsendable)
        {
            self.back.put(ring, index, done, touches, &self.defects);
        }
    }
}
