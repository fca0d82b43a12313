//! Test frames.

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use netmap_core::model::HashType;
use netmap_userspace::Limits;
use pcap_file::pcap::PcapReader;

/// A broadcast frame of `len` bytes, unique for its number.
pub fn frame(number: u32, len: usize) -> Vec<u8> {
    let mut frame = vec![0xff; 6];
    frame.extend([2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
    frame.extend(number.to_be_bytes());
    while frame.len() < len {
        frame.push((number as usize + frame.len() * 7) as u8);
    }
    frame
}

/// The same to one address.
pub fn frame_to(address: [u8; 6], number: u32, len: usize) -> Vec<u8> {
    let mut frame = frame(number, len);
    frame[..6].copy_from_slice(&address);
    frame
}

/// Hundreds of frames: recorded traffic, the same with VLAN tags, and one frame of each thirteenth length, without those
/// that a NIC with these limits cannot send.
pub fn mixture(limits: &Limits) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/traffic.pcap");
    let mut capture = PcapReader::new(File::open(path).unwrap()).unwrap();
    let mut recorded = Vec::new();
    while let Some(packet) = capture.next_packet() {
        recorded.push(packet.unwrap().data.into_owned());
    }
    let tagged = recorded.iter().filter(|frame| frame.len() <= 1510);
    let tagged = tagged.map(|frame| with_vlan_tag(frame));
    let lengths = (60..=1514).step_by(13).enumerate().map(|(number, length)| {
        let mut frame: Vec<u8> = (0..length).map(|at| (at * 31 + number) as u8).collect();
        // To a multicast address, from a locally administered one, with an experimental EtherType.
        frame[..6].copy_from_slice(&[1, 0, 0x5e, 0, 0, number as u8]);
        frame[6..14].copy_from_slice(&[2, 0, 0, 0, 0, 1, 0x88, 0xb5]);
        frame
    });
    let frames: Vec<_> = tagged.chain(lengths).collect();
    let frames: Vec<_> = [recorded, frames].concat();
    assert!(frames.len() > 600 && frames.iter().any(|frame| frame.len() == 1514));
    let most = limits.frame_max as usize;
    frames
        .into_iter()
        .filter(|frame| frame.len() <= most)
        .collect()
}

/// IEEE 802.1Q: tag protocol 0x8100, priority 5, VLAN 42, between the addresses and the EtherType.
pub fn with_vlan_tag(frame: &[u8]) -> Vec<u8> {
    [&frame[..12], &[0x81, 0, 0xa0, 42], &frame[12..]].concat()
}

/// The number of a frame that [`frame`] made.
pub fn number_of(frame: &[u8]) -> u32 {
    u32::from_be_bytes([frame[14], frame[15], frame[16], frame[17]])
}

/// Flows of every kind that a NIC may distinguish.
pub fn all_flows() -> Vec<Flow> {
    (0..48).map(Flow::new).collect()
}

/// A flow: two addresses, and two ports if the protocol has ports.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    number: usize,
    is_back: bool,
}

impl Flow {
    /// One of 256 flows: over IPv4 and IPv6, of TCP, UDP and neither.
    pub fn new(number: usize) -> Flow {
        Flow {
            number,
            is_back: false,
        }
    }

    /// The flow in the other direction.
    pub fn back(self) -> Flow {
        Flow {
            is_back: !self.is_back,
            ..self
        }
    }

    /// A frame of the flow: 100 bytes with a number.
    pub fn frame(self, number: u32) -> Vec<u8> {
        const TCP: u8 = 6;
        const UDP: u8 = 17;
        /// For experiments (RFC 3692).
        const NEITHER: u8 = 253;
        let kind = self.number as u8;
        let protocol = [TCP, UDP, NEITHER][self.number % 3];
        let is_v6 = self.number / 3 % 2 == 1;
        let mut ends = [(10 + kind, 1000 + u16::from(kind) * 7), (100 + kind, 80)];
        if self.is_back {
            ends.reverse();
        }
        let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
        if is_v6 {
            // RFC 8200, 3: version, length of what follows, next header, hop limit, addresses.
            frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 46, protocol, 64]);
            for (host, _) in ends {
                frame.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, host]);
            }
        } else {
            // RFC 791, 3.1; receive-side scaling ignores the checksum.
            let header = [0x45, 0, 0, 86, 0, 0, 0x40, 0, 64, protocol, 0, 0];
            frame.extend([8, 0]);
            frame.extend(header);
            for (host, _) in ends {
                frame.extend([192, 0, 2, host]);
            }
        }
        for (_, port) in ends {
            frame.extend(port.to_be_bytes());
        }
        frame.resize(94, 0);
        frame.extend([kind, u8::from(self.is_back)]);
        frame.extend(number.to_be_bytes());
        frame
    }

    /// Whether its ports are those of UDP.
    pub fn is_udp(self) -> bool {
        self.number % 3 == 1
    }

    /// The bytes of the flow's frame that a NIC hashes which can hash `types`: source and destination, and the ports of
    /// TCP. None if it hashes nothing. NICs differ in whether they hash the ports of UDP.
    pub fn hashed(self, types: &[HashType]) -> Option<Range<usize>> {
        let is_v6 = self.number / 3 % 2 == 1;
        let (from, to, addresses, ports) = match is_v6 {
            true => (22, 54, HashType::Ipv6, HashType::TcpIpv6),
            false => (26, 34, HashType::Ipv4, HashType::TcpIpv4),
        };
        if self.number.is_multiple_of(3) && types.contains(&ports) {
            return Some(from..to + 4);
        }
        types.contains(&addresses).then_some(from..to)
    }

    /// Flow and number of a frame that [`frame`](Self::frame) made.
    pub fn of(frame: &[u8]) -> (usize, u32) {
        let number = u32::from_be_bytes([frame[96], frame[97], frame[98], frame[99]]);
        (usize::from(frame[94]), number)
    }
}
