use std::net::{IpAddr, SocketAddr};

use netmap_core::model::HashType::{self, *};

use super::*;

/// The key of Microsoft's "Verifying the RSS hash calculation".
const SECRET: [u8; KEY] = [
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
    0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
    0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
];

/// Its examples: destination, source, hash of the addresses, hash with the ports of TCP.
const EXAMPLES: [(&str, &str, u32, u32); 8] = [
    (
        "161.142.100.80:1766",
        "66.9.149.187:2794",
        0x323e_8fc2,
        0x51cc_c178,
    ),
    (
        "65.69.140.83:4739",
        "199.92.111.2:14230",
        0xd718_262a,
        0xc626_b0ea,
    ),
    (
        "12.22.207.184:38024",
        "24.19.198.95:12898",
        0xd2d0_a5de,
        0x5c2b_394a,
    ),
    (
        "209.142.163.6:2217",
        "38.27.205.30:48228",
        0x8298_9176,
        0xafc7_327f,
    ),
    (
        "202.188.127.2:1303",
        "153.39.163.191:44251",
        0x5d18_09c5,
        0x10e8_28a2,
    ),
    (
        "[3ffe:2501:200:3::1]:1766",
        "[3ffe:2501:200:1fff::7]:2794",
        0x2cc1_8cd5,
        0x4020_7d3d,
    ),
    (
        "[ff02::1]:4739",
        "[3ffe:501:8::260:97ff:fe40:efab]:14230",
        0x0f0c_461c,
        0xdde5_1bbf,
    ),
    (
        "[fe80::200:f8ff:fe21:67cf]:38024",
        "[3ffe:1900:4545:3:200:f8ff:fe21:67cf]:44251",
        0x4b61_e985,
        0x02d1_feef,
    ),
];

const TCP: u8 = 6;
const UDP: u8 = 17;

/// A frame from `from` to `to`.
fn frame(from: SocketAddr, to: SocketAddr, protocol: u8) -> Vec<u8> {
    let mut frame = vec![0; 12];
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            // Six words of header, so that ports are not where most headers end.
            frame.extend([
                0x08, 0x00, 0x46, 0, 0, 64, 0, 0, 0x40, 0, 64, protocol, 0, 0,
            ]);
            frame.extend(from.octets());
            frame.extend(to.octets());
            frame.extend([1; 4]);
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, protocol, 64]);
            frame.extend(from.octets());
            frame.extend(to.octets());
        }
        _ => unreachable!("an example with addresses of two families"),
    }
    frame.extend(from.port().to_be_bytes());
    frame.extend(to.port().to_be_bytes());
    frame.resize(frame.len() + 40, 0);
    frame
}

fn hash(frame: &[u8], types: &[HashType]) -> Option<u32> {
    let (input, len) = input(frame, types)?;
    Some(toeplitz(&SECRET, &input[..len]))
}

fn examples() -> impl Iterator<Item = (SocketAddr, SocketAddr, u32, u32)> {
    EXAMPLES.iter().map(|(to, from, addresses, ports)| {
        (
            from.parse().unwrap(),
            to.parse().unwrap(),
            *addresses,
            *ports,
        )
    })
}

#[test]
fn hashes_are_those_that_microsoft_published() {
    for (from, to, addresses, ports) in examples() {
        let frame = frame(from, to, TCP);
        assert_eq!(
            hash(&frame, &[Ipv4, Ipv6]),
            Some(addresses),
            "{from} to {to}"
        );
        let all = [Ipv4, TcpIpv4, Ipv6, TcpIpv6];
        assert_eq!(hash(&frame, &all), Some(ports), "{from} to {to}");
    }
}

#[test]
fn ports_count_only_for_protocols_that_are_asked_for() {
    for (from, to, addresses, ports) in examples() {
        let datagram = frame(from, to, UDP);
        let tcp = [Ipv4, TcpIpv4, Ipv6, TcpIpv6];
        assert_eq!(hash(&datagram, &tcp), Some(addresses));
        assert_eq!(hash(&datagram, &[UdpIpv4, UdpIpv6]), Some(ports));
        assert_eq!(hash(&datagram, &[TcpIpv4, TcpIpv6]), None);
    }
}

#[test]
fn fragments_and_truncated_frames_are_hashed_safely() {
    let (from, to, addresses, _) = examples().next().unwrap();
    let mut fragment = frame(from, to, TCP);
    fragment[14 + 7] = 3;
    assert_eq!(hash(&fragment, &[Ipv4, TcpIpv4]), Some(addresses));
    assert_eq!(hash(&fragment, &[TcpIpv4]), None);
    let whole = frame(from, to, TCP);
    for len in 0..whole.len() {
        // However the frame is truncated, nothing past its end is read.
        let _ = hash(&whole[..len], &[Ipv4, TcpIpv4]);
    }
    assert_eq!(hash(&[0; 64], &[Ipv4, Ipv6]), None);
}
