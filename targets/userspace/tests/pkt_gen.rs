//! `pkt-gen` on the command line: its output and its exit status.

mod program_support;
mod qemu_support;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use netmap_nics::NAMES;
use netmap_userspace::{PortConfig, PortName};
use program_support::{
    LONG, TRAFFIC, assert_same, frames, output_within, padded, text, wait_for_region, with,
    with_queues,
};
use qemu_support::first_port;

fn pkt_gen(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pkt-gen"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    pkt_gen(arguments).output().unwrap()
}

/// The port of the first NIC.
fn first() -> String {
    format!("sim:{}", NAMES[0])
}

#[test]
fn it_sends_the_requested_number_of_frames() {
    let output = run(&["-i", &first(), "-f", "tx", "-n", "12345", "-l", "100"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = text(&output.stdout);
    assert!(
        line.starts_with("sent 12345 frames, 1234500 bytes in"),
        "{line}"
    );
    assert!(text(&output.stderr).contains("link up"));
}

#[test]
fn it_receives_the_requested_number_of_frames() {
    let port = format!("{}?wire=source", first());
    let output = run(&["-i", &port, "-f", "rx", "-n", "5000", "-b", "64"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = text(&output.stdout);
    assert!(
        line.starts_with("received 5000 frames, 300000 bytes in"),
        "{line}"
    );
}

#[test]
fn threads_share_the_work_each_on_its_own_ring() {
    for (function, done) in [("tx", "sent"), ("rx", "received")] {
        let port = format!("sim:{}?wire=source", with_queues(3));
        let output = run(&["-i", &port, "-f", function, "-p", "3", "-n", "50000"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let line = text(&output.stdout);
        let message = format!("{done} 50000 frames, 3000000 bytes in");
        assert!(line.starts_with(&message), "{line}");
    }
}

#[test]
fn long_frames_go_over_several_slots() {
    const BYTES: &str = "9000";
    let receiver = with(&PortConfig {
        frame_max: Some(9000),
        ..PortConfig::default()
    });
    let sends = |nic: &&&str| {
        let name: PortName = format!("sim:{nic}").parse().unwrap();
        name.check_sent(9000, &PortConfig::default()).is_ok()
    };
    let sender = NAMES.iter().find(sends).unwrap();
    let arguments = ["-f", "tx", "-n", "1000", "-l", BYTES];
    let output = run(&[&["-i", &format!("sim:{sender}")], &arguments[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = text(&output.stdout);
    assert!(
        line.starts_with("sent 1000 frames, 9000000 bytes in"),
        "{line}"
    );

    let folder = tempfile::tempdir().unwrap();
    let (long, back) = (folder.path().join("long"), folder.path().join("back"));
    let port = format!("sim:{sender}?record={}", long.display());
    run(&["-i", &port, "-f", "tx", "-n", "20", "-l", BYTES]);
    let port = format!("sim:{receiver}?replay={}", long.display());
    let to = back.to_str().unwrap();
    let output = run(&["-i", &port, "-f", "rx", "-n", "20", "-l", BYTES, "-P", to]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let (long, back) = (frames(&long), frames(&back));
    assert!(long.len() == 20 && long.iter().all(|frame| frame.len() == 9000));
    assert_same(&back, &long);
}

#[test]
fn it_keeps_the_rate() {
    let since = Instant::now();
    let output = run(&["-i", &first(), "-f", "tx", "-n", "10000", "-R", "20000"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        since.elapsed() >= Duration::from_millis(490),
        "{:?}",
        since.elapsed()
    );
}

/// Each rate is the rate of all threads together, and a count is exact even if there are more threads than frames.
#[test]
fn low_rates_and_counts_below_the_number_of_threads_are_exact() {
    for (rate, count, millis) in [
        ("5", 3, 400),
        ("20/min", 1, 0),
        ("0.5", 2, 2000),
        ("10", 5, 400),
    ] {
        for threads in ["1", "2"] {
            let since = Instant::now();
            let (port, text) = (format!("sim:{}", with_queues(2)), count.to_string());
            let arguments = ["-i", &port, "-f", "tx", "-n", &text, "-R", rate];
            let output = run(&[&arguments[..], &["-p", threads]].concat());
            let error = self::text(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{error}");
            let line = self::text(&output.stdout);
            let sent = format!("sent {count} frames, {} bytes in", 60 * count);
            assert!(line.starts_with(&sent), "{rate}, {threads} threads: {line}");
            assert!(since.elapsed() >= Duration::from_millis(millis), "{rate}");
        }
    }
}

#[test]
fn a_capture_is_sent_and_received_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let (sent, received) = (folder.path().join("sent"), folder.path().join("received"));
    let original = frames(Path::new(TRAFFIC));
    let count = original.len().to_string();

    let port = format!("{}?record={}", first(), sent.display());
    let output = run(&["-i", &port, "-f", "tx", "-P", TRAFFIC, "-n", &count]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let port = format!("{}?replay={TRAFFIC}", first());
    let to = received.to_str().unwrap();
    let output = run(&["-i", &port, "-f", "rx", "-P", to, "-n", &count]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));

    assert_same(&frames(&received), &original);
    assert_same(&padded(frames(&sent)), &padded(original));
}

#[test]
fn it_drives_a_qemu_nic_as_well() {
    need_qemu!();
    let port = first_port();
    let output = run(&["-i", &port, "-f", "tx", "-n", "2000", "-w", "20"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("sent 2000 frames"));

    let folder = tempfile::tempdir().unwrap();
    let received = folder.path().join("received");
    let (from, to) = (
        format!("{port}?replay={TRAFFIC}"),
        received.to_str().unwrap(),
    );
    let output = run(&["-i", &from, "-f", "rx", "-P", to, "-n", "200", "-w", "20"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let mut original = frames(Path::new(TRAFFIC));
    original.truncate(200);
    assert_same(&padded(frames(&received)), &padded(original));
}

#[test]
fn errors_are_reported_with_the_right_status() {
    let nic = &*first();
    let absent = &*format!("{nic}?replay=/none");
    let nics = &*format!("the NICs are {}", NAMES[0]);
    for (arguments, status, message) in [
        (&["-f", "tx"][..], 2, "--interface"),
        (&["-i", NAMES[0]], 2, "`sim:<nic>`"),
        (&["-i", nic, "-f", "up"], 2, "possible values"),
        (&["-i", nic, "-l", "70000"], 2, "70000"),
        (&["-i", nic, "-l", "60000"], 1, "frames of 60000 bytes"),
        (&["-i", "sim:none"], 1, nics),
        (&["-i", nic, "--slots", "7"], 1, "7 tx slots"),
        (
            &["-i", nic, "-f", "tx", "-P", "/none"],
            1,
            "cannot read /none",
        ),
        (&["-i", absent, "-f", "rx"], 1, "pkt-gen:"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        let error = text(&output.stderr);
        assert!(error.contains(message), "{arguments:?}: {error}");
        assert_eq!(text(&output.stdout), "");
    }
}

#[test]
fn ctrl_c_stops_it_and_prints_totals() {
    for function in ["tx", "rx"] {
        let child = pkt_gen(&["-i", &first(), "-f", function])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for_region(&child);
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let output = output_within(child, LONG);
        assert_eq!(output.0.code(), Some(130));
        assert!(output.1.contains("frames"), "{}", output.1);
    }
}

#[test]
fn a_wait_may_be_longer_than_the_clock_counts() {
    for wait in ["1e10", "1e19"] {
        let output = run(&["-i", &first(), "-f", "tx", "-n", "10", "-w", wait]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
}
