//! Sends or receives frames as fast as a port allows, with the option letters of netmap's `pkt-gen`.

mod arguments;
mod capture;
mod frame;
mod pace;
mod rx;
mod tx;

use std::process::ExitCode;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use netmap_core::Direction;
use netmap_userspace::program::{
    self, Budget, Counters, Failure, Frames, PATIENCE, Rate, Rates, Stop, Totals, Work, print, say,
    wait_for_link,
};
use netmap_userspace::{AnyPort, Memory, PortConfig, Result};

use arguments::{Arguments, Function};
use capture::Recording;
use pace::Pace;

fn main() -> ExitCode {
    match program::parse::<Arguments>() {
        Ok(arguments) => program::run("pkt-gen", |stop| run(&arguments, stop)),
        Err(status) => status,
    }
}

/// A worker's task.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Frames that all workers may still send or receive.
    pub budget: &'a Budget,
    /// Most frames in a batch.
    pub batch: u32,
    /// The pace of all workers together.
    pub pace: &'a Pace,
    /// When the pace began.
    pub since: Instant,
    /// Frames sent or received so far.
    pub counters: &'a Counters,
    /// Frames that all workers have handed over and that did not leave.
    pub unsent: &'a AtomicU64,
    function: Function,
    stop: &'a Stop,
}

impl Job<'_> {
    /// Whether to stop early. While the program finishes, nothing more is sent, but what has arrived is received.
    pub fn stopped(&self) -> bool {
        match self.function {
            Function::Tx => self.stop.finishing(),
            Function::Rx => self.stop.asked(),
        }
    }

    /// Whether to stop once nothing more arrives.
    pub fn finishing(&self) -> bool {
        self.stop.finishing()
    }
}

/// The configuration of the port, which its NIC supports.
fn configured(arguments: &Arguments) -> Result<PortConfig> {
    let length = u32::from(arguments.length);
    let defaults = PortConfig::default();
    let usual = arguments
        .port
        .limits()?
        .map_or(PortConfig::FRAME_MAX, |limits| {
            limits.longest_received(&defaults)
        });
    let config = PortConfig {
        tx_slots: arguments.slots,
        rx_slots: arguments.slots,
        queues: arguments.threads.get(),
        frame_max: match arguments.function {
            Function::Rx => (length > usual).then_some(length),
            Function::Tx => None,
        },
        promiscuous: true,
        options: arguments.options.clone(),
        ..defaults
    };
    let config = arguments.port.fit(config)?;
    let direction = match arguments.function {
        Function::Tx => Direction::Tx,
        Function::Rx => Direction::Rx,
    };
    arguments.port.check_queues(direction, config.queues)?;
    // Of a capture, frames that the NIC cannot send are passed over.
    if (arguments.function, &arguments.capture) == (Function::Tx, &None) {
        arguments.port.check_sent(length, &config)?;
    }
    Ok(config)
}

fn run(arguments: &Arguments, stop: &Stop) -> Result<(), Failure> {
    let config = configured(arguments)?;
    let mut frames = match (arguments.function, &arguments.capture) {
        (Function::Tx, Some(path)) => match Frames::read(path, arguments.strict, stop)? {
            Some(frames) => Some(frames),
            None => return Summary::new(arguments).print(),
        },
        (_, _) => None,
    };
    let memory = Memory::for_ports([&config])?;
    let Some(mut port) = program::open(&arguments.port, &memory, config.clone(), stop)? else {
        return Summary::new(arguments).print();
    };
    if let Some(frames) = &mut frames {
        frames.keep_sendable(&port.limits(), &config, arguments.strict)?;
    }
    // Outputs are opened once everything else is known to work, and replaced once all of them are open.
    let mut recording = match (arguments.function, &arguments.capture) {
        (Function::Rx, Some(path)) => Some(Recording::open(path)?),
        (_, _) => None,
    };
    port.start()?;
    if let Some(recording) = &mut recording {
        recording.start()?;
    }
    let recording = recording.map(Mutex::new);
    let mut summary = Summary::new(arguments);
    let worked = wait_for_link(&mut port, arguments.wait_link, stop)
        .map_err(Failure::from)
        .and_then(|link| match link {
            Some(link) => {
                let title = port.identity().title;
                say(format_args!("{}: {title}, link {link}", arguments.port));
                let (frames, recording) = (frames.as_mut(), recording.as_ref());
                transfer(&mut port, arguments, frames, recording, &mut summary, stop)
            }
            None => Ok(()),
        });
    let stopped = port.stop();

    let notes = frames.iter().flat_map(Frames::notes);
    summary.notes.extend(notes.chain(port.notes()));
    if let Some(recording) = recording {
        let recording = recording.into_inner();
        let recording = recording.unwrap_or_else(PoisonError::into_inner);
        summary.notes.extend(recording.notes());
    }
    let printed = summary.print();
    worked?;
    stopped?;
    if let Some(error) = frames.and_then(|mut frames| frames.take_error()) {
        return Err(error.into());
    }
    printed
}

