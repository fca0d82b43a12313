//! The receiver.

use std::sync::atomic::Ordering::Relaxed;

use super::codec::Received;
use super::filter::Kind;
use super::ring::{DESCRIPTOR, Ring};
use super::tx::CRC;
use super::{BURST, Did, Engine, World};
use crate::crc;
use crate::violations::Violation;

/// What became of a frame.
enum Fate {
    Received,
    /// No descriptor is free.
    Full,
    /// The ring does not run.
    Off,
}

impl Engine {
    /// A burst from the wire into the rings.
    pub(super) fn receive_all(&mut self, world: &mut World<'_>, link: bool, did: &mut Did) {
        let mut arrived = std::mem::take(&mut self.arrived);
        self.rx_waits = false;
        for _ in 0..BURST {
            let Some(frame) = arrived.front() else { break };
            // A receiver that is off has no filter either: on a lossless wire the frame waits for both.
            let off = !link || self.rx.running.is_empty();
            let kind = self.filter.kind(frame, world.file);
            let longest = self.filter.longest();
            let fate = match kind {
                _ if off => Fate::Off,
                Some(_) if frame.len() as u64 + CRC > longest => {
                    self.counts.rx_length_errors += 1;
                    did.progress = true;
                    arrived.pop();
                    continue;
                }
                None => {
                    self.counts.rx_filtered += 1;
                    did.progress = true;
                    arrived.pop();
                    continue;
                }
                Some(_) => self.receive(frame, world, did),
            };
            match fate {
                Fate::Received => {
                    self.counts.rx_frames += 1;
                    self.counts.rx_bytes += frame.len() as u64 + CRC;
                    match kind {
                        Some(Kind::Broadcast) => self.counts.rx_broadcast += 1,
                        Some(Kind::Multicast) => self.counts.rx_multicast += 1,
                        _ => {}
                    }
                }
                Fate::Full | Fate::Off if self.lossless() => {
                    self.rx_waits = true;
                    break;
                }
                Fate::Full => self.counts.rx_missed += 1,
                Fate::Off => self.counts.rx_unheard += 1,
            }
            did.progress = true;
            arrived.pop();
        }
        self.arrived = arrived;
    }

    /// The queue that a frame goes to.
    fn steer(&self, _frame: &[u8]) -> u32 {
        0
    }

    /// Writes a frame into as many buffers as it needs.
    fn receive(&mut self, frame: &[u8], world: &mut World<'_>, did: &mut Did) -> Fate {
        let queue = self.steer(frame);
        let running = |engine: &Engine| engine.rx.rings.get(queue as usize).and_then(Ring::runs);
        let Some((base, slots)) = running(self) else {
            return Fate::Off;
        };
        let mut head = world.file.get(self.rx.head(queue)) as u32;
        let tail = world.file.get(self.rx.tail(queue)) as u32;
        let free = if tail >= head {
            tail - head
        } else {
            tail + slots - head
        };
        let untagged;
        let frame = match frame.get(12..16) {
            Some([0x81, 0x00, ..]) if self.filter.strips_vlan() => {
                untagged = [&frame[..12], &frame[16..]].concat();
                untagged.as_slice()
            }
            _ => frame,
        };
        let fcs = if self.filter.strips_crc() {
            None
        } else {
            Some(crc::of(frame).to_le_bytes())
        };
        let len = frame.len() + fcs.map_or(0, |fcs| fcs.len());
        if len.div_ceil(self.buffer) > free as usize {
            return Fate::Full;
        }
        let name = self.rx.rings[queue as usize].name;
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
            self.rx.rings[queue as usize].halt();
            return Fate::Off;
        };
        let mut from = 0;
        while from < len {
            let part = (len - from).min(self.buffer);
            let at = head as usize * 2;
            let descriptor = [words[at].load(Relaxed), words[at + 1].load(Relaxed)];
            let address = self.rx_codec.read(descriptor, name, head, world.violations);
            match world.memory.find(address, part) {
                Some(buffer) => match fcs {
                    None => buffer.store(&frame[from..from + part]),
                    Some(fcs) => {
                        let whole = [frame, &fcs].concat();
                        buffer.store(&whole[from..from + part]);
                    }
                },
                None => world.violations.push(Violation::DmaOutside {
                    ring: name,
                    address,
                    bytes: part as u32,
                }),
            }
            from += part;
            let what = match from == len {
                false => Received::Part,
                true if self.defects.damaged => Received::Damaged,
                true => Received::Good,
            };
            let reported = self.defects.length.map_or(part as u64, u64::from);
            let done = self.rx_codec.done(descriptor, reported, what);
            let touches = self.rx_codec.touches();
            self.back
                .put(words, base, head, done, touches, &self.defects);
            head = if head + 1 == slots { 0 } else { head + 1 };
        }
        world.file.set(self.rx.head(queue), u64::from(head));
        did.rx |= 1 << (queue % 64);
        Fate::Received
    }
}
