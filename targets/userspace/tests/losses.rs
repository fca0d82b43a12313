//! Frames that get lost are in the last lines of the programs, with the reason: what was handed over is what left, and
//! what left is what arrived or got lost.

mod program_support;
mod qemu_support;
mod sim_support;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::model::Event;
use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_sim::wire::{Flow, cable};
use netmap_userspace::{Memory, PortConfig, PortName};
use pcap_file::pcap::{PcapPacket, PcapWriter};
use rustix::process::Signal;
use serde_json::Value;
use sim_support::port;

use program_support::children::{ended, program, signal};
use program_support::{LONG, frames, output_within, text, wait_for_region};

/// The sum of the numbers before `what`.
fn counted(text: &str, what: &str) -> u64 {
    let before = text.match_indices(what).map(|(at, _)| &text[..at]);
    let numbers = before.map(|before| before.split_whitespace().last().expect(text));
    numbers
        .map(|number| number.parse::<u64>().expect(text))
        .sum()
}

/// The output of a program that ends well.
fn run(name: &str, arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = ended(program(name, arguments));
    let error = text(&stderr);
    assert_eq!(status.code(), Some(0), "{name} {arguments:?}: {error}");
    text(&stdout).to_owned()
}

/// The output of a program that is interrupted once it does nothing more.
fn interrupted(name: &str, arguments: &[&str]) -> String {
    let mut command = program(name, arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let child = child.spawn().unwrap();
    wait_for_region(&child);
    thread::sleep(Duration::from_millis(1500));
    let since = Instant::now();
    signal(&child, Signal::INT);
    let (status, output) = output_within(child, LONG);
    assert_eq!(status.code(), Some(130), "{output}");
    // Not the five seconds that frames may take to leave without a signal.
    assert!(since.elapsed() < Duration::from_secs(4), "{name}: {output}");
    output
}

/// Frames that left a NIC for a cable without another port.
fn in_the_cable(output: &str) -> u64 {
    [
        "sent to a cable",
        "not taken by the wire",
        "sent while the wire took none",
        "dropped by QEMU",
    ]
    .map(|what| counted(output, what))
    .iter()
    .sum()
}

/// QEMU's devices that the specs name, each with another driver.
fn qemu_devices() -> Vec<&'static str> {
    struct First;
    impl Visitor for First {
        type Output = Option<&'static str>;
        fn visit<D: Modelled>(self) -> Self::Output {
            D::MODEL.variants.iter().find_map(|variant| variant.qemu)
        }
    }
    let devices = NAMES.iter().filter_map(|nic| by_name(nic, First).unwrap());
    devices.collect()
}

#[test]
fn what_has_not_left_is_not_sent_and_what_nobody_receives_is_lost() {
    for nic in NAMES {
        let port = format!("sim:{nic}?cable=lonely");
        let output = interrupted("pkt-gen", &["-f", "tx", "-i", &port]);
        let sent = counted(&output, " frames, ");
        assert!(sent >= 4096, "{output}");
        let unsent = counted(&output, " not sent");
        // The NIC may have sent the last frames without having reported it.
        let left = in_the_cable(&output);
        assert!((sent..=sent + unsent).contains(&left), "{output}");
        assert!((1..512).contains(&unsent), "{output}");
        assert!(output.contains(&format!("{} bytes", sent * 60)), "{output}");

        let source = format!("sim:{nic}?wire=source");
        let output = interrupted("bridge", &["-i", &source, "-i", &port]);
        let there = output.lines().next().unwrap();
        let forwarded = counted(there, " frames, ");
        assert!(forwarded >= 4096, "{output}");
        let unsent = counted(there, " not sent");
        assert!(unsent > 0, "{output}");
        let left = in_the_cable(&output);
        assert!((forwarded..=forwarded + unsent).contains(&left), "{output}");
    }
}

#[test]
fn frames_that_no_wire_takes_from_qemu_are_counted() {
    need_qemu!();
    for device in qemu_devices() {
        let port = format!("qemu:{device}?cable=lonely");
        let output = run(
            "pkt-gen",
            &["-f", "tx", "-i", &port, "-n", "16000", "-w", "20"],
        );
        assert_eq!(counted(&output, " frames, "), 16000, "{output}");
        assert_eq!(in_the_cable(&output), 16000, "{output}");
    }
}

