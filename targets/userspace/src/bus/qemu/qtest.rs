//! A client for QEMU's qtest protocol: one line for an access, one line for its result.
//!
//! Writes are posted, as on PCI: they are sent at once and in order, without waiting for their `OK`. A read waits for
//! its own result, which comes after the results of all earlier writes. At most [`POSTED`] writes are outstanding, so
//! that results never fill the socket while QEMU waits for room in it.
//!
//! `IRQ raise N` and `IRQ lower N` arrive unsolicited between results when a line of the interrupt controller changes.

use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::{Errno, read, write};
use rustix::net::{RecvFlags, recv};
use rustix::process::{WaitId, WaitIdOptions, waitid};

use super::error::{Error, Result};

/// Most writes with outstanding results.
const POSTED: u32 = 64;
/// How long QEMU may take for a result. It responds within 100 us unless the machine is overloaded.
const PATIENCE: Duration = Duration::from_secs(10);
/// The interval of checks whether a QEMU that does not respond was stopped by a signal.
const CHECK: Duration = Duration::from_millis(250);

/// The connection to one QEMU.
#[derive(Debug)]
pub(super) struct Qtest {
    socket: UnixStream,
    /// Received input that is not yet parsed, from `start`.
    input: Vec<u8>,
    start: usize,
    /// The command being built; kept to reuse its memory.
    command: Vec<u8>,
    posted: u32,
    /// How long a result may take.
    patience: Duration,
    /// A bit for each line of the interrupt controller, set while the line is raised.
    raised: u64,
    /// The same, set once the line was raised.
    latched: u64,
    /// Counts up when a line is raised, to wake a waiting thread even if another thread read the line's message.
    bell: OwnedFd,
    /// The process, to notice that it was stopped.
    process: Option<OwnedFd>,
    /// The error that ended the connection.
    failure: Option<Error>,
}

/// A line from QEMU.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Done(u64),
    Irq { line: u32, raised: bool },
    Refused(String),
}

impl Qtest {
    /// A client on a connected socket.
    pub(super) fn new(socket: UnixStream) -> Result<Qtest> {
        socket
            .set_read_timeout(Some(CHECK))
            .and_then(|()| socket.set_write_timeout(Some(PATIENCE)))
            .map_err(Error::io("preparing the qtest socket"))?;
        Ok(Qtest {
            socket,
            input: Vec::with_capacity(4096),
            start: 0,
            command: Vec::with_capacity(64),
            posted: 0,
            patience: PATIENCE,
            raised: 0,
            latched: 0,
            bell: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
                .map_err(Error::io("creating an event for interrupts"))?,
            process: None,
            failure: None,
        })
    }

    /// From now on, also fails if `process`, a child of this process, is stopped by a signal.
    pub(super) fn watch_process(&mut self, process: OwnedFd) {
        self.process = Some(process);
    }

    /// Reads `bytes` bytes of memory space: 1, 2, 4 or 8; `None` once QEMU is gone.
    pub(super) fn read(&mut self, bytes: u64, at: u64) -> Option<u64> {
        self.ask(format_args!("read{} {at:#x}", letter(bytes)))
    }

    /// Writes memory space without waiting for the result; lost once QEMU is gone.
    pub(super) fn write(&mut self, bytes: u64, at: u64, value: u64) {
        self.post(format_args!("write{} {at:#x} {value:#x}", letter(bytes)));
    }

    /// Reads 32 bits of I/O space.
    pub(super) fn port_read(&mut self, port: u16) -> Option<u64> {
        self.ask(format_args!("inl {port:#x}"))
    }

    /// Writes 32 bits of I/O space.
    pub(super) fn port_write(&mut self, port: u16, value: u32) {
        self.post(format_args!("outl {port:#x} {value:#x}"));
    }

    /// Subscribes to changes of the interrupt controller's lines. It is the first command, so QEMU may first have to
    /// start: within `patience`.
    pub(super) fn intercept_interrupts(&mut self, patience: Duration) -> Result<()> {
        self.patience = patience;
        self.ask(format_args!("irq_intercept_in ioapic"));
        self.patience = PATIENCE;
        self.failure()
    }

    /// Waits for the results of all writes.
    pub(super) fn flush(&mut self) {
        while self.posted > 0 && self.failure.is_none() {
            self.result(RecvFlags::empty());
        }
    }

    /// Reads available input, without waiting.
    pub(super) fn take_in(&mut self) {
        while self.result(RecvFlags::DONTWAIT).is_some() {}
    }

