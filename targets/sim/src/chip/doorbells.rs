//! Doorbells: tails that announce descriptors, and kicks.

use netmap_core::Direction;

use super::Chip;
use crate::registers::Place;
use crate::violations::Violation;

impl Chip {
    /// Moves a tail. Returns whether the device may have work now.
    pub(super) fn doorbell(
        &mut self,
        direction: Direction,
        place: Place,
        value: u64,
        published: bool,
    ) -> bool {
        if self.forgets_doorbell(direction) {
            return false;
        }
        let rings = self.engine.rings(direction);
        // A stopped ring has no descriptors that the device could read too early.
        if let Some(ring) = rings.rings.get(place.element as usize)
            && let Some((_, slots)) = ring.runs()
        {
            if value >= u64::from(slots) {
                self.violations.push(Violation::RingPosition {
                    ring: ring.name,
                    register: self.file.name(place.register),
                    value,
                    slots,
                });
                return false;
            }
            if !published && value != self.file.get(place) {
                self.violations.push(Violation::Unpublished {
                    ring: ring.name,
                    tail: value as u32,
                });
            }
        }
        self.file.write(place, value, &mut self.violations);
        direction == Direction::Tx || self.engine.rx_waits
    }

    /// Makes the device check for descriptors. Returns whether it may have work now.
    pub(super) fn kick(
        &mut self,
        direction: Direction,
        place: Place,
        value: u64,
        published: bool,
    ) -> bool {
        if self.forgets_doorbell(direction) {
            return false;
        }
        let rings = self.engine.rings(direction);
        let Some(kick) = rings.kick else { return false };
        if value & kick.bits != kick.bits {
            return false;
        }
        let queue = place.element;
        if let Some(ring) = rings.rings.get(queue as usize).filter(|_| !published) {
            let ring = ring.name;
            let tail = rings.position(queue, &self.file);
            self.violations.push(Violation::Unpublished { ring, tail });
        }
        rings.kicked(queue)
    }

    /// Whether a doorbell has no effect now, by a [`Defect`](crate::Defect).
    fn forgets_doorbell(&self, direction: Direction) -> bool {
        direction == Direction::Tx && self.engine.defects.forgets_doorbells && !self.link
    }
}
