//! Standard streams that cannot be written, and arguments at their extremes: no program panics.

mod program_support;
mod qemu_support;

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use netmap_nics::NAMES;

use program_support::TRAFFIC;
use program_support::children::{
    Broken, PROGRAMS, ended, output, program, signal, wait_for_handlers,
};
use program_support::{LONG, long_demo, text};
use qemu_support::first_port;
use rustix::process::Signal;

/// The status of a program that panicked.
const PANIC: i32 = 101;

/// A short run of each program, which prints to standard output, and its help.
fn runs() -> Vec<(&'static str, Vec<String>)> {
    let port = format!("sim:{}?wire=source", NAMES[0]);
    let plain = format!("sim:{}", NAMES[0]);
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut runs = vec![
        ("pkt-gen", words(&format!("-i {port} -f rx -n 10"))),
        ("pkt-gen", words(&format!("-i {plain} -f tx -n 10"))),
        ("bridge", words(&format!("-v -L -i {port} -n 10"))),
        ("nm-info", words(&plain)),
        ("nm-info", words(&format!("-j -r {plain}"))),
        (
            "netmap-demo",
            words(&format!("--capture {TRAFFIC} --frames 600 {plain}")),
        ),
    ];
    for name in ["pkt-gen", "bridge", "nm-info", "netmap-demo"] {
        runs.push((name, words("--help")));
    }
    runs
}

fn command(name: &str, arguments: &[String]) -> Command {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    program(name, &arguments)
}

#[test]
fn a_closed_pipe_ends_a_program_quietly_and_a_full_disk_with_a_reason() {
    for (name, arguments) in runs() {
        for (broken, status) in [(Broken::ClosedPipe, 0), (Broken::FullDisk, 1)] {
            let child = command(name, &arguments)
                .stdin(Stdio::null())
                .stdout(broken.stream())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let what = format!("{name} {arguments:?} > {broken:?}");
            let output = output(child, LONG, &what);
            let error = text(&output.stderr);
            assert_eq!(output.status.code(), Some(status), "{what}: {error}");
            assert_eq!(
                error.contains("cannot write to standard output"),
                status == 1,
                "{what}: {error}"
            );
            assert!(!error.contains("panicked"), "{what}: {error}");
        }
    }
}

#[test]
fn a_broken_standard_error_changes_no_status() {
    let wrong = vec![String::from("--none")];
    let unknown: [(&str, Vec<String>); 4] = [
        ("pkt-gen", vec!["-i".into(), "sim:none".into()]),
        ("bridge", vec!["-L".into(), "sim:none".into()]),
        ("nm-info", vec!["sim:none".into()]),
        (
            "netmap-demo",
            vec!["sim:none".into(), "--capture".into(), TRAFFIC.into()],
        ),
    ];
    let all = runs().into_iter().map(|(name, words)| (name, words, 0));
    let all = all.chain(unknown.into_iter().map(|(name, words)| (name, words, 1)));
    let names = ["pkt-gen", "bridge", "nm-info", "netmap-demo"];
    let all = all.chain(names.map(|name| (name, wrong.clone(), 2)));
    for (name, arguments, status) in all {
        for broken in [Broken::ClosedPipe, Broken::FullDisk] {
            let child = command(name, &arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(broken.stream())
                .spawn()
                .unwrap();
            let what = format!("{name} {arguments:?} 2> {broken:?}");
            let output = output(child, LONG, &what);
            assert_eq!(output.status.code(), Some(status), "{what}");
        }
    }
}

/// A shell closes the stream; the system then gives its number to the next file that is opened.
#[test]
fn streams_that_are_closed_at_the_start_are_not_taken_by_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("out.pcap");
    let port = format!("sim:{}?record={}", NAMES[0], capture.display());
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let mut shell = Command::new("sh");
        let pkt_gen = PROGRAMS[0];
        shell.args([
            "-c",
            &format!("'{pkt_gen}' -i '{port}' -f tx -n 10 {closed}"),
        ]);
        let output = ended(shell);
        assert_eq!(output.status.code(), Some(0), "{closed}");
        assert_eq!(program_support::frames(&capture).len(), 10, "{closed}");
    }
}

