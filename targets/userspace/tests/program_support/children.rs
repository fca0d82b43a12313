//! Running programs: with signals, with a time limit, and with full or closed standard streams.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::LONG;

/// The programs.
pub const PROGRAMS: [&str; 4] = [
    env!("CARGO_BIN_EXE_pkt-gen"),
    env!("CARGO_BIN_EXE_bridge"),
    env!("CARGO_BIN_EXE_nm-info"),
    env!("CARGO_BIN_EXE_netmap-demo"),
];

/// A program whose path ends with `name`.
pub fn program(name: &str, arguments: &[&str]) -> Command {
    let path = PROGRAMS.iter().find(|path| path.ends_with(name)).unwrap();
    let mut command = Command::new(path);
    command.args(arguments);
    command
}

/// Runs a program that ends by itself. It is killed, and the test fails, if it does not.
pub fn ended(mut command: Command) -> Output {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let shown = format!("{command:?}");
    output(child, LONG, &shown)
}

/// The output of a program that ends within `within`.
pub fn output(mut child: Child, within: Duration, what: &str) -> Output {
    let read = |stream: Option<_>| {
        stream.map(|mut stream: Box<dyn std::io::Read + Send>| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                stream.read_to_end(&mut bytes).unwrap();
                bytes
            })
        })
    };
    let stdout = read(child.stdout.take().map(|stream| Box::new(stream) as _));
    let stderr = read(child.stderr.take().map(|stream| Box::new(stream) as _));
    let since = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if since.elapsed() > within {
            child.kill().unwrap();
            child.wait().unwrap();
            let text = stderr
                .map(|stderr| stderr.join().unwrap())
                .unwrap_or_default();
            panic!("{what} does not end: {}", String::from_utf8_lossy(&text));
        }
        thread::sleep(Duration::from_millis(5));
    };
    let joined = |thread: Option<thread::JoinHandle<Vec<u8>>>| {
        thread
            .map(|thread| thread.join().unwrap())
            .unwrap_or_default()
    };
    Output {
        status,
        stdout: joined(stdout),
        stderr: joined(stderr),
    }
}

pub fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Whether the process handles SIGINT and SIGTERM: before that, they would end it.
pub fn wait_for_handlers(child: &Child) {
    let status = format!("/proc/{}/status", child.id());
    let since = Instant::now();
    loop {
        let text = std::fs::read_to_string(&status).unwrap();
        let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
        if caught & 1 << 1 != 0 && caught & 1 << 14 != 0 {
            return;
        }
        assert!(since.elapsed() < LONG, "no handlers: {text}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// What a standard stream may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A pipe without a reader.
    ClosedPipe,
    /// A device that is always full.
    FullDisk,
}

impl Broken {
    pub fn stream(self) -> OwnedFd {
        match self {
            Broken::FullDisk => {
                let full = OpenOptions::new().write(true).open("/dev/full");
                full.unwrap().into()
            }
            Broken::ClosedPipe => rustix::pipe::pipe().unwrap().1,
        }
    }
}
