//! Sends or receives frames as fast as a port allows, with the option letters of netmap's `pkt-gen`.

mod arguments;
mod budget;
mod capture;
mod frame;
mod pace;
mod rx;
mod tx;

use std::num::NonZeroU64;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::Parser as _;
use netmap_userspace::program::{
    self, Counters, Failure, PATIENCE, Rate, Rates, Stop, Work, at_file, wait_for_link,
};
use netmap_userspace::{AnyPort, Memory, PortConfig};

use arguments::{Arguments, Function};
use budget::Budget;
use capture::Recording;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    program::run("pkt-gen", |stop| run(&arguments, stop))
}

/// A worker's task.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Frames that all workers may still send or receive.
    pub budget: &'a Budget,
    /// Most frames in a batch.
    pub batch: u32,
    /// Most frames per second.
    pub rate: Option<NonZeroU64>,
    /// Frames processed so far.
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
    let (mut frames, mut recording) = (None, None);
    match (arguments.function, &arguments.capture) {
        (Function::Tx, Some(path)) => {
            frames = Some(capture::read(path).map_err(at_file("cannot read", path))?);
        }
        (Function::Rx, Some(path)) => recording = Some(Mutex::new(Recording::create(path)?)),
        (_, None) => {}
    }
    let longest = frames.iter().flatten().map(Vec::len).max();
    let longest = longest.unwrap_or(usize::from(arguments.length)) as u32;

    let defaults = PortConfig::default();
    let config = PortConfig {
        tx_slots: arguments.slots,
        rx_slots: arguments.slots,
        queues: arguments.threads,
        frame_max: longest.max(defaults.frame_max),
        promiscuous: true,
        options: arguments.options.clone(),
        ..defaults
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

    let threads = arguments.threads as usize;
    let counters: Vec<Counters> = (0..threads).map(|_| Counters::default()).collect();
    let budget = Budget::new(arguments.count);
    let mut workers: Vec<Work<'_, Failure>> = Vec::new();
    for (queue, counters) in counters.iter().enumerate() {
        let job = Job {
            budget: &budget,
            batch: arguments.batch.get(),
            rate: arguments.rate.map(|rate| share(rate, arguments.threads)),
            counters,
            stop,
        };
        let (frames, recording) = (&frames, recording.as_ref());
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
    let since = Instant::now();
    let worked = work(&mut port, workers, &counters, stop);
    let over = since.elapsed();
    let stopped = port.stop();
    let finished = recording.map_or(Ok(()), |recording| {
        let recording = recording.into_inner();
        recording.unwrap_or_else(PoisonError::into_inner).finish()
    });

    let totals = counters.iter().map(Counters::now).sum();
    let verb = match arguments.function {
        Function::Tx => "sent",
        Function::Rx => "received",
    };
    println!("{verb} {}", Rate { totals, over }.summary());
    worked?;
    finished?;
    Ok(stopped?)
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
            eprintln!("link {link}");
        }
        if let Some(rate) = rates.next(|| counters.iter().map(Counters::now).sum()) {
            eprintln!("{rate}");
        }
        Ok(())
    })
}

/// The share of one thread in a rate.
fn share(rate: NonZeroU64, threads: u32) -> NonZeroU64 {
    NonZeroU64::new(rate.get() / u64::from(threads)).unwrap_or(NonZeroU64::MIN)
}
