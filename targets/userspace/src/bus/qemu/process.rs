//! A QEMU process that does not outlive this one.
//!
//! QEMU ends by itself neither when its control socket nor when its standard input is closed (measured with 10.0), so
//! it is started through `setpriv --pdeathsig KILL`: the kernel kills it when its parent ends, however that happens.
//! For the kernel, the parent is the *thread* that started it. Therefore a separate keeper thread starts QEMU, reads
//! its standard error, and waits for its end. If this process ends before the signal is set up, QEMU finds no files to
//! open and ends as well, because they are those of this process, in `/proc`.
//!
//! Nothing that QEMU uses has a name in a file system: it inherits its end of the wire as standard input and its end of
//! the control socket as standard output, and opens its memory and its BIOS through `/proc`.

use std::collections::VecDeque;
use std::env;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::error::{Error, Result};
use crate::lock;

/// How many of the last bytes of standard error are kept.
const KEPT: usize = 4096;

/// Standard streams of a process; its standard error is kept for messages.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) stdin: OwnedFd,
    pub(super) stdout: OwnedFd,
}

/// A running QEMU; dropping it kills it and waits for its end.
#[derive(Debug)]
pub(super) struct Process {
    handle: OwnedFd,
    id: u32,
    last: Arc<Last>,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

/// The state of a process after its end.
#[derive(Debug, Default)]
struct Last {
    words: Mutex<VecDeque<u8>>,
    status: Mutex<Option<ExitStatus>>,
}

impl Process {
    /// Starts `program`, found in `$PATH`.
    pub(super) fn start(
        program: &'static str,
        package: &'static str,
        arguments: Vec<String>,
        streams: Streams,
    ) -> Result<Process> {
        let path = installed(program, package)?;
        let guard = installed("setpriv", "util-linux")?;
        let mut command = Command::new(guard);
        command.args(["--pdeathsig", "KILL", "--"]).arg(path);
        command.args(arguments).stderr(Stdio::piped());
        command.stdin(streams.stdin).stdout(streams.stdout);
        // Its own process group: Ctrl-C on the terminal must only reach this process, which stops its ports in order.
        command.process_group(0);

        let last = Arc::new(Last::default());
        let (starter, started) = mpsc::channel();
        let keeper = thread::Builder::new()
            .name("qemu keeper".into())
            .spawn({
                let last = Arc::clone(&last);
                move || keep(command, &last, &starter)
            })
            .map_err(Error::io("starting a thread for QEMU"))?;
        match started.recv() {
            Ok(Ok((id, handle))) => Ok(Process {
                handle,
                id,
                last,
                keeper: Mutex::new(Some(keeper)),
            }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Gone),
        }
    }

    /// Whether `program` can be started.
    pub(super) fn check(program: &'static str, package: &'static str) -> Result<()> {
        installed(program, package)?;
        installed("setpriv", "util-linux").map(drop)
    }

    /// Process id, for messages.
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Becomes readable when the process ends.
    pub(super) fn handle(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }

    /// Another handle of the process.
    pub(super) fn share_handle(&self) -> Result<OwnedFd> {
        let handle = self.handle.try_clone();
        handle.map_err(Error::io("watching QEMU"))
    }

    /// Waits at most `timeout` for the process to end by itself.
    pub(super) fn ends_within(&self, timeout: Duration) -> bool {
        let handle = PollFd::new(&self.handle, PollFlags::IN);
        let timeout = Timespec::try_from(timeout).ok();
        matches!(poll(&mut [handle], timeout.as_ref()), Ok(1))
    }

    /// If the process has ended, or ends within `patience`: its exit status and the end of its standard error.
    pub(super) fn obituary(&self, patience: Duration) -> Option<Error> {
        if !self.ends_within(patience) {
            return None;
        }
        self.wait_for_keeper();
        let words: Vec<u8> = lock(&self.last.words).iter().copied().collect();
        let stderr = String::from_utf8_lossy(&words).trim().to_owned();
        Some(match *lock(&self.last.status) {
            Some(status) => Error::Ended { status, stderr },
            None => Error::Gone,
        })
    }

    fn wait_for_keeper(&self) {
        if let Some(keeper) = lock(&self.keeper).take() {
            // A keeper that panicked has no result.
            let _ = keeper.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It fails if the process has already ended, which is fine.
        let _ = pidfd_send_signal(&self.handle, Signal::KILL);
        self.wait_for_keeper();
    }
}

/// The keeper thread.
fn keep(mut command: Command, last: &Last, starter: &mpsc::Sender<Result<(u32, OwnedFd)>>) {
    let mut child = match command.spawn().map_err(Error::io("starting QEMU")) {
        Ok(child) => child,
        Err(error) => {
            let _ = starter.send(Err(error));
            return;
        }
    };
    // The command holds our copies of QEMU's streams, which must be closed when QEMU ends.
    drop(command);
    let id = child.id();
    let handle = Pid::from_raw(id.cast_signed())
        .ok_or(rustix::io::Errno::SRCH)
        .and_then(|pid| pidfd_open(pid, PidfdFlags::empty()))
        .map_err(Error::io("watching QEMU"));
    let watched = handle.is_ok();
    let _ = starter.send(handle.map(|handle| (id, handle)));
    if !watched {
        let _ = child.kill();
    }
    if let Some(stderr) = child.stderr.take() {
        listen(stderr, &last.words);
    }
    *lock(&last.status) = child.wait().ok();
}

fn listen(mut stderr: ChildStderr, words: &Mutex<VecDeque<u8>>) {
    let mut piece = [0; 512];
    while let Ok(count @ 1..) = stderr.read(&mut piece) {
        let mut words = lock(words);
        words.extend(&piece[..count]);
        let surplus = words.len().saturating_sub(KEPT);
        words.drain(..surplus);
    }
}

fn installed(program: &'static str, package: &'static str) -> Result<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .map(|directory| directory.join(program))
        .find(|path| path.is_file())
        .ok_or(Error::NotInstalled { program, package })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams() -> Streams {
        let null = || std::fs::File::open("/dev/null").unwrap().into();
        Streams {
            stdin: null(),
            stdout: null(),
        }
    }

    fn shell(script: &str) -> Process {
        let arguments = vec!["-c".into(), script.into()];
        Process::start("sh", "dash", arguments, streams()).unwrap()
    }

    #[test]
    fn a_missing_program_is_named_with_its_package() {
        let error =
            Process::start("qemu-system-none", "some-package", vec![], streams()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "qemu-system-none is not in $PATH: install the package some-package"
        );
    }

    #[test]
    fn the_end_of_a_process_is_reported_with_status_and_stderr() {
        let process = shell("echo first >&2; echo last >&2; exit 3");
        let error = process.obituary(Duration::from_secs(10)).unwrap();
        assert_eq!(
            error.to_string(),
            "QEMU ended with exit status: 3: first\nlast"
        );
    }

    #[test]
    fn dropping_kills_a_running_process() {
        let process = shell("exec sleep 1000");
        let folder = PathBuf::from(format!("/proc/{}", process.id()));
        assert!(folder.exists());
        drop(process);
        assert!(!folder.exists());
    }

    #[test]
    fn a_process_outlives_the_thread_that_started_it() {
        let process = thread::spawn(|| shell("exec sleep 1000")).join().unwrap();
        thread::sleep(Duration::from_millis(50));
        assert!(process.obituary(Duration::ZERO).is_none());
    }
}
