//! Which frames the receiver accepts and drops, and whether it strips their CRC.

use netmap_core::MulticastHash;
use netmap_core::model::{Computed, Event, FieldName};

use super::tx::CRC;
use crate::control::station::Stations;
use crate::crc;
use crate::error::ModelError;
use crate::follows::{View, registers_of};
use crate::registers::{Bits, Field, RegisterFile, RegisterId};
use crate::simulated::Simulated;

/// The kind of a frame's destination address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A unicast address.
    Unicast,
    /// A multicast address.
    Multicast,
    /// The broadcast address.
    Broadcast,
}

/// The filter's registers and their current settings.
#[derive(Debug)]
pub(crate) struct Filter {
    broadcast: Field,
    promiscuous: Field,
    all_multicast: Option<Field>,
    to_stations: Option<Field>,
    to_table: Option<Field>,
    crc_stripped: Vec<Field>,
    vlan_stripped: Vec<Field>,
    /// Set in queues that drop frames without a descriptor, and count them apart.
    dropped: Vec<Field>,
    longest: Computed,
    tag: Computed,
    /// The longest frame of the variant, with CRC, whatever the registers say.
    most: u64,
    /// Registers that these are computed from.
    inputs: Vec<RegisterId>,
    stations: Stations,
    table: Option<Table>,
    now: Now,
}

#[derive(Debug, Default)]
struct Now {
    broadcast: bool,
    promiscuous: bool,
    all_multicast: bool,
    to_table: bool,
    longest: u64,
    /// Bytes that a VLAN tag adds to it.
    tag: u64,
    stations: Vec<[u8; 6]>,
}

/// The multicast table.
#[derive(Debug)]
struct Table {
    register: RegisterId,
    hash: MulticastHash,
    /// Whether its octets are in reverse order.
    reversed: bool,
}

impl Filter {
    pub(crate) fn new(simulated: Simulated, file: &RegisterFile) -> Result<Filter, ModelError> {
        let Simulated { model, variant, .. } = simulated;
        let rx = &model.rx;
        let field = |name: &FieldName, wanted_by| file.field(name, 1, wanted_by);
        let may = |name: &Option<FieldName>, wanted_by| {
            let name = name.as_ref();
            name.map(|name| field(name, wanted_by)).transpose()
        };
        let queues = variant.limits.rx.queues;
        Ok(Filter {
            broadcast: field(&rx.broadcast, "rx.broadcast")?,
            promiscuous: field(&rx.promiscuous, "rx.promiscuous")?,
            all_multicast: may(&rx.all_multicast, "rx.all_multicast")?,
            to_stations: may(&rx.stations, "rx.stations")?,
            to_table: may(&rx.table, "rx.table")?,
            crc_stripped: file.fields(rx.crc_stripped_when, queues, "rx.crc_stripped_when")?,
            vlan_stripped: file.fields(rx.vlan_stripped_when, queues, "rx.vlan_stripped_when")?,
            dropped: {
                let missed = model.counts.iter();
                let missed = missed.filter(|count| count.event == Event::RxMissed);
                let when: Vec<FieldName> = missed.filter_map(|count| count.when).collect();
                file.fields(&when, queues, "counts")?
            },
            longest: rx.longest,
            tag: rx.tag,
            most: u64::from(variant.limits.frames.received) + CRC,
            inputs: [(rx.longest, "rx.longest"), (rx.tag, "rx.tag")]
                .into_iter()
                .map(|(computed, wanted_by)| registers_of(computed, simulated, file, wanted_by))
                .collect::<Result<Vec<_>, _>>()?
                .concat(),
            stations: Stations::new(&model.station, file)?,
            table: (model.multicast.as_ref())
                .map(|multicast| {
                    Ok(Table {
                        register: file.register(multicast.table, "multicast")?,
                        hash: multicast.hash,
                        reversed: multicast.reversed_on.contains(&variant.name),
                    })
                })
                .transpose()?,
            now: Now::default(),
        })
    }

    pub(crate) fn watches(&self) -> impl Iterator<Item = RegisterId> {
        let one = [self.broadcast, self.promiscuous];
        let may = [self.all_multicast, self.to_stations, self.to_table];
        one.into_iter()
            .chain(may.into_iter().flatten())
            .map(|field| field.register)
            .chain(self.stations.registers())
            .chain(self.inputs.iter().copied())
    }

