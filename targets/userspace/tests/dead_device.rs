//! QEMUs that are killed or stopped while programs and ports use their NICs.

mod program_support;
mod qemu_support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::SyncError;
use netmap_userspace::{Error, Memory, PortConfig, open};
use rustix::process::{Pid, Signal, kill_process};

use program_support::LONG;
use qemu_support::{devices, first_port};

/// The QEMU that process `parent` has started; waits for it.
fn qemu_of(parent: u32) -> Pid {
    let since = Instant::now();
    loop {
        let tasks = fs::read_dir(format!("/proc/{parent}/task")).unwrap();
        let children = tasks.filter_map(|task| {
            let children = task.ok()?.path().join("children");
            fs::read_to_string(children).ok()
        });
        let all: Vec<String> = children
            .flat_map(|text| {
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect();
        let mut qemus = all.iter().filter(|id| {
            let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
            name.starts_with("qemu")
        });
        if let Some(id) = qemus.next() {
            return Pid::from_raw(id.parse().unwrap()).unwrap();
        }
        assert!(since.elapsed() < LONG, "no QEMU of process {parent}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the program has printed that its link is up.
fn wait_for_link(program: &mut Child) -> thread::JoinHandle<String> {
    use std::io::{BufRead as _, BufReader};
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let up = |line: &String| line.contains("link") && line.contains("Mbit/s");
    let mut printed = String::new();
    for line in lines.by_ref() {
        let line = line.unwrap();
        let is_up = up(&line);
        printed = printed + &line + "\n";
        if is_up {
            break;
        }
    }
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            printed = printed + &line + "\n";
        }
        printed
    })
}

#[test]
fn programs_end_with_the_reason_when_their_device_is_gone() {
    need_qemu!();
    let port = first_port();
    let sim = format!("sim:{}", netmap_nics::NAMES[0]);
    let pkt_gen = env!("CARGO_BIN_EXE_pkt-gen");
    let bridge = env!("CARGO_BIN_EXE_bridge");
    let programs: [(&str, Vec<&str>); 4] = [
        (pkt_gen, vec!["-w", "20", "-f", "tx", "-i", &port]),
        (pkt_gen, vec!["-w", "20", "-f", "rx", "-i", &port]),
        (bridge, vec!["-v", "-w", "20", "-i", &port, "-i", &sim]),
        // It still waits for the link of the second port.
        (bridge, vec!["-w", "20", "-i", &sim, "-i", &port]),
    ];
    for (program, arguments) in programs {
        for (signal, reason) in [
            (Signal::KILL, "QEMU ended with signal: 9"),
            (Signal::STOP, "QEMU was stopped by a signal"),
        ] {
            let mut child = Command::new(program)
                .args(&arguments)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let errors = wait_for_link(&mut child);
            kill_process(qemu_of(child.id()), signal).unwrap();
            let output = child.wait_with_output().unwrap();
            let errors = errors.join().unwrap();
            let what = format!("{program} {arguments:?} {signal:?}: {errors}");
            assert_eq!(output.status.code(), Some(1), "{what}");
            assert!(errors.contains(": the device is gone\n"), "{what}");
            assert!(errors.contains(reason), "{what}");
            let printed = String::from_utf8(output.stdout).unwrap();
            assert!(printed.contains("frames"), "no totals: {printed:?} {what}");
            assert!(!printed.contains("syncs failed"), "{printed:?} {what}");
        }
    }
}

#[test]
fn a_port_of_every_device_notices_that_its_qemu_was_killed_or_stopped() {
    need_qemu!();
    for (_, device) in devices() {
        for signal in [Signal::KILL, Signal::STOP] {
            let memory = Memory::create(2048).unwrap();
            let name = format!("qemu:{device}");
            let mut port = open(&name, &memory, PortConfig::default()).unwrap();
            port.start().unwrap();
            port.wait_for_link(LONG).unwrap();
            let (mut tx, mut rx) = (port.tx(0).unwrap(), port.rx(0).unwrap());
            let qemu = qemu_of(std::process::id());
            kill_process(qemu, signal).unwrap();
            let error = (0..).find_map(|_| port.tick().err()).unwrap();
            assert!(
                matches!(error, Error::Gone { source: Some(_) }),
                "{device}: {error:?}"
            );
            assert_eq!(tx.sync(), Err(SyncError::DeviceGone), "{device}");
            assert_eq!(rx.sync(), Err(SyncError::DeviceGone), "{device}");
            assert!(matches!(port.link(), Err(Error::Gone { .. })), "{device}");
            drop((port, tx, rx));
            assert!(!Path::new(&format!("/proc/{}", qemu.as_raw_nonzero())).exists());
        }
    }
}
