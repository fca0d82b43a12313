//! A killed program leaves nothing: no file, no shared memory and no QEMU. For every program on every bus.

mod program_support;
mod qemu_support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use netmap_nics::NAMES;

use program_support::{LONG, TRAFFIC, long_demo};
use qemu_support::first_port;

/// Marks the processes of a test in their environment, which their children inherit.
const MARK: &str = "NETMAP_TEST_LEFTOVERS";

/// Every program with arguments that let it run for long on a port.
fn programs(port: &str) -> [(&'static str, Vec<&str>); 4] {
    [
        (env!("CARGO_BIN_EXE_pkt-gen"), vec!["-i", port, "-f", "tx"]),
        (env!("CARGO_BIN_EXE_bridge"), vec!["-L", port]),
        (env!("CARGO_BIN_EXE_nm-info"), vec![port]),
        (env!("CARGO_BIN_EXE_netmap-demo"), long_demo(port).to_vec()),
    ]
}

/// A running program with its own folder for temporary files.
struct Running {
    child: Child,
    mark: String,
    temporary: PathBuf,
}

impl Running {
    fn start(program: &str, arguments: &[&str], temporary: &Path, number: u64) -> Running {
        let mark = format!("{}-{number}-{}", std::process::id(), temporary.display());
        let mut command = Command::new(program);
        command.args(arguments).env("TMPDIR", temporary);
        command.env(MARK, &mark).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Running {
            child: command.spawn().unwrap(),
            mark,
            temporary: temporary.to_owned(),
        }
    }

    /// The program and the processes that it started.
    fn processes(&self) -> Vec<PathBuf> {
        let mark = format!("{MARK}={}", self.mark);
        let all = fs::read_dir("/proc")
            .unwrap()
            .map(|entry| entry.unwrap().path());
        all.filter(|process| {
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            environment
                .split(|&byte| byte == 0)
                .any(|variable| variable == mark.as_bytes())
        })
        .collect()
    }

    /// Files with a name that the processes have open or mapped, where the system keeps temporary files.
    fn named_files(&self) -> BTreeSet<String> {
        let temporary = self.temporary.to_str().unwrap();
        let is_temporary = |path: &str| {
            let folders = ["/dev/shm/", "/tmp/", "/var/tmp/", temporary];
            folders.iter().any(|folder| path.starts_with(folder))
                && !path.ends_with(" (deleted)")
                && Path::new(path) != Path::new(TRAFFIC)
        };
        let mut found = BTreeSet::new();
        for process in self.processes() {
            let maps = fs::read_to_string(process.join("maps")).unwrap_or_default();
            let mapped = maps
                .lines()
                .filter_map(|line| line.find('/').map(|at| line[at..].to_owned()));
            let open = fs::read_dir(process.join("fd"))
                .into_iter()
                .flatten()
                .flatten();
            let open = open.filter_map(|entry| fs::read_link(entry.path()).ok());
            let open = open.map(|path| path.to_string_lossy().into_owned());
            // The program itself may have been built in such a folder.
            let own = fs::read_link(process.join("exe")).unwrap_or_default();
            found.extend(
                mapped
                    .chain(open)
                    .filter(|path| is_temporary(path) && Path::new(path) != own),
            );
        }
        found
    }

    fn assert_nameless(&self) {
        assert_eq!(self.named_files(), BTreeSet::new());
        assert_eq!(fs::read_dir(&self.temporary).unwrap().count(), 0);
    }

    /// Waits until the program has its memory, and its QEMU if it has one; false if it has already ended.
    fn works(&mut self, processes: usize) -> bool {
        let since = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            let all = self.processes();
            let mapped = |process: &PathBuf| {
                let maps = fs::read_to_string(process.join("maps")).unwrap_or_default();
                maps.contains("/memfd:netmap")
            };
            if all.len() >= processes && all.iter().all(mapped) {
                return true;
            }
            assert!(since.elapsed() < LONG, "{all:?}");
            thread::sleep(Duration::from_millis(1));
        }
        false
    }

    /// Kills the program and asserts that nothing is left.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let since = Instant::now();
        while !self.processes().is_empty() {
            assert!(since.elapsed() < LONG, "{:?} still runs", self.processes());
            thread::sleep(Duration::from_millis(2));
        }
        assert_eq!(fs::read_dir(&self.temporary).unwrap().count(), 0);
    }
}

#[test]
fn the_programs_are_all_programs() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let sources = fs::read_dir(sources).unwrap();
    let all: BTreeSet<_> = sources.map(|entry| entry.unwrap().file_name()).collect();
    let programs = programs("").map(|(path, _)| Path::new(path).file_name().unwrap().to_owned());
    assert_eq!(BTreeSet::from(programs), all);
}

/// Kills every program on `port` at work, and after `moments` while it starts.
fn kill_all(port: &str, processes: usize, moments: impl Iterator<Item = Duration> + Clone) {
    let folder = tempfile::tempdir().unwrap();
    let mut number = 0;
    for (program, arguments) in programs(port) {
        let mut start = || {
            number += 1;
            Running::start(program, &arguments, folder.path(), number)
        };
        // One that ends by itself may end before it is looked at.
        let working = (0..100).find_map(|_| {
            let mut running = start();
            running.works(processes).then_some(running)
        });
        let running = working.unwrap_or_else(|| panic!("{program} {arguments:?} never worked"));
        running.assert_nameless();
        running.kill();
        for moment in moments.clone() {
            let running = start();
            thread::sleep(moment);
            running.kill();
        }
    }
}

#[test]
fn a_killed_program_leaves_nothing_of_a_simulated_nic() {
    let port = format!("sim:{}", NAMES[0]);
    kill_all(&port, 1, (0..8).map(|n| Duration::from_millis(2 * n)));
}

#[test]
fn a_killed_program_leaves_nothing_of_a_qemu() {
    need_qemu!();
    kill_all(
        &first_port(),
        2,
        (0..10).map(|n| Duration::from_millis(10 * n)),
    );
}