    /// Whether one of `lines` of the interrupt controller is raised, or was since the last call.
    pub(super) fn take_interrupt(&mut self, lines: u64) -> bool {
        let pending = (self.raised | self.latched) & lines != 0;
        self.latched &= !lines;
        pending
    }

    /// A way to wait for input without holding this client.
    pub(super) fn watch(&self) -> Result<Watch> {
        let (socket, bell) = (self.socket.try_clone(), self.bell.try_clone());
        let what = "watching the qtest socket";
        Ok(Watch {
            socket: socket.map_err(Error::io(what))?,
            bell: bell.map_err(Error::io(what))?,
        })
    }

    /// Whether the connection has failed.
    pub(super) fn is_dead(&self) -> bool {
        self.failure.is_some()
    }

    /// Why the connection has failed: in full on the first call, and [`Error::Gone`] from then on.
    pub(super) fn failure(&mut self) -> Result<()> {
        match self.failure.as_mut() {
            None => Ok(()),
            Some(failure) => Err(std::mem::replace(failure, Error::Gone)),
        }
    }

    fn ask(&mut self, command: std::fmt::Arguments<'_>) -> Option<u64> {
        self.send(command);
        self.flush();
        // The only outstanding result is the command's own.
        self.result(RecvFlags::empty())
    }

    fn post(&mut self, command: std::fmt::Arguments<'_>) {
        if self.posted >= POSTED {
            // Waits for half of them, so that not every further write has to wait.
            while self.posted > POSTED / 2 && self.failure.is_none() {
                self.result(RecvFlags::empty());
            }
        }
        self.send(command);
        // A write that is lost has no result.
        self.posted += u32::from(self.failure.is_none());
    }

    fn send(&mut self, command: std::fmt::Arguments<'_>) {
        if self.failure.is_some() {
            return;
        }
        self.command.clear();
        // Writing to a `Vec` does not fail.
        let _ = self.command.write_fmt(command);
        self.command.push(b'\n');
        if let Err(error) = self.socket.write_all(&self.command) {
            self.fail(broken("sending a command to QEMU", PATIENCE, error));
        }
    }

    /// The next result; waits for it as `flags` say.
    fn result(&mut self, flags: RecvFlags) -> Option<u64> {
        while self.failure.is_none() {
            match self.line() {
                Some(Line::Irq { line, raised }) => self.note(line, raised),
                Some(Line::Done(value)) => {
                    self.posted = self.posted.saturating_sub(1);
                    return Some(value);
                }
                Some(Line::Refused(reply)) => self.refused(reply),
                None if self.fill(flags) => {}
                None => return None,
            }
        }
        None
    }

    fn note(&mut self, line: u32, raised: bool) {
        let bit = 1u64.checked_shl(line).unwrap_or(0);
        if raised {
            self.raised |= bit;
            self.latched |= bit;
            // It fails only on overflow, and then the event is already signalled.
            let _ = write(&self.bell, &1u64.to_ne_bytes());
        } else {
            self.raised &= !bit;
        }
    }

    fn refused(&mut self, reply: String) {
        let command = match self.posted {
            0 | 1 => String::from_utf8_lossy(self.command.trim_ascii()).into_owned(),
            posted => format!("one of the last {posted} writes"),
        };
        self.fail(Error::Refused { command, reply });
    }

    fn fail(&mut self, error: Error) {
        // Results can no longer be matched, so the socket is closed. An error here does not matter.
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        self.posted = 0;
        self.failure.get_or_insert(error);
    }

    /// The next complete line.
    fn line(&mut self) -> Option<Line> {
        let waiting = &self.input[self.start..];
        let end = waiting.iter().position(|&byte| byte == b'\n')?;
        let line = parse(&waiting[..end]);
        self.start += end + 1;
        if self.start == self.input.len() {
            self.input.clear();
            self.start = 0;
        }
        Some(line)
    }

    /// Receives more input; `false` if there is none.
    fn fill(&mut self, flags: RecvFlags) -> bool {
        self.input.drain(..self.start);
        self.start = 0;
        let mut piece = [0; 4096];
        let since = Instant::now();
        let error = loop {
            match recv(&self.socket, &mut piece, flags) {
                Ok((0, _)) => break Error::Gone,
                Ok((count, _)) => {
                    self.input.extend_from_slice(&piece[..count]);
                    return true;
                }
                Err(Errno::INTR) => return true,
                Err(Errno::AGAIN) if flags.contains(RecvFlags::DONTWAIT) => return false,
                Err(Errno::AGAIN) if self.is_stopped() => break Error::Stopped,
                Err(Errno::AGAIN) if since.elapsed() < self.patience => {}
                Err(error) => break broken("waiting for QEMU", self.patience, error.into()),
            }
        };
        self.fail(error);
        false
    }

