//! Which frames the receiver accepts, and what it does with their CRC.

use netmap_core::MulticastHash;
use netmap_core::model::{Element, FieldName, Model};

use crate::crc;
use crate::error::ModelError;
use crate::follows::View;
use crate::registers::{Bits, Field, Place, RegisterFile, RegisterId};

/// Whom a frame is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One station.
    Unicast,
    /// A group.
    Multicast,
    /// Everyone.
    Broadcast,
}

/// The filter's registers and what they say now.
#[derive(Debug)]
pub(crate) struct Filter {
    broadcast: Field,
    promiscuous: Field,
    all_multicast: Field,
    crc_stripped: Vec<Field>,
    low: RegisterId,
    high: RegisterId,
    valid: Bits,
    table: RegisterId,
    hash: MulticastHash,
    now: Now,
}

#[derive(Debug, Default)]
struct Now {
    broadcast: bool,
    promiscuous: bool,
    all_multicast: bool,
    strips_crc: bool,
    stations: Vec<[u8; 6]>,
}

impl Filter {
    pub(crate) fn new(model: &Model, file: &RegisterFile) -> Result<Filter, ModelError> {
        let field = |name: &FieldName, wanted_by| file.field(name, 1, wanted_by);
        let low = file.register(model.station.low, "station.low")?;
        let high = file.register(model.station.high, "station.high")?;
        let (table, hash) = model.multicast;
        Ok(Filter {
            broadcast: field(&model.rx.broadcast, "rx.broadcast")?,
            promiscuous: field(&model.rx.promiscuous, "rx.promiscuous")?,
            all_multicast: field(&model.rx.all_multicast, "rx.all_multicast")?,
            crc_stripped: model
                .rx
                .crc_stripped_when
                .iter()
                .map(|name| field(name, "rx.crc_stripped_when"))
                .collect::<Result<_, _>>()?,
            low,
            high,
            valid: file
                .field(
                    &FieldName {
                        register: model.station.high,
                        element: Element::Fixed(0),
                        field: model.station.valid,
                    },
                    1,
                    "station.valid",
                )?
                .bits,
            table: file.register(table, "multicast")?,
            hash,
            now: Now::default(),
        })
    }

    pub(crate) fn watches(&self) -> impl Iterator<Item = RegisterId> {
        [self.low, self.high]
            .into_iter()
            .chain(self.crc_stripped.iter().map(|field| field.register))
            .chain(
                [self.broadcast, self.promiscuous, self.all_multicast].map(|field| field.register),
            )
    }

    pub(crate) fn refresh(&mut self, view: &View<'_>) {
        let one = |field: &Field| view.field(field, 0) != 0;
        self.now.broadcast = one(&self.broadcast);
        self.now.promiscuous = one(&self.promiscuous);
        self.now.all_multicast = one(&self.all_multicast);
        self.now.strips_crc = !self.crc_stripped.is_empty() && self.crc_stripped.iter().all(one);
        self.now.stations.clear();
        for element in 0..view.file.count(self.high) {
            let get = |register| view.file.get(Place { register, element });
            let high = get(self.high);
            if self.valid.get(high) != 0 {
                let (low, high) = (get(self.low) as u32, high as u16);
                let [a, b, c, d] = low.to_le_bytes();
                let [e, f] = high.to_le_bytes();
                self.now.stations.push([a, b, c, d, e, f]);
            }
        }
    }

    /// Whom an accepted frame is for; `None` if it is not accepted.
    #[inline]
    pub(crate) fn kind(&self, frame: &[u8], file: &RegisterFile) -> Option<Kind> {
        // What is too short for an address reaches nobody.
        let to = frame.first_chunk::<6>()?;
        let (kind, accepted) = if *to == [0xff; 6] {
            (Kind::Broadcast, self.now.broadcast)
        } else if to[0] & 1 == 1 {
            let accepted =
                self.now.all_multicast || self.now.stations.contains(to) || self.in_table(to, file);
            (Kind::Multicast, accepted)
        } else {
            (Kind::Unicast, self.now.stations.contains(to))
        };
        (accepted || self.now.promiscuous).then_some(kind)
    }

    /// Whether the CRC does not reach the buffer.
    pub(crate) fn strips_crc(&self) -> bool {
        self.now.strips_crc
    }

    fn in_table(&self, to: &[u8; 6], file: &RegisterFile) -> bool {
        let hash = hash(self.hash, to);
        let word = file.get(Place {
            register: self.table,
            element: hash >> 5,
        });
        word >> (hash & 31) & 1 == 1
    }
}

/// The number of an address's bit in the table.
fn hash(hash: MulticastHash, to: &[u8; 6]) -> u32 {
    match hash {
        MulticastHash::AddressBits { low, width } => {
            // Bit n of an address is bit n mod 8 of its octet n / 8.
            let bit = |n: u32| u32::from(to[(n / 8) as usize % 6] >> (n % 8) & 1);
            (0..width).fold(0, |value, n| value | bit(low + n) << n)
        }
        // The register as hardware with the first bit at the top has it.
        MulticastHash::Crc32 { low, width } => {
            Bits::new(low as u8, width as u8).get(crc::register(to).reverse_bits().into()) as u32
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netmap_core::MacAddress;
    use proptest::prelude::*;

    #[test]
    fn the_hash_of_the_manuals_example_is_theirs() {
        let to = [0x01, 0xaa, 0x00, 0x12, 0x34, 0x56];
        let bits = MulticastHash::AddressBits { low: 36, width: 12 };
        assert_eq!(hash(bits, &to), 0x563);
    }

    proptest! {
        // Written twice on purpose: a driver's hash is not checked by itself.
        #[test]
        fn driver_and_device_hash_alike(to in any::<[u8; 6]>()) {
            for kind in [
                MulticastHash::AddressBits { low: 36, width: 12 },
                MulticastHash::AddressBits { low: 32, width: 12 },
                MulticastHash::Crc32 { low: 26, width: 6 },
            ] {
                prop_assert_eq!(hash(kind, &to), kind.of(MacAddress(to)));
            }
        }
    }
}
