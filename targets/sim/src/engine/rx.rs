//! The receiver.

use super::codec::Received;
use super::filter::Kind;
use super::ring::Ring;
use super::tx::CRC;
use super::writeback::Descriptors;
use super::{BURST, Did, Engine, World};
use crate::crc;
use crate::defect::Bad;
use crate::violations::Violation;

/// The outcome for a received frame.
enum Fate {
    Received,
    /// The frame was lost and counted.
    Lost,
    /// No descriptor is free.
    Full,
    /// The ring does not run.
    Off,
}

/// The octets of a VLAN tag.
const TAG: std::ops::Range<usize> = 12..16;

impl Engine {
    /// A burst from the wire into the rings.
    pub(super) fn receive_all(&mut self, world: &mut World<'_>, link: bool, did: &mut Did) {
        let mut arrived = std::mem::take(&mut self.arrived);
        self.rx_waits = false;
        for _ in 0..BURST {
            let Some(frame) = arrived.front() else { break };
            // A disabled receiver does not filter: on a lossless wire the frame waits. So does a frame for a receiver
            // whose filter is not yet written.
            let off = !link || self.rx.running.is_empty() || self.filter.accepts_nothing();
            let kind = match off {
                true => None,
                false => self.filter.kind(frame, world.file),
            };
            let fate = match kind {
                _ if off => Fate::Off,
                None => {
                    self.counts.rx_filtered += 1;
                    Fate::Lost
                }
                Some(kind) => self.take(frame, kind, world, did),
            };
            match fate {
                Fate::Received | Fate::Lost => {}
                Fate::Full | Fate::Off if self.lossless() => {
                    self.rx_waits = true;
                    break;
                }
                Fate::Full => {
                    let queue = self.queue_of(frame);
                    self.counts.rx_missed += 1;
                    self.counts.rx_dropped += u64::from(self.filter.drops(queue, world.file));
                }
                Fate::Off => self.counts.rx_unheard += 1,
            }
            did.progress = true;
            arrived.pop();
        }
        self.arrived = arrived;
    }

    /// Receives and counts a frame that passed the filter.
    fn take(&mut self, frame: &[u8], kind: Kind, world: &mut World<'_>, did: &mut Did) -> Fate {
        let bytes = frame.len() as u64 + CRC;
        if self.filter.is_too_long(frame, bytes) {
            self.counts.rx_length_errors += 1;
            return Fate::Lost;
        }
        if self.defects.bad == Some(Bad::Overrun) {
            self.counts.rx_overruns += 1;
            return Fate::Lost;
        }
        let fate = self.receive(frame, world, did);
        if let Fate::Received = fate {
            match (self.defects.bad, kind) {
                (Some(Bad::Length), _) => self.counts.rx_length_errors += 1,
                (Some(_), _) => self.counts.rx_crc_errors += 1,
                (None, kind) => {
                    self.counts.rx_frames += 1;
                    self.counts.rx_bytes += bytes;
                    match kind {
                        Kind::Broadcast => self.counts.rx_broadcast += 1,
                        Kind::Multicast => self.counts.rx_multicast += 1,
                        Kind::Unicast => {}
                    }
                }
            }
        }
        fate
    }

    /// The queue of a received frame.
    fn queue_of(&self, frame: &[u8]) -> u32 {
        let hashed = || self.rss.as_ref().map_or(0, |rss| rss.queue(frame));
        self.defects.receives_on.unwrap_or_else(hashed)
    }