/// Every argument with a number, at values that overflow, wrap or do not exist.
#[test]
fn no_number_makes_a_program_panic() {
    const NUMBERS: [&str; 10] = [
        "0",
        "1",
        "4294967295",
        "4294967296",
        "18446744073709551615",
        "-1",
        "1e19",
        "1e308",
        "nan",
        "inf",
    ];
    let nic = NAMES[0];
    let lines = [
        "pkt-gen -f tx -n 1 -i sim:NIC -l @",
        "pkt-gen -f tx -n 1 -i sim:NIC -p @",
        "pkt-gen -f tx -n 1 -i sim:NIC -b @",
        "pkt-gen -f tx -n 1 -i sim:NIC -w @",
        "pkt-gen -f tx -n 1 -i sim:NIC -R @",
        "pkt-gen -f tx -n 1 -i sim:NIC --slots @",
        "pkt-gen -f tx -n 1 -i sim:NIC -o strip_crc=@",
        "pkt-gen -f tx -n 1 -i sim:NIC?flap=@",
        "bridge -n 1 -L sim:NIC?wire=source -b @",
        "bridge -n 1 -L sim:NIC?wire=source -w @",
        "bridge -n 1 -L sim:NIC?wire=source -q @",
        "bridge -n 1 -L sim:NIC?wire=source --slots @",
        "bridge -n 1 -L sim:NIC?wire=source --frame-max @",
        "bridge -n 1 -L sim:NIC?wire=source -o strip_crc=@",
        "bridge -n 1 -L sim:NIC?wire=source --reset link --every @",
        "nm-info sim:NIC -w @",
        "netmap-demo --capture TRAFFIC --frames _ sim:none",
        "netmap-demo --capture TRAFFIC --qemu-frames _ sim:none",
    ];
    for line in lines {
        for number in NUMBERS {
            let line = line.replace("NIC", nic).replace('@', number);
            let words: Vec<_> = line
                .split(' ')
                .map(|word| if word == "TRAFFIC" { TRAFFIC } else { word })
                .collect();
            // What would take all memory is limited here, so that the test is safe wherever it runs.
            let mut shell = Command::new("sh");
            let path = PROGRAMS.iter().find(|path| path.ends_with(words[0]));
            shell.args(["-c", "ulimit -v 4000000; exec \"$@\"", "sh", path.unwrap()]);
            shell.args(&words[1..]);
            let output = ended(shell);
            let error = text(&output.stderr);
            assert_ne!(output.status.code(), Some(PANIC), "{line}: {error}");
            assert!(output.status.code().is_some(), "{line}: {error}");
        }
    }
    for frames in ["1", "2"] {
        let port = format!("sim:{nic}");
        let arguments = ["--capture", TRAFFIC, "--frames", frames, &port];
        let output = ended(program("netmap-demo", &arguments));
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
}

/// `nohup` starts programs with SIGHUP ignored, so that they outlive their terminal.
fn an_ignored_hangup_ends_no_program(port: &str) {
    let lines = [
        ("pkt-gen", vec!["-f", "tx", "-R", "10", "-i", port]),
        ("pkt-gen", vec!["-f", "rx", "-i", port]),
        ("bridge", vec!["-L", port]),
        ("netmap-demo", long_demo(port).to_vec()),
    ];
    for (name, arguments) in lines {
        for (before, ends) in [("trap '' HUP; ", false), ("", true)] {
            let path = PROGRAMS.iter().find(|path| path.ends_with(name)).unwrap();
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("{before}exec \"$@\""), "sh", path]);
            shell.args(&arguments).stdin(Stdio::null());
            shell.stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = shell.spawn().unwrap();
            wait_for_handlers(&child);
            signal(&child, Signal::HUP);
            let what = format!("{name} on {port}");
            if !ends {
                thread::sleep(Duration::from_millis(500));
                assert!(child.try_wait().unwrap().is_none(), "{what}");
                signal(&child, Signal::TERM);
            }
            assert_eq!(output(child, LONG, &what).status.code(), Some(130));
        }
    }
}

#[test]
fn an_ignored_hangup_ends_no_program_on_sim() {
    an_ignored_hangup_ends_no_program(&format!("sim:{}", NAMES[0]));
}

#[test]
fn an_ignored_hangup_ends_no_program_on_qemu() {
    need_qemu!();
    an_ignored_hangup_ends_no_program(&first_port());
}
