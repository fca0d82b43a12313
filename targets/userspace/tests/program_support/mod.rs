//! Helpers for tests of the programs: captures, program output, and leftovers.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod children;

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use netmap_nics::{Modelled, Visitor, by_name};
use netmap_userspace::{NAMES, PortConfig, PortName};
use pcap_file::pcap::PcapReader;

/// Timeout for events that must happen.
pub const LONG: Duration = Duration::from_secs(20);
/// Real traffic.
pub const TRAFFIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/traffic.pcap");

/// Arguments that let the demo run for long on a port.
pub fn long_demo(port: &str) -> [&str; 7] {
    const MANY: &str = "1000000000";
    [
        "--capture",
        TRAFFIC,
        "--frames",
        MANY,
        "--qemu-frames",
        MANY,
        port,
    ]
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

pub fn frames(path: &Path) -> Vec<Vec<u8>> {
    let mut reader = PcapReader::new(BufReader::new(File::open(path).unwrap())).unwrap();
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        frames.push(packet.unwrap().data.into_owned());
    }
    frames
}

/// Each NIC with the next one, the last one with the first, in both orders: a pair for each two NICs would take longer with
/// every new NIC, for code that does not know which two they are.
pub fn neighbours() -> impl Iterator<Item = (&'static str, &'static str)> {
    let next = NAMES.iter().cycle().skip(1);
    let pairs = NAMES.iter().zip(next).filter(|(one, next)| one != next);
    pairs.flat_map(|(one, next)| [(*one, *next), (*next, *one)])
}

/// Whether a simulated device of the NIC lets frames wait until it has a descriptor; others lose them.
pub fn holds_frames(nic: &str) -> bool {
    struct Holds;
    impl Visitor for Holds {
        type Output = bool;
        fn visit<D: Modelled>(self) -> bool {
            !D::MODEL.rx.lossy
        }
    }
    by_name(nic, Holds).expect("a name of a NIC")
}

/// The first NIC whose simulated port may have this configuration.
pub fn with(config: &PortConfig) -> &'static str {
    let able = |nic: &&&str| {
        let name: PortName = format!("sim:{nic}").parse().unwrap();
        name.check(config).is_ok()
    };
    NAMES.iter().find(able).expect("no NIC has such a port")
}

/// The first NIC with this many queues or more.
pub fn with_queues(queues: u32) -> &'static str {
    with(&PortConfig {
        queues,
        ..PortConfig::default()
    })
}

/// Pads frames as a NIC does that are too short for the wire.
pub fn padded(mut frames: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    for frame in &mut frames {
        frame.resize(frame.len().max(60), 0);
    }
    frames
}

/// As `assert_eq!`, but prints only the first frame that differs.
pub fn assert_same(found: &[Vec<u8>], expected: &[Vec<u8>]) {
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found, expected, "frame {at}");
    }
    assert_eq!(found.len(), expected.len());
}

/// Waits until a running program has mapped its region and had a moment to start working.
pub fn wait_for_region(child: &Child) {
    let since = Instant::now();
    loop {
        let maps = fs::read_to_string(format!("/proc/{}/maps", child.id())).unwrap();
        if maps.contains("/memfd:netmap") {
            thread::sleep(Duration::from_millis(200));
            return;
        }
        assert!(since.elapsed() < LONG, "no region in {maps}");
        thread::sleep(Duration::from_millis(5));
    }
}

pub fn output_within(mut child: Child, within: Duration) -> (ExitStatus, String) {
    let since = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if since.elapsed() > within {
            child.kill().unwrap();
            panic!("it continues after Ctrl-C");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let stdout = std::io::read_to_string(child.stdout.take().unwrap()).unwrap();
    (status, stdout)
}