    /// Writes a frame into as many buffers as it needs.
    fn receive(&mut self, frame: &[u8], world: &mut World<'_>, did: &mut Did) -> Fate {
        let queue = self.queue_of(frame);
        let running = |engine: &Engine| engine.rx.rings.get(queue as usize).and_then(Ring::runs);
        let Some((_, slots)) = running(self) else {
            return Fate::Off;
        };
        let tagged = frame.get(TAG).is_some_and(|tag| tag[..2] == [0x81, 0x00]);
        let untag = tagged && self.filter.strips_vlan(queue, world.file);
        let strip = self.filter.strips_crc(queue, world.file);
        let len = frame.len() - if untag { TAG.len() } else { 0 } + if strip { 0 } else { 4 };
        let needed = len.div_ceil(self.buffer) as u32;
        let head = self.rx.position(queue, world.file);
        if let Some(tail) = self.rx.announced(queue, world.file) {
            let free = match tail >= head {
                true => tail - head,
                false => tail + slots - head,
            };
            if needed > free {
                return Fate::Full;
            }
        }
        let Some(ring) = self.rx.descriptors(queue, world.memory, world.violations) else {
            return Fate::Off;
        };
        if !self.has_room(ring, head, needed, world) {
            return match running(self) {
                Some(_) => Fate::Full,
                None => Fate::Off,
            };
        }
        self.check_demands(ring.ring, world);
        if !untag && strip {
            self.store(ring, head, frame, world);
        } else {
            let mut whole = std::mem::take(&mut self.whole);
            whole.clear();
            match untag {
                true => {
                    whole.extend_from_slice(&frame[..TAG.start]);
                    whole.extend_from_slice(&frame[TAG.end..]);
                }
                false => whole.extend_from_slice(frame),
            }
            if !strip {
                whole.extend(crc::of(frame).to_le_bytes());
            }
            self.store(ring, head, &whole, world);
            self.whole = whole;
        }
        did.rx |= 1 << (queue % 128);
        Fate::Received
    }

    /// Whether the device owns the next `needed` descriptors, if descriptors have an owner bit.
    #[inline]
    fn has_room(
        &mut self,
        ring: Descriptors<'_>,
        head: u32,
        needed: u32,
        world: &mut World<'_>,
    ) -> bool {
        if self.rx.tail.is_some() {
            return true;
        }
        let mut at = head;
        for turn in 0..needed {
            let words = ring.load(at, self.rx_codec.handed.guard());
            if !self.rx_codec.handed.is_handed_over(words) || turn > 0 && at == head {
                return false;
            }
            let ends = self.rx_codec.handed.ends(words);
            match self.rx.after(ring, at, ends, world.violations) {
                Some(next) => at = next,
                None => return false,
            }
        }
        true
    }

    /// Writes `bytes` into the buffers from `head` on, which have enough room.
    #[inline]
    fn store(&mut self, ring: Descriptors<'_>, head: u32, bytes: &[u8], world: &mut World<'_>) {
        let mut at = head;
        let mut rest = bytes;
        while !rest.is_empty() {
            let first = rest.len() == bytes.len();
            let (part, after) = rest.split_at(rest.len().min(self.buffer));
            rest = after;
            if let Some(of_ring) = self.rx.rings.get_mut(ring.ring.queue as usize) {
                of_ring.fetch(ring, at, world.violations);
                of_ring.complete(ring, at);
            }
            let words = ring.load(at, self.rx_codec.handed.guard());
            let address = self.rx_codec.read(words, ring.ring, at, world.violations);
            match world.memory.find(address, part.len()) {
                Some(buffer) => buffer.store(part),
                None => world.violations.push(Violation::DmaOutside {
                    ring: ring.ring,
                    address,
                    bytes: part.len() as u32,
                }),
            }
            let what = Received {
                first,
                last: rest.is_empty() && !self.defects.endless,
                damaged: self.defects.bad.is_some(),
                noise: self.noise.next(),
            };
            let counted = match rest.is_empty() && self.model.rx.length_of_frame {
                true => bytes.len(),
                false => part.len(),
            };
            let reported = self.defects.length.map_or(counted as u64, u64::from);
            let (done, touches) = self.rx_codec.done(words, reported, what);
            self.back.put(ring, at, done, touches, &self.defects);
            let ends = self.rx_codec.handed.ends(words);
            match self.rx.after(ring, at, ends, world.violations) {
                Some(next) => at = next,
                None => return,
            }
        }
        self.rx.set_position(ring.ring.queue, at, world.file);
    }
}
