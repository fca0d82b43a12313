//! Wakes a device when a file is ready that was not ready before.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use crate::signal::Waker;

/// What to wait for.
#[derive(Debug, Clone)]
pub(super) enum Until {
    /// A file can be read.
    Readable(Arc<File>),
    /// A file can be written.
    Writable(Arc<File>),
    /// Nothing that can be waited for: try again soon.
    Later,
}

/// How long [`Until::Later`] waits.
const SOON: Duration = Duration::from_millis(20);

impl Until {
    /// Waits at most for `timeout`, or until `stop` is readable.
    pub(super) fn wait(&self, timeout: Option<Duration>, stop: Option<&OwnedFd>) {
        let (file, timeout) = match self {
            Until::Readable(file) => (Some(PollFd::new(file, PollFlags::IN)), timeout),
            Until::Writable(file) => (Some(PollFd::new(file, PollFlags::OUT)), timeout),
            Until::Later => (
                None,
                Some(timeout.map_or(SOON, |timeout| timeout.min(SOON))),
            ),
        };
        let stop = stop.map(|stop| PollFd::new(stop, PollFlags::IN));
        let mut sources: Vec<PollFd<'_>> = file.into_iter().chain(stop).collect();
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        // If it fails or is interrupted, the caller tries again.
        let _ = poll(&mut sources, timeout.as_ref());
    }
}

/// A thread that waits for one file at a time; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Watcher {
    ask: Option<Sender<Until>>,
    asked: Arc<AtomicBool>,
    stop: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// A watcher that calls `waker`.
    pub(super) fn new(waker: Waker) -> io::Result<Watcher> {
        let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC)?);
        let asked = Arc::<AtomicBool>::default();
        let (ask, questions) = mpsc::channel();
        let thread = thread::Builder::new().name("capture".into()).spawn({
            let (asked, stop) = (Arc::clone(&asked), Arc::clone(&stop));
            move || watch(&questions, &asked, &stop, &waker)
        })?;
        Ok(Watcher {
            ask: Some(ask),
            asked,
            stop,
            thread: Some(thread),
        })
    }

    /// Wakes the device once, when that is so.
    pub(super) fn wake(&self, when: Until) {
        if !self.asked.swap(true, SeqCst)
            && let Some(ask) = &self.ask
        {
            // The thread lives as long as this sender.
            let _ = ask.send(when);
        }
    }
}

fn watch(questions: &Receiver<Until>, asked: &AtomicBool, stop: &OwnedFd, waker: &Waker) {
    for until in questions {
        until.wait(None, Some(stop));
        asked.store(false, SeqCst);
        waker.wake();
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.ask.take());
        // Only an overflow of the counter can fail.
        let _ = rustix::io::write(&self.stop, &1u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