/// Writes a capture of broadcast frames of these lengths.
fn capture(path: &Path, lengths: &[usize]) {
    let file = BufWriter::new(File::create(path).unwrap());
    let mut writer = PcapWriter::new(file).unwrap();
    for &len in lengths {
        let mut frame = vec![0xff; len];
        frame[6..14].copy_from_slice(&[2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
        let packet = PcapPacket::new(Duration::ZERO, len as u32, &frame);
        writer.write_packet(&packet).unwrap();
    }
}

/// The NICs with a counter of that event.
fn counting(event: Event) -> Vec<&'static str> {
    struct Counts(Event);
    impl Visitor for Counts {
        type Output = bool;
        fn visit<D: Modelled>(self) -> bool {
            let mut counts = D::MODEL.counts.iter();
            counts.any(|count| count.event == self.0)
        }
    }
    let mut nics = NAMES.to_vec();
    nics.retain(|nic| by_name(nic, Counts(event)).unwrap());
    assert!(!nics.is_empty(), "no NIC counts {event:?}");
    nics
}

/// Seven frames for every NIC, and among them three that are too long for all.
const MIXED: [usize; 10] = [60, 3000, 1514, 100, 3000, 64, 60, 5000, 61, 62];

#[test]
fn frames_that_are_too_long_for_the_receiver_are_lost_by_the_nic() {
    let folder = tempfile::tempdir().unwrap();
    let mixed = folder.path().join("mixed");
    capture(&mixed, &MIXED);
    let replay = format!("replay={}", mixed.display());
    for nic in counting(Event::RxLengthErrors) {
        let from = format!("sim:{nic}?{replay}");
        let output = run("pkt-gen", &["-f", "rx", "-n", "7", "-i", &from]);
        assert!(output.starts_with("received 7 frames"), "{output}");
        assert_eq!(counted(&output, " lost by the NIC: "), 3, "{output}");

        let out = folder.path().join("out");
        let to = format!("sim:{nic}?record={}", out.display());
        let output = run("bridge", &["-n", "7", "-i", &from, "-i", &to]);
        assert_eq!(frames(&out).len(), 7, "{output}");
        let last = output.lines().last().unwrap();
        assert_eq!(counted(last, " lost by the NIC: "), 3, "{output}");
        assert!(last.contains(&format!("; sim:{nic}: 3 lost")), "{output}");

        let shown = run("nm-info", &[&from]);
        assert!(shown.contains("  3  lost by the NIC: "), "{shown}");
        let shown = run("nm-info", &["--json", &from]);
        let info: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(info["losses"][0]["frames"], 3, "{shown}");
        let none = run("nm-info", &[&format!("sim:{nic}")]);
        assert!(none.contains("lost frames  none"), "{none}");
    }
}

/// The same on QEMU, of which not every device counts such frames.
#[test]
fn frames_that_qemu_counts_as_lost_are_in_the_last_line() {
    need_qemu!();
    let folder = tempfile::tempdir().unwrap();
    let mixed = folder.path().join("mixed");
    capture(&mixed, &MIXED);
    let mut counts = Vec::new();
    for device in qemu_devices() {
        let from = format!("qemu:{device}?replay={}", mixed.display());
        let arguments = ["-f", "rx", "-n", "7", "-i", &from, "-w", "20"];
        let output = run("pkt-gen", &arguments);
        assert!(output.starts_with("received 7 frames"), "{output}");
        counts.push(counted(&output, " lost by the NIC: "));
    }
    assert!(counts.contains(&3), "{counts:?}");
    assert!(
        counts.iter().all(|lost| [0, 3].contains(lost)),
        "{counts:?}"
    );
}

/// Of more frames than a ring of 64, or of about 64, holds, nobody takes one.
#[test]
fn frames_are_received_or_lost() {
    for nic in counting(Event::RxMissed) {
        let name: PortName = format!("sim:{nic}").parse().unwrap();
        let limits = name.limits().unwrap().unwrap();
        let config = PortConfig {
            rx_slots: Some(limits.rx.nearest(64)),
            promiscuous: true,
            ..PortConfig::default()
        };
        let memory = Memory::create(config.buffers() + 2).unwrap();
        let (mut port, device) = port(nic, &memory, &config);
        let (near, far) = cable(Flow::Dropping, 128);
        let mut far = far.socket();
        device.device().plug(near);
        port.start().unwrap();
        port.wait_for_link(LONG).unwrap();
        let mut rx = port.rx(0).unwrap();
        assert_eq!(port.losses(), [], "{nic}");
        let mut frame = vec![0xff; 60];
        frame[6..14].copy_from_slice(&[2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
        let more = rx.slots() - 1 + 37;
        (0..more).for_each(|_| assert!(far.send(&frame)));
        let since = Instant::now();
        // A counter that a write clears may miss frames if it is read while the device counts.
        let counted = || {
            let counts = device.device().counts();
            counts.rx_frames + counts.rx_missed
        };
        while counted() < u64::from(more) {
            assert!(since.elapsed() < LONG, "{nic}: {} of {more}", counted());
            thread::yield_now();
        }
        loop {
            rx.sync().unwrap();
            let losses = port.losses();
            let lost: u64 = losses.iter().map(|loss| loss.frames).sum();
            if u64::from(rx.available()) + lost == u64::from(more) {
                assert!(losses[0].to_string().starts_with("37 lost by the NIC: "));
                assert_eq!(losses.len(), 1, "{losses:?}");
                break;
            }
            assert!(since.elapsed() < LONG, "{nic}: {losses:?}");
        }
    }
}
