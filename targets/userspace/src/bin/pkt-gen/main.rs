//! Sends or receives frames as fast as a port allows, with the option letters of netmap's program of that name.

mod arguments;
mod capture;
mod frame;
mod pace;
mod rx;
mod tx;

use std::fmt;
use std::num::NonZeroU64;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser as _;
use netmap_core::SyncError;
use netmap_userspace::program::{Counters, PATIENCE, Rate, Stop, wait_for_link};
use netmap_userspace::{AnyPort, Error, Memory, PortConfig};

use arguments::{Arguments, Function};
use capture::Recording;

const TICK: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match Stop::on_ctrl_c() {
        Ok(stop) => stop.exit("pkt-gen", run(&arguments, &stop)),
        Err(error) => Stop::default().exit("pkt-gen", Err(Failure::Signals(error))),
    }
}

/// What a worker is to do.
pub struct Job<'a> {
    /// Frames until it is done; 0 never ends.
    pub count: u64,
    /// Frames handed over at once, at most.
    pub batch: u32,
    /// Frames a second, at most.
    pub rate: Option<NonZeroU64>,
    /// What was done so far.
    pub counters: &'a Counters,
    stop: &'a Stop,
}

impl Job<'_> {
    /// Whether to stop early.
    pub fn stopped(&self) -> bool {
        self.stop.asked()
    }
}

fn run(arguments: &Arguments, stop: &Stop) -> Result<(), Failure> {
    let frames = match (arguments.function, &arguments.capture) {
        (Function::Tx, Some(path)) => Some(capture::read(path)?),
        _ => None,
    };
    let mut recording = match (arguments.function, &arguments.capture) {
        (Function::Rx, Some(path)) => Some(Recording::create(path)?),
        _ => None,
    };

    let config = PortConfig {
        tx_slots: arguments.slots,
        rx_slots: arguments.slots,
        promiscuous: true,
        ..PortConfig::default()
    };
    let memory = Memory::create(config.buffers() + 2)?;
    let mut port = arguments.port.open(&memory, config)?;
    port.start()?;
    let Some(link) = wait_for_link(&mut port, arguments.wait_link, stop)? else {
        return Ok(port.stop()?);
    };
    let identity = port.identity();
    eprintln!("{}: {}, link {link}", arguments.port, identity.title);
    let own = identity.mac.unwrap_or(arguments.destination);
    let source = arguments.source.unwrap_or(own);
    let frames = frames.unwrap_or_else(|| {
        let len = usize::from(arguments.length);
        vec![frame::udp(arguments.destination, source, len)]
    });

    let counters = Counters::default();
    let job = Job {
        count: arguments.count,
        batch: arguments.batch.get(),
        rate: arguments.rate,
        counters: &counters,
        stop,
    };
    let since = Instant::now();
    let worked = match arguments.function {
        Function::Tx => {
            let mut ring = port.tx(0)?;
            beside(&mut port, &job, || tx::send(&mut ring, &frames, &job))
        }
        Function::Rx => {
            let mut ring = port.rx(0)?;
            let recording = recording.as_mut();
            beside(&mut port, &job, || rx::receive(&mut ring, recording, &job))
        }
    };
    let over = since.elapsed();
    let stopped = port.stop();
    let finished = recording.map_or(Ok(()), Recording::finish);

    let totals = counters.now();
    let verb = match arguments.function {
        Function::Tx => "sent",
        Function::Rx => "received",
    };
    println!(
        "{verb} {} frames, {} bytes in {:.3} s: {}",
        totals.frames,
        totals.bytes,
        over.as_secs_f64(),
        Rate { totals, over }
    );
    worked?;
    finished?;
    Ok(stopped?)
}

/// Does `work` on a thread of its own and, beside it, what is to be done once a second.
fn beside(
    port: &mut AnyPort,
    job: &Job<'_>,
    work: impl FnOnce() -> Result<(), Failure> + Send,
) -> Result<(), Failure> {
    thread::scope(|scope| {
        let (done, told) = mpsc::channel();
        scope.spawn(move || {
            // Nobody listens any more only if control has failed, and then that is what counts.
            let _ = done.send(work());
        });
        let (mut before, mut since) = (job.counters.now(), Instant::now());
        loop {
            match told.recv_timeout((since + TICK).saturating_duration_since(Instant::now())) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Disconnected) => return Err(Failure::Worker),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let (now, at) = (job.counters.now(), Instant::now());
            let rate = Rate {
                totals: now.since(before),
                over: at - since,
            };
            eprintln!("{rate}");
            (before, since) = (now, at);
            match port.tick() {
                Ok(None) => {}
                Ok(Some(link)) => eprintln!("link {link}"),
                Err(error) => {
                    job.stop.ask();
                    return Err(error.into());
                }
            }
        }
    })
}

/// Why the program failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Ctrl-C could not be taken over.
    #[error("no handler for Ctrl-C: {0}")]
    Signals(ctrlc::Error),
    /// The port failed.
    #[error(transparent)]
    Port(#[from] Error),
    /// A sync was refused.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// A capture could not be read or written.
    #[error("{doing} {path}: {why}")]
    Capture {
        /// Reading or writing.
        doing: &'static str,
        /// The file.
        path: String,
        /// What went wrong.
        why: String,
    },
    /// The last frames did not leave in time.
    #[error("{frames} frames did not leave the device")]
    Unsent {
        /// How many.
        frames: u32,
    },
    /// The worker panicked.
    #[error("the worker ended without a result")]
    Worker,
}

impl Failure {
    /// What went wrong with a capture.
    pub fn capture(doing: &'static str, path: &Path) -> impl Fn(&dyn fmt::Display) -> Failure {
        move |why| Failure::Capture {
            doing,
            path: path.display().to_string(),
            why: why.to_string(),
        }
    }
}
