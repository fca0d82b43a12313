//! Receive-side scaling as specified by Microsoft: the queue of a frame.

use netmap_core::model::{Computed, HashType};

use crate::error::ModelError;
use crate::follows::{View, registers_of};
use crate::registers::{Field, RegisterFile, RegisterId};
use crate::simulated::Simulated;

/// Octets of a key.
const KEY: usize = 40;
/// The most octets hashed: two IPv6 addresses and two ports.
const MOST: usize = 36;

/// The RSS registers and their current settings.
#[derive(Debug)]
pub(crate) struct Rss {
    key: RegisterId,
    table: RegisterId,
    entries: u32,
    bits: u32,
    queue_at: u32,
    queues: u32,
    enabled_when: Computed,
    inputs: Vec<RegisterId>,
    types: Vec<(HashType, Field)>,
    now: Now,
}

#[derive(Debug)]
struct Now {
    on: bool,
    types: Vec<HashType>,
    key: [u8; KEY],
    table: Vec<u32>,
}

impl Rss {
    pub(crate) fn new(
        simulated: Simulated,
        file: &RegisterFile,
    ) -> Result<Option<Rss>, ModelError> {
        let Simulated { model, variant, .. } = simulated;
        let (Some(rss), Some(limits)) = (&model.rss, variant.limits.rss) else {
            return Ok(None);
        };
        if file.is_elsewhere(rss.key) {
            return Ok(None);
        }
        let here = rss.types.iter();
        let types = here
            .filter(|(_, field)| !file.is_elsewhere(field.register))
            .map(|(kind, field)| Ok((*kind, file.field(field, 1, "rss.types")?)))
            .collect::<Result<_, ModelError>>()?;
        Ok(Some(Rss {
            key: file.register(rss.key, "rss.key")?,
            table: file.register(rss.table, "rss.table")?,
            entries: limits.entries.max(1),
            bits: rss.bits.clamp(1, 32),
            queue_at: rss.queue_at.min(31),
            queues: limits.queues.max(1),
            enabled_when: rss.enabled_when,
            inputs: registers_of(rss.enabled_when, simulated, file, "rss.enabled_when")?,
            types,
            now: Now {
                on: false,
                types: Vec::new(),
                key: [0; KEY],
                table: Vec::new(),
            },
        }))
    }

    pub(crate) fn watches(&self) -> impl Iterator<Item = RegisterId> {
        let types = self.types.iter().map(|(_, field)| field.register);
        [self.key, self.table]
            .into_iter()
            .chain(self.inputs.iter().copied())
            .chain(types)
    }

    pub(crate) fn refresh(&mut self, view: &View<'_>) {
        self.now.on = (self.enabled_when)(view, 0) != 0;
        if !self.now.on {
            return;
        }
        let types = self.types.iter();
        let on = types.filter(|(_, field)| view.field(field, 0) != 0);
        self.now.types = on.map(|(kind, _)| *kind).collect();
        let get = |register: RegisterId, element| view.file.get(register.at(element));
        for (at, octet) in self.now.key.iter_mut().enumerate() {
            *octet = (get(self.key, at as u32 / 4) >> (at % 4 * 8)) as u8;
        }
        let each = u32::from(view.file.model(self.table).width) / self.bits;
        let mask = u64::MAX >> (64 - self.bits);
        let entry = |at: u32| {
            let entry = get(self.table, at / each) >> (at % each * self.bits) & mask;
            (entry >> self.queue_at) as u32 % self.queues
        };
        self.now.table = (0..self.entries).map(entry).collect();
    }

    /// The queue of a frame; the first one if the frame is not hashed.
    #[inline]
    pub(crate) fn queue(&self, frame: &[u8]) -> u32 {
        if !self.now.on {
            return 0;
        }
        let Some((input, len)) = input(frame, &self.now.types) else {
            return 0;
        };
        let hash = toeplitz(&self.now.key, input.get(..len).unwrap_or_default());
        let at = hash as usize % self.now.table.len().max(1);
        self.now.table.get(at).copied().unwrap_or(0)
    }
}

/// The hashed octets of a frame and their number: the most for any of `types`.
fn input(frame: &[u8], types: &[HashType]) -> Option<([u8; MOST], usize)> {
    const IPV4: [u8; 2] = [0x08, 0x00];
    const IPV6: [u8; 2] = [0x86, 0xdd];
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    let has = |kind| types.contains(&kind);
    let packet = frame.get(14..)?;
    let (addresses, protocol, ports, by_protocol, by_addresses) =
        if frame[12..14] == IPV4 && packet.first()? >> 4 == 4 {
            let header = usize::from(packet[0] & 0xf) * 4;
            // Fragments have no ports, except the first.
            let fragment = u16::from_be_bytes([*packet.get(6)?, *packet.get(7)?]) & 0x3fff != 0;
            let ports = packet.get(header..header + 4).filter(|_| !fragment);
            let kinds = [HashType::TcpIpv4, HashType::UdpIpv4];
            (packet.get(12..20)?, packet[9], ports, kinds, HashType::Ipv4)
        } else if frame[12..14] == IPV6 && packet.first()? >> 4 == 6 {
            let kinds = [HashType::TcpIpv6, HashType::UdpIpv6];
            let ports = packet.get(40..44);
            (packet.get(8..40)?, packet[6], ports, kinds, HashType::Ipv6)
        } else {
            return None;
        };
    let with_ports = match protocol {
        TCP => has(by_protocol[0]),
        UDP => has(by_protocol[1]),
        _ => false,
    };
    let mut input = [0; MOST];
    let len = addresses.len();
    input.get_mut(..len)?.copy_from_slice(addresses);
    match ports.filter(|_| with_ports) {
        Some(ports) => {
            input.get_mut(len..len + 4)?.copy_from_slice(ports);
            Some((input, len + 4))
        }
        None => has(by_addresses).then_some((input, len)),
    }
}

/// For each set bit of the input, from the highest on, XORs the 32 bits of the key that begin at the same position.
fn toeplitz(key: &[u8; KEY], input: &[u8]) -> u32 {
    let (first, rest) = key.split_at(4);
    let mut window = first
        .iter()
        .fold(0, |window, octet| window << 8 | u64::from(*octet));
    let mut hash = 0;
    for (octet, next) in input.iter().zip(rest) {
        // The 32 bits for the octet's highest bit, and the next eight.
        window = (window << 8 | u64::from(*next)) & 0xff_ffff_ffff;
        for bit in 0..8 {
            if octet >> (7 - bit) & 1 == 1 {
                hash ^= (window >> (8 - bit)) as u32;
            }
        }
    }
    hash
}

#[cfg(test)]
#[path = "rss_tests.rs"]
mod tests;
