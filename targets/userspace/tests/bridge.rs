//! `bridge` on the command line: frames arrive unchanged over resets of links, rings and devices.

mod program_support;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_userspace::Limits;
use pcap_file::pcap::{PcapPacket, PcapWriter};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use program_support::{
    LONG, TRAFFIC, assert_same, frames, holds_frames, neighbours, output_within, padded, text,
    wait_for_region,
};

fn bridge(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bridge"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    bridge(arguments).output().unwrap()
}

fn run_well(arguments: &[&str]) -> Output {
    let output = run(arguments);
    let status = output.status.code();
    assert_eq!(status, Some(0), "{arguments:?}: {}", text(&output.stderr));
    output
}

/// A folder with a long capture of real traffic.
struct Captures {
    folder: TempDir,
    frames: Vec<Vec<u8>>,
}

impl Captures {
    fn new(times: usize) -> Captures {
        let original = frames(Path::new(TRAFFIC));
        let count = original.len() * times;
        Captures::of(original.into_iter().cycle().take(count).collect())
    }

    /// A capture of these frames, with the last bytes of each replaced by its number, so that all frames differ.
    fn of(mut repeated: Vec<Vec<u8>>) -> Captures {
        let folder = tempfile::tempdir().unwrap();
        for (number, frame) in repeated.iter_mut().enumerate() {
            let at = frame.len() - 8;
            frame[at..].copy_from_slice(&(number as u64).to_be_bytes());
        }
        let file = File::create(folder.path().join("in")).unwrap();
        let mut writer = PcapWriter::new(BufWriter::new(file)).unwrap();
        for frame in &repeated {
            let packet = PcapPacket::new(Duration::ZERO, frame.len() as u32, frame);
            writer.write_packet(&packet).unwrap();
        }
        Captures {
            folder,
            frames: repeated,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn count(&self) -> String {
        self.frames.len().to_string()
    }

    /// Asserts that the recorded frames are the sent ones, with short frames padded.
    fn assert_forwarded(&self, name: &str) {
        assert_same(
            &padded(frames(Path::new(&self.path(name)))),
            &padded(self.frames.clone()),
        );
    }
}

fn limits(nic: &str) -> Limits {
    struct Of;
    impl Visitor for Of {
        type Output = Limits;
        fn visit<D: Modelled>(self) -> Limits {
            let first = &D::MODEL.variants[0];
            Limits::of::<D>(first.name, first.limits)
        }
    }
    by_name(nic, Of).unwrap()
}

/// Neighbours that lose no frames that arrive faster than they are forwarded.
fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    neighbours().filter(|(one, _)| holds_frames(one))
}

/// The number before `what` in the last line.
fn counted(output: &Output, what: &str) -> u64 {
    let line = text(&output.stdout).lines().last().unwrap();
    let words: Vec<_> = line
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let at = words
        .iter()
        .position(|word| word.starts_with(what))
        .expect(line);
    words[at - 1].parse().expect(line)
}

#[test]
fn a_capture_passes_between_different_nics_byte_for_byte_while_the_link_of_one_is_reset_every_50_ms()
 {
    for (one, other) in pairs() {
        let captures = Captures::new(400);
        let from = format!("sim:{one}?replay={}", captures.path("in"));
        let to = format!("sim:{other}?record={}&flap=50", captures.path("out"));
        let arguments = ["-i", &from, "-i", &to, "-n", &captures.count(), "-b", "16"];
        let output = run_well(&[&arguments[..], &["--reset", "link", "--every", "50"]].concat());
        captures.assert_forwarded("out");
        assert!(
            counted(&output, "resets") >= 2,
            "{one} to {other}: {}",
            text(&output.stdout)
        );
        assert!(text(&output.stdout).contains(&format!(": {} frames, ", captures.count())));
    }
}

#[test]
fn ring_resets_lose_no_received_frame() {
    for (one, other) in pairs() {
        let captures = Captures::new(30);
        let from = format!("sim:{one}?replay={}", captures.path("in"));
        let to = format!("sim:{other}?record={}", captures.path("out"));
        let arguments = ["-i", &from, "-i", &to, "-n", &captures.count(), "-b", "16"];
        run_well(&[&arguments[..], &["--reset", "rings", "--every", "20"]].concat());
        // A frame whose completion was lost in the reset is sent twice.
        let mut expected = padded(captures.frames.clone()).into_iter().peekable();
        let mut before = Vec::new();
        for frame in padded(frames(Path::new(&captures.path("out")))) {
            if expected.next_if_eq(&frame).is_some() {
                before.push(frame);
            } else {
                assert!(before.contains(&frame), "{one} to {other}: out of order");
            }
        }
        assert_eq!(expected.count(), 0, "{one} to {other}");
    }
}

#[test]
fn both_directions_are_bridged_by_exchange_or_copy() {
    for (one, other) in pairs().filter(|(_, other)| holds_frames(other)) {
        for copy in [&[][..], &["-c"]] {
            let captures = Captures::new(10);
            let port = |nic: &str, out: &str| {
                format!(
                    "sim:{nic}?replay={}&record={}",
                    captures.path("in"),
                    captures.path(out)
                )
            };
            let (one, other) = (port(one, "one"), port(other, "other"));
            let both = (2 * captures.frames.len()).to_string();
            let arguments = [&one[..], &other, "-n", &both];
            let output = run_well(&[&arguments[..], copy].concat());
            captures.assert_forwarded("one");
            captures.assert_forwarded("other");
            assert_eq!(text(&output.stdout).lines().count(), 3);
        }
    }
}

#[test]
fn frames_over_several_slots_pass_unchanged() {
    let able = |nic: &str| limits(nic).frame_max;
    for (one, other) in pairs() {
        let longest = able(one).min(able(other)).min(9000);
        let lengths = (0..400).map(|n| 60 + n * 7919 % (longest as usize - 59));
        let captures = Captures::of(lengths.map(|len| vec![0xff; len]).collect());
        let from = format!("sim:{one}?replay={}", captures.path("in"));
        let to = format!("sim:{other}?record={}", captures.path("out"));
        let (count, longest) = (captures.count(), longest.to_string());
        let arguments = [
            "-i",
            &from,
            "-i",
            &to,
            "-n",
            &count,
            "--frame-max",
            &longest,
        ];
        for copy in [&[][..], &["-c"]] {
            run_well(&[&arguments[..], copy].concat());
            captures.assert_forwarded("out");
        }
    }
    let longest = NAMES.iter().map(|nic| able(nic)).max();
    assert!(
        longest >= Some(9000),
        "no NIC has frames over several slots"
    );
}

/// The frames forwarded, by direction: the numbers in the lines before the last.
fn forwarded(output: &Output) -> Vec<u64> {
    let lines = text(&output.stdout).lines();
    let counts = lines.filter_map(|line| line.split_once(" frames, ")?.0.rsplit_once(": "));
    counts.map(|(_, count)| count.parse().unwrap()).collect()
}

#[test]
fn exactly_the_first_frames_are_forwarded_whatever_their_number() {
    let captures = Captures::new(5);
    let all = padded(captures.frames.clone());
    for (at, (one, other)) in pairs().enumerate() {
        let from = format!("sim:{one}?replay={}", captures.path("in"));
        let to = format!("sim:{other}?record={}", captures.path("out"));
        let count = [1, 2, 299, 512][at % 4];
        let batch = ["1", "7", "1024"][at % 3];
        let copy = [&[][..], &["-c"]][at / 4 % 2];
        let text = count.to_string();
        let arguments = ["-i", &from, "-i", &to, "-n", &text, "-b", batch];
        let output = run_well(&[&arguments[..], copy].concat());
        assert_eq!(forwarded(&output), [count as u64, 0]);
        let found = padded(frames(Path::new(&captures.path("out"))));
        assert_same(&found, &all[..count]);
    }
}

#[test]
fn both_directions_forward_exactly_the_count_together() {
    for (one, other) in pairs().filter(|(_, other)| holds_frames(other)) {
        let captures = Captures::new(20);
        let port = |nic: &str, out: &str| {
            let (from, to) = (captures.path("in"), captures.path(out));
            format!("sim:{nic}?replay={from}&record={to}")
        };
        let (from, to) = (port(one, "one"), port(other, "other"));
        // The last count is all frames: no thread may end while another returns some.
        let all = 2 * captures.frames.len();
        for count in [1, 777, all] {
            let text = count.to_string();
            let output = run_well(&[&from, &to, "-n", &text]);
            assert_eq!(forwarded(&output).iter().sum::<u64>(), count as u64);
            let recorded = ["one", "other"].map(|out| frames(Path::new(&captures.path(out))));
            assert_eq!(recorded.iter().map(Vec::len).sum::<usize>(), count);
        }
    }
}

/// The bytes that identify a flow: protocol, addresses and possible ports.
fn flow(frame: &[u8]) -> Vec<u8> {
    match frame[12..14] {
        [0x08, 0x00] => [&frame[23..24], &frame[26..38]].concat(),
        [0x86, 0xdd] => [&frame[20..21], &frame[22..58]].concat(),
        _ => frame[12..14].to_vec(),
    }
}

#[test]
fn several_queues_forward_every_frame_and_keep_the_order_of_each_flow() {
    for (one, other) in pairs() {
        let queues = [one, other].map(|nic| limits(nic).tx.queues.min(limits(nic).rx.queues));
        let queues = queues.into_iter().min().unwrap().min(4);
        if queues < 2 {
            continue;
        }
        let captures = Captures::new(20);
        let from = format!("sim:{one}?replay={}", captures.path("in"));
        let to = format!("sim:{other}?record={}", captures.path("out"));
        let (count, queues) = (captures.count(), queues.to_string());
        run_well(&["-i", &from, "-i", &to, "-n", &count, "-q", &queues]);
        let mut found = padded(frames(Path::new(&captures.path("out"))));
        let mut sent = padded(captures.frames.clone());
        let mut flows: Vec<_> = sent.iter().map(|frame| flow(frame)).collect();
        flows.sort();
        flows.dedup();
        for one in flows {
            let of = |frames: &[Vec<u8>]| -> Vec<Vec<u8>> {
                let of = frames.iter().filter(|frame| flow(frame) == one);
                of.cloned().collect()
            };
            assert_same(&of(&found), &of(&sent));
        }
        found.sort();
        sent.sort();
        assert_same(&found, &sent);
    }
}

#[test]
fn a_loopback_returns_frames_to_their_port() {
    for nic in NAMES.iter().filter(|nic| holds_frames(nic)) {
        let captures = Captures::new(10);
        let (from, to) = (captures.path("in"), captures.path("out"));
        let port = format!("sim:{nic}?replay={from}&record={to}");
        run_well(&["-L", "-i", &port, "-n", &captures.count()]);
        captures.assert_forwarded("out");
    }
}

#[test]
fn errors_are_reported_with_the_right_status() {
    let nic = &*format!("sim:{}", NAMES[0]);
    let absent = &*format!("{nic}?replay=/none");
    let cases: [(&[&str], _, _); 9] = [
        (&[], 2, "no port; give one with -i"),
        (&[nic], 2, "no host stack"),
        (&["-L", nic, nic], 2, "-L takes a single port"),
        (&[nic, "usb:none"], 2, "unknown bus `usb`"),
        (&[nic, nic, "--every", "50"], 2, "--reset"),
        (&[nic, "sim:none"], 1, "the NICs are"),
        (&[nic, nic, "--slots", "7"], 1, "7 tx slots"),
        (&[nic, nic, "-q", "1000"], 1, "1000 queues"),
        (&["-L", absent], 1, "bridge:"),
    ];
    for (arguments, status, message) in cases {
        let output = run(arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        assert!(error.contains(message), "{arguments:?}: {error}");
        assert_eq!(text(&output.stdout), "");
    }
}

#[test]
fn ctrl_c_stops_it_and_prints_statistics() {
    let nic = NAMES[0];
    let (one, other) = (format!("sim:{nic}?wire=source"), format!("sim:{nic}"));
    let child = bridge(&[&one, &other])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_region(&child);
    // Long enough for both ports to come up and forward, however busy the machine is.
    std::thread::sleep(Duration::from_secs(1));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let (status, printed) = output_within(child, LONG);
    assert_eq!(status.code(), Some(130));
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines.len(), 3, "{printed}");
    assert!(!lines[0].contains(": 0 frames"), "{printed}");
}

#[test]
fn waits_may_be_longer_than_the_clock_counts() {
    let every = u64::MAX.to_string();
    let (one, other) = pairs().next().unwrap();
    let (source, sink) = (format!("sim:{one}?wire=source"), format!("sim:{other}"));
    let waits = ["-w", "1e19", "--reset", "link", "--every", &every];
    let ports = ["-n", "10", "-i", &source, "-i", &sink];
    run_well(&[&ports[..], &waits].concat());
}