    /// Whether a signal has stopped the process.
    fn is_stopped(&self) -> bool {
        let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = self
            .process
            .as_ref()
            .map(|process| waitid(WaitId::PidFd(process.as_fd()), options));
        matches!(status, Some(Ok(Some(status))) if status.stopped())
    }
}

/// Waits until a [`Qtest`] has input, or has received an interrupt.
#[derive(Debug)]
pub(super) struct Watch {
    socket: UnixStream,
    bell: OwnedFd,
}

impl Watch {
    /// Waits at most for `timeout`; `false` on a timeout.
    pub(super) fn wait(&self, timeout: Duration) -> bool {
        let mut sources = [
            PollFd::new(&self.socket, PollFlags::IN),
            PollFd::new(&self.bell, PollFlags::IN),
        ];
        let timeout = Timespec::try_from(timeout).ok();
        let came = !matches!(poll(&mut sources, timeout.as_ref()), Ok(0));
        // Clears the event, if it was signalled; the caller then checks for interrupts.
        let _ = read(&self.bell, &mut [0; 8]);
        came
    }
}

/// The last letter of the name of a command that accesses memory space.
fn letter(bytes: u64) -> char {
    match bytes {
        1 => 'b',
        2 => 'w',
        4 => 'l',
        _ => 'q',
    }
}

fn parse(line: &[u8]) -> Line {
    let text = String::from_utf8_lossy(line);
    let mut words = text.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("OK"), None, _) => Some(Line::Done(0)),
        (Some("OK"), Some(value), _) => value
            .strip_prefix("0x")
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .map(Line::Done),
        (Some("IRQ"), Some(edge @ ("raise" | "lower")), Some(line)) => {
            line.parse().ok().map(|line| Line::Irq {
                line,
                raised: edge == "raise",
            })
        }
        _ => None,
    }
    .unwrap_or_else(|| Line::Refused(text.trim().to_owned()))
}

/// Converts an I/O error on the socket.
fn broken(what: &'static str, patience: Duration, source: io::Error) -> Error {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, TimedOut, WouldBlock};
    match source.kind() {
        BrokenPipe | ConnectionReset => Error::Gone,
        TimedOut | WouldBlock => Error::Silent {
            seconds: patience.as_secs(),
        },
        _ => Error::Io { what, source },
    }
}