/// Sends or receives with one worker for each thread.
fn transfer(
    port: &mut AnyPort,
    arguments: &Arguments,
    capture: Option<&mut Frames>,
    recording: Option<&Mutex<Recording>>,
    summary: &mut Summary,
    stop: &Stop,
) -> Result<(), Failure> {
    let own = port.identity().mac.unwrap_or(arguments.destination);
    let source = arguments.source.unwrap_or(own);
    let (mut count, mut threads) = (arguments.count, arguments.threads.get());
    let frames = match capture {
        Some(capture) => {
            if capture.has_failed() {
                // What could be read is sent once, and each thread begins with the first frame.
                threads = 1;
                let whole = capture.len() as u64;
                count = if count == 0 { whole } else { count.min(whole) };
            }
            capture.take()
        }
        None => {
            let len = usize::from(arguments.length);
            vec![frame::udp(arguments.destination, source, len)]
        }
    };

    let counters: Vec<Counters> = (0..threads).map(|_| Counters::default()).collect();
    let (budget, pace) = (Budget::new(count), Pace::new(arguments.rate));
    let unsent = AtomicU64::new(0);
    let since = Instant::now();
    let mut workers: Vec<Work<'_, Failure>> = Vec::new();
    for (queue, counters) in (0..).zip(&counters) {
        let job = Job {
            budget: &budget,
            batch: arguments.batch.get(),
            pace: &pace,
            since,
            counters,
            unsent: &unsent,
            function: arguments.function,
            stop,
        };
        let frames = &frames;
        workers.push(match arguments.function {
            Function::Tx => {
                let mut ring = port.tx(queue)?;
                Box::new(move || tx::send(&mut ring, frames, &job))
            }
            Function::Rx => {
                let mut ring = port.rx(queue)?;
                Box::new(move || rx::receive(&mut ring, recording, &job))
            }
        });
    }
    let worked = work(port, workers, &counters, stop);
    summary.over = since.elapsed();
    summary.totals = counters.iter().map(Counters::now).sum();
    match unsent.into_inner() {
        0 => {}
        unsent => summary.notes.push(format!("{unsent} not sent")),
    }
    worked
}

/// The last line.
struct Summary {
    function: Function,
    totals: Totals,
    over: Duration,
    notes: Vec<String>,
}

impl Summary {
    fn new(arguments: &Arguments) -> Summary {
        Summary {
            function: arguments.function,
            totals: Totals::default(),
            over: Duration::ZERO,
            notes: Vec::new(),
        }
    }

    fn print(&self) -> Result<(), Failure> {
        let verb = match self.function {
            Function::Tx => "sent",
            Function::Rx => "received",
        };
        let (totals, over) = (self.totals, self.over);
        let notes: String = self.notes.iter().map(|note| format!("; {note}")).collect();
        print(format_args!(
            "{verb} {}{notes}\n",
            Rate { totals, over }.summary()
        ))
    }
}

/// Runs the workers, polls the link, and prints the rate once a second.
fn work(
    port: &mut AnyPort,
    workers: Vec<Work<'_, Failure>>,
    counters: &[Counters],
    stop: &Stop,
) -> Result<(), Failure> {
    let mut rates = Rates::start();
    program::run_workers(workers, stop, || {
        if let Some(link) = port.tick()? {
            say(format_args!("link {link}"));
        }
        if let Some(rate) = rates.next(|| counters.iter().map(Counters::now).sum()) {
            say(rate);
        }
        Ok(())
    })
}
