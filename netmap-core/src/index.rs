//! Distinct types for indexes and addresses.

/// An index of the client's ring (netmap's `nm_i`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NmIdx(pub u32);

/// An index of the NIC's descriptor ring (netmap's `nic_i`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NicIdx(pub u32);

/// A buffer of a pool (netmap's `buf_idx`). Buffers 0 and 1 never belong to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BufIdx(pub u32);

/// A device's address, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DmaAddr(pub u64);

impl DmaAddr {
    /// The lower 32 bits, for a register pair.
    pub const fn low(self) -> u32 {
        (self.0 & 0xffff_ffff) as u32
    }

    /// The upper 32 bits, for a register pair.
    pub const fn high(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// The size of a ring and the offset between the client's and the NIC's indexes.
///
/// After a reset the NIC restarts at 0 and the client continues where it was, so their indexes differ by `hwofs` slots
/// (netmap's `nkr_hwofs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    slots: u32,
    hwofs: u32,
}

impl Geometry {
    /// A ring of `slots` slots whose NIC index 0 corresponds to the client's slot `at`.
    ///
    /// An `at` outside the ring is taken modulo its size; a ring has at least one slot.
    pub const fn restarted_at(slots: u32, at: NmIdx) -> Geometry {
        let slots = if slots == 0 { 1 } else { slots };
        Geometry {
            slots,
            hwofs: at.0 % slots,
        }
    }

    /// Slots of the ring.
    pub const fn slots(&self) -> u32 {
        self.slots
    }

    /// The client's slot for the NIC's index 0.
    pub const fn hwofs(&self) -> NmIdx {
        NmIdx(self.hwofs)
    }

    /// The NIC's index for a client's slot.
    pub const fn to_nic(&self, i: NmIdx) -> NicIdx {
        NicIdx(if i.0 >= self.hwofs {
            i.0 - self.hwofs
        } else {
            i.0 + (self.slots - self.hwofs)
        })
    }

    /// The client's slot for a NIC's index.
    pub const fn to_nm(&self, i: NicIdx) -> NmIdx {
        let room = self.slots - self.hwofs;
        NmIdx(if i.0 >= room {
            i.0 - room
        } else {
            i.0 + self.hwofs
        })
    }

    /// Whether `i` is a slot of the ring.
    pub const fn contains(&self, i: NmIdx) -> bool {
        i.0 < self.slots
    }

    /// Slots from `from` up to but not including `to`.
    pub const fn distance(&self, from: NmIdx, to: NmIdx) -> u32 {
        if to.0 >= from.0 {
            to.0 - from.0
        } else {
            to.0 + (self.slots - from.0)
        }
    }

    /// The slot `by` slots after `i`; `by` is less than the number of slots.
    pub const fn advance(&self, i: NmIdx, by: u32) -> NmIdx {
        let room = self.slots - i.0;
        NmIdx(if by >= room { by - room } else { i.0 + by })
    }

    /// The slot before `i`.
    pub const fn before(&self, i: NmIdx) -> NmIdx {
        NmIdx(if i.0 == 0 { self.slots - 1 } else { i.0 - 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_sides_of_a_ring_convert_back_and_forth_at_every_offset() {
        for slots in 1..=17 {
            for hwofs in 0..slots {
                let geometry = Geometry::restarted_at(slots, NmIdx(hwofs));
                for i in 0..slots {
                    let nic = geometry.to_nic(NmIdx(i));
                    assert!(nic.0 < slots);
                    assert_eq!(geometry.to_nm(nic), NmIdx(i));
                    assert_eq!(nic.0, (i + slots - hwofs) % slots);
                }
            }
        }
    }

    #[test]
    fn distance_and_advance_agree_at_every_pair() {
        for slots in 1..=9 {
            let geometry = Geometry::restarted_at(slots, NmIdx(0));
            for from in 0..slots {
                for by in 0..slots {
                    let to = geometry.advance(NmIdx(from), by);
                    assert_eq!(to.0, (from + by) % slots);
                    assert_eq!(geometry.distance(NmIdx(from), to), by);
                }
                assert_eq!(
                    geometry.before(geometry.advance(NmIdx(from), 1 % slots)).0,
                    if slots == 1 { 0 } else { from }
                );
            }
        }
    }
}