/// Runs `commands` on a client whose QEMU sends `replies` and ends, whatever it is asked.
#[cfg(fuzzing)]
pub fn fuzz_client(commands: &[u8], replies: &[u8]) {
    // What fits the socket without a reader.
    const MOST: usize = 1 << 15;
    let Ok((ours, mut theirs)) = UnixStream::pair() else {
        return;
    };
    let replies = &replies[..replies.len().min(MOST)];
    theirs.write_all(replies).expect("room in the socket");
    theirs
        .shutdown(std::net::Shutdown::Write)
        .expect("a connected socket");
    let mut client = Qtest::new(ours).expect("a client");
    for &command in commands.iter().take(256) {
        match command % 8 {
            0 => drop(client.read(1 << (command >> 6), command.into())),
            1 => client.write(4, 0, command.into()),
            2 => client.flush(),
            3 => client.take_in(),
            4 => drop(client.port_read(0xcfc)),
            5 => client.port_write(0xcf8, command.into()),
            6 => drop(client.take_interrupt(1 << (command >> 3))),
            _ => drop(client.failure()),
        }
        assert!(client.posted <= POSTED);
    }
    client.flush();
    assert!(client.posted == 0 && client.input.len() <= MOST);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::thread::{self, JoinHandle};

    /// A client, and a thread that replies to each command with `answer` until the client disconnects.
    fn client(
        mut answer: impl FnMut(&str) -> String + Send + 'static,
    ) -> (Qtest, JoinHandle<Vec<String>>) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let qemu = thread::spawn(move || {
            let mut commands = Vec::new();
            let mut lines = BufReader::new(theirs.try_clone().unwrap()).lines();
            while let Some(Ok(line)) = lines.next() {
                let reply = answer(&line);
                commands.push(line);
                if reply.is_empty() || (&theirs).write_all(reply.as_bytes()).is_err() {
                    break;
                }
            }
            commands
        });
        (Qtest::new(ours).unwrap(), qemu)
    }

    #[test]
    fn commands_have_qemus_syntax() {
        let (mut client, qemu) = client(|_| "OK 0x000000000000beef\n".into());
        assert_eq!(client.read(2, 0xe000_0010), Some(0xbeef));
        client.write(8, 0x10, u64::MAX);
        client.port_write(0xcf8, 0x8000_2000);
        assert_eq!(client.port_read(0xcfc), Some(0xbeef));
        client.intercept_interrupts(PATIENCE).unwrap();
        drop(client);
        assert_eq!(
            qemu.join().unwrap(),
            [
                "readw 0xe0000010",
                "writeq 0x10 0xffffffffffffffff",
                "outl 0xcf8 0x80002000",
                "inl 0xcfc",
                "irq_intercept_in ioapic"
            ]
        );
    }

    #[test]
    fn a_read_gets_its_own_result_after_any_number_of_posted_writes() {
        let mut count = 0;
        let (mut client, _qemu) = client(move |line| {
            count += 1;
            if line.starts_with("read") {
                format!("OK {count:#018x}\n")
            } else {
                "OK\n".into()
            }
        });
        let mut commands = 0;
        for writes in [0, 1, 2, POSTED - 1, POSTED, POSTED + 1, 1000] {
            for at in 0..writes {
                client.write(4, at.into(), 0);
                assert!(client.posted <= POSTED);
            }
            commands += u64::from(writes) + 1;
            assert_eq!(client.read(4, 0), Some(commands));
            assert_eq!(client.posted, 0);
        }
    }

    #[test]
    fn interrupt_lines_are_parsed_between_results() {
        let mut replies = [
            "IRQ raise 20\nOK\n",
            "OK 0x1\nIRQ lower 20\nIRQ raise 3\n",
            "IRQ raise 99\nIRQ lower 3\nIRQ raise 21\nOK 0x2\n",
        ]
        .into_iter();
        let (mut client, _qemu) = client(move |_| replies.next().unwrap_or("").into());
        client.write(4, 0, 0);
        client.flush();
        assert!(!client.take_interrupt(1 << 3));
        assert!(client.take_interrupt(1 << 20));
        assert!(client.take_interrupt(1 << 20), "the line is still raised");
        assert_eq!(client.read(4, 0), Some(1));
        assert_eq!(client.read(4, 0), Some(2));
        assert!(client.take_interrupt(1 << 3), "raised and lowered since");
        assert!(!client.take_interrupt(1 << 3));
        assert!(client.take_interrupt(1 << 21 | 1 << 20));
        assert!(client.failure().is_ok());
    }

    #[test]
    fn a_closed_socket_ends_all_waits() {
        let (mut client, _qemu) = client(|_| String::new());
        assert_eq!(client.read(4, 0), None);
        for _ in 0..1000 {
            client.write(4, 0, 0);
        }
        assert_eq!(client.posted, 0);
        client.flush();
        client.take_in();
        assert_eq!(client.read(1, 0), None);
        assert!(client.is_dead());
        assert!(matches!(client.failure(), Err(Error::Gone)));
    }

    #[test]
    fn a_refused_command_is_named_and_ends_the_connection() {
        let (mut client, _qemu) = client(|_| "FAIL Unknown command\n".into());
        assert_eq!(client.read(4, 0x10), None);
        assert_eq!(
            client.failure().unwrap_err().to_string(),
            "QEMU refused `readl 0x10`: FAIL Unknown command"
        );
        assert!(matches!(client.failure(), Err(Error::Gone)));
    }

    #[test]
    fn unknown_lines_are_reported() {
        assert_eq!(parse(b"OK"), Line::Done(0));
        assert_eq!(parse(b"OK 0x00000000ffffffff\r"), Line::Done(0xffff_ffff));
        let raise = |line, raised| Line::Irq { line, raised };
        assert_eq!(parse(b"IRQ raise 20"), raise(20, true));
        assert_eq!(parse(b"IRQ lower 0"), raise(0, false));
        for line in [
            "",
            "OK zero",
            "OK 12",
            "IRQ raise",
            "IRQ raise -1",
            "IRQ pulse 1",
            "ERR",
        ] {
            assert_eq!(parse(line.as_bytes()), Line::Refused(line.into()));
        }
    }
}
