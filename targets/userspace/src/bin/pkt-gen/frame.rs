//! The frame that is sent without a capture.

use netmap_core::MacAddress;

const ETHERNET: usize = 14;
const IPV4: usize = 20;
const UDP: usize = 8;
/// 198.18.0.0/15 is for benchmarks (RFC 2544).
const FROM: [u8; 4] = [198, 18, 0, 1];
const TO: [u8; 4] = [198, 19, 0, 1];
/// The discard service.
const PORT: u16 = 9;
const TEXT: &[u8] = b"netmap pkt-gen ";

/// An Ethernet frame of `len` bytes, 60 or more, with an IPv4 packet and a UDP datagram that fill it.
pub fn udp(destination: MacAddress, source: MacAddress, len: usize) -> Vec<u8> {
    let mut frame = Vec::with_capacity(len);
    frame.extend(destination.0);
    frame.extend(source.0);
    frame.extend([0x08, 0x00]);

    let packet = (len - ETHERNET) as u16;
    let start = frame.len();
    frame.extend([0x45, 0]);
    frame.extend(packet.to_be_bytes());
    frame.extend([0, 0, 0x40, 0, 64, 17, 0, 0]);
    frame.extend(FROM);
    frame.extend(TO);
    let checksum = !sum(&frame[start..], 0);
    frame[start + 10..start + 12].copy_from_slice(&checksum.to_be_bytes());

    let datagram = packet - IPV4 as u16;
    let start = frame.len();
    frame.extend(PORT.to_be_bytes());
    frame.extend(PORT.to_be_bytes());
    frame.extend(datagram.to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(TEXT.iter().cycle().take(usize::from(datagram) - UDP));
    let pseudo = [FROM, TO, [0, 17, (datagram >> 8) as u8, datagram as u8]].concat();
    let checksum = match !sum(&frame[start..], sum(&pseudo, 0)) {
        // Zero means no checksum (RFC 768).
        0 => 0xffff,
        checksum => checksum,
    };
    frame[start + 6..start + 8].copy_from_slice(&checksum.to_be_bytes());
    frame
}

/// The Internet checksum's sum, before it is inverted (RFC 1071).
fn sum(bytes: &[u8], before: u16) -> u16 {
    let sum = bytes.chunks(2).fold(u32::from(before), |sum, pair| {
        sum + u32::from(u16::from_be_bytes([
            pair[0],
            pair.get(1).copied().unwrap_or(0),
        ]))
    });
    let folded = (sum & 0xffff) + (sum >> 16);
    ((folded & 0xffff) + (folded >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_checksums_are_right_at_every_length() {
        let mac = MacAddress([2, 0, 0, 0, 0, 1]);
        for len in 60..=1514 {
            let frame = udp(MacAddress([0xff; 6]), mac, len);
            assert_eq!(frame.len(), len);
            assert_eq!(sum(&frame[14..34], 0), 0xffff);
            let datagram = (len - 34) as u16;
            let pseudo = [&frame[26..34], &[0, 17], &datagram.to_be_bytes()].concat();
            assert_eq!(sum(&frame[34..], sum(&pseudo, 0)), 0xffff);
        }
    }
}