    pub(crate) fn refresh(&mut self, view: &View<'_>) {
        let one = |field: &Field| view.field(field, 0) != 0;
        self.now.broadcast = one(&self.broadcast);
        self.now.promiscuous = one(&self.promiscuous);
        self.now.all_multicast = self.all_multicast.as_ref().is_some_and(one);
        self.now.to_table = self.table.is_some() && self.to_table.as_ref().is_none_or(one);
        self.now.longest = (self.longest)(view, 0).min(self.most);
        self.now.tag = (self.tag)(view, 0);
        self.stations.list(view.file, &mut self.now.stations);
        if !self.to_stations.as_ref().is_none_or(one) {
            self.now.stations.clear();
        }
    }

    /// Whether no frame would be accepted.
    #[inline]
    pub(crate) fn accepts_nothing(&self) -> bool {
        let now = &self.now;
        let accepts = now.broadcast || now.promiscuous || now.all_multicast || now.to_table;
        !accepts && now.stations.is_empty()
    }

    /// The kind of an accepted frame; `None` if the frame is not accepted.
    #[inline]
    pub(crate) fn kind(&self, frame: &[u8], file: &RegisterFile) -> Option<Kind> {
        // A frame too short for an address is not accepted.
        let to = frame.first_chunk::<6>()?;
        let (kind, accepted) = if *to == [0xff; 6] {
            (Kind::Broadcast, self.now.broadcast)
        } else if to[0] & 1 == 1 {
            let in_table =
                self.now.to_table && self.table.as_ref().is_some_and(|table| table.has(to, file));
            let accepted = self.now.all_multicast || self.now.stations.contains(to) || in_table;
            (Kind::Multicast, accepted)
        } else {
            (Kind::Unicast, self.now.stations.contains(to))
        };
        (accepted || self.now.promiscuous).then_some(kind)
    }

    #[inline]
    pub(crate) fn strips_crc(&self, queue: u32, file: &RegisterFile) -> bool {
        are_set(&self.crc_stripped, queue, file)
    }

    #[inline]
    pub(crate) fn strips_vlan(&self, queue: u32, file: &RegisterFile) -> bool {
        are_set(&self.vlan_stripped, queue, file)
    }

    /// Whether the queue is set up to drop frames without a descriptor.
    pub(crate) fn drops(&self, queue: u32, file: &RegisterFile) -> bool {
        !self.dropped.is_empty() && are_set(&self.dropped, queue, file)
    }

    /// Whether a frame, of so many bytes with its CRC, is longer than what passes.
    #[inline]
    pub(crate) fn is_too_long(&self, frame: &[u8], bytes: u64) -> bool {
        bytes > self.now.longest && (!is_tagged(frame) || bytes > self.now.longest + self.now.tag)
    }
}

/// Whether a frame has a VLAN tag behind its addresses.
fn is_tagged(frame: &[u8]) -> bool {
    frame.get(12..14) == Some(&[0x81, 0x00])
}

/// Whether there are fields and all of them are set.
fn are_set(fields: &[Field], queue: u32, file: &RegisterFile) -> bool {
    !fields.is_empty() && fields.iter().all(|field| field.of(queue, file) != 0)
}

impl Table {
    fn has(&self, to: &[u8; 6], file: &RegisterFile) -> bool {
        let hash = hash(self.hash, to);
        let bytes = u32::from(file.model(self.register).width) / 8;
        let octet = match self.reversed {
            true => (file.count(self.register) * bytes - 1).saturating_sub(hash / 8),
            false => hash / 8,
        };
        let element = file.get(self.register.at(octet / bytes));
        element >> (octet % bytes * 8 + hash % 8) & 1 == 1
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
        // The CRC register with the first bit at the top, as hardware has it.
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
    fn the_hash_of_the_manuals_example_matches() {
        let to = [0x01, 0xaa, 0x00, 0x12, 0x34, 0x56];
        let bits = MulticastHash::AddressBits { low: 36, width: 12 };
        assert_eq!(hash(bits, &to), 0x563);
    }

    proptest! {
        // Implemented twice on purpose: this checks the driver's hash independently.
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
