//! Which frames a NIC accepts.

use crate::MacAddress;

/// Which frames are accepted besides those to the port's MAC address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Every frame.
    pub promiscuous: bool,
    /// Every multicast frame.
    pub all_multicast: bool,
    /// Multicast frames whose hash is in the table.
    pub multicast: MulticastTable,
}

impl Filter {
    /// Accepts frames to these groups: by the multicast table, or, on a NIC without one, every multicast frame.
    pub fn accept_groups(
        &mut self,
        groups: impl IntoIterator<Item = MacAddress>,
        hash: Option<MulticastHash>,
    ) {
        for group in groups {
            match hash {
                Some(hash) => self.multicast.insert(group, hash),
                None => self.all_multicast = true,
            }
        }
    }
}

/// A hash table of multicast addresses, 4096 bits at most; smaller tables use its first words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MulticastTable([u32; 128]);

impl MulticastTable {
    /// A table that accepts nothing.
    pub const EMPTY: MulticastTable = MulticastTable([0; 128]);

    /// Accepts frames to `address`.
    pub fn insert(&mut self, address: MacAddress, hash: MulticastHash) {
        let bit = hash.of(address);
        if let Some(word) = self.0.get_mut((bit >> 5) as usize) {
            *word |= 1 << (bit & 31);
        }
    }

    /// Word `index` of the table, 0 past its end.
    pub fn word(&self, index: u32) -> u32 {
        self.0.get(index as usize).copied().unwrap_or(0)
    }
}

/// Which bits of a multicast address select a bit of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MulticastHash {
    /// `width` bits of the address, from bit `low` up; bit 0 is the lowest bit of the first octet on the wire.
    AddressBits {
        /// Lowest bit.
        low: u32,
        /// Number of bits.
        width: u32,
    },
    /// `width` bits of the address's CRC-32, from bit `low` up (polynomial 0x04c11db7, first bit on the wire first).
    Crc32 {
        /// Lowest bit.
        low: u32,
        /// Number of bits.
        width: u32,
    },
}

impl MulticastHash {
    /// The hash of an address.
    pub fn of(self, address: MacAddress) -> u32 {
        let bits = |value: u64, low: u32, width: u32| {
            ((value >> (low & 63)) & ((1 << (width & 31)) - 1)) as u32
        };
        match self {
            MulticastHash::AddressBits { low, width } => {
                let value = address
                    .0
                    .iter()
                    .rev()
                    .fold(0u64, |value, octet| value << 8 | u64::from(*octet));
                bits(value, low, width)
            }
            MulticastHash::Crc32 { low, width } => {
                let mut crc = u32::MAX;
                for octet in address.0 {
                    for bit in 0..8 {
                        let carry = (crc >> 31) ^ u32::from(octet >> bit & 1);
                        crc = crc << 1 ^ (carry * 0x04c1_1db7);
                    }
                }
                bits(u64::from(crc), low, width)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_multicast_hash_takes_the_bits_that_the_spec_names() {
        // The example of Intel's manuals: bits 47:36 of 01:aa:00:12:34:56 are 0x563.
        let address = MacAddress([0x01, 0xaa, 0x00, 0x12, 0x34, 0x56]);
        assert_eq!(
            MulticastHash::AddressBits { low: 36, width: 12 }.of(address),
            0x563
        );
        let mut table = MulticastTable::EMPTY;
        table.insert(address, MulticastHash::AddressBits { low: 36, width: 12 });
        assert_eq!(table.word(0x563 >> 5), 1 << (0x563 & 31));
        assert_eq!(table.word(1000), 0);
    }
}
