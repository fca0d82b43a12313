//! Forwards frames between two ports, with the option letters of netmap's `bridge`.

mod arguments;
mod forward;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{CommandFactory as _, Parser as _, error::ErrorKind};
use netmap_core::Reset;
use netmap_userspace::program::{self, Rate, Stop, Totals, Work, wait_for_link};
use netmap_userspace::{AnyPort, Error, Memory, PortConfig, PortName};

use arguments::{Arguments, What};
use forward::{Direction, Forwarder};

const SECOND: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let names = arguments.ports().unwrap_or_else(|wrong| {
        Arguments::command()
            .error(ErrorKind::WrongNumberOfValues, wrong)
            .exit()
    });
    match Stop::on_ctrl_c() {
        Ok(stop) => stop.exit("bridge", run(&arguments, names, &stop)),
        Err(error) => Stop::default().exit("bridge", Err(Failure::Signals(error))),
    }
}

fn run(arguments: &Arguments, names: &[PortName], stop: &Stop) -> Result<(), Failure> {
    let config = PortConfig {
        tx_slots: arguments.slots,
        rx_slots: arguments.slots,
        queues: arguments.queues,
        frame_max: arguments.frame_max,
        promiscuous: true,
        options: arguments.options.clone(),
        ..PortConfig::default()
    };
    let buffers = config.buffers().saturating_mul(names.len() as u32);
    let memory = Memory::create(buffers.saturating_add(2))?;
    let mut ports = Vec::new();
    for name in names {
        let port = name.open(&memory, config.clone())?;
        ports.push(Named { name, port });
    }
    for Named { port, .. } in &mut ports {
        port.start()?;
    }
    for named in &mut ports {
        if !named.wait(arguments.wait_link, stop)? {
            return stop_all(&mut ports);
        }
    }

    let (first, last) = (names[0].nic(), names[names.len() - 1].nic());
    let mut directions = vec![Direction::new(
        format!("{first} -> {last}"),
        arguments.queues,
    )];
    if !arguments.loopback {
        directions.push(Direction::new(
            format!("{last} -> {first}"),
            arguments.queues,
        ));
    }
    let forwarders = forwarders(arguments, &mut ports, &directions, stop)?;

    let since = Instant::now();
    let mut control = Control {
        arguments,
        ports: &mut ports,
        directions: &directions,
        stop,
        link_changes: 0,
        resets: 0,
    };
    let worked = control.run_workers(forwarders);
    let over = since.elapsed();
    let (link_changes, resets) = (control.link_changes, control.resets);
    let stopped = stop_all(&mut ports);
    for direction in &directions {
        println!("{}", direction.report(over));
    }
    println!("{link_changes} link changes, {resets} resets");
    worked.and(stopped)
}

/// A port and its name on the command line.
struct Named<'a> {
    name: &'a PortName,
    port: AnyPort,
}

impl Named<'_> {
    /// Waits for the link, at most for `within`; false after a stop request.
    fn wait(&mut self, within: Duration, stop: &Stop) -> Result<bool, Failure> {
        let title = self.port.identity().title;
        match wait_for_link(&mut self.port, within, stop) {
            Ok(None) => return Ok(false),
            Ok(Some(link)) => eprintln!("{}: {title}, link {link}", self.name),
            Err(Error::NoLink { .. }) => {
                eprintln!("{}: {title}, no link; starting without it", self.name);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    }
}

/// The threads' state, one for each queue in each direction.
fn forwarders<'a>(
    arguments: &Arguments,
    ports: &mut [Named<'_>],
    directions: &'a [Direction],
    stop: &'a Stop,
) -> Result<Vec<Forwarder<'a>>, Failure> {
    let last = ports.len() - 1;
    let mut forwarders = Vec::new();
    for (direction, (from, to)) in directions.iter().zip([(0, last), (last, 0)]) {
        for queue in 0..arguments.queues as usize {
            forwarders.push(Forwarder {
                rx: ports[from].port.rx(queue)?,
                tx: ports[to].port.tx(queue)?,
                limits: ports[to].port.limits(),
                copy: arguments.copy,
                batch: arguments.batch.get(),
                direction,
                queue,
                stop,
            });
        }
    }
    Ok(forwarders)
}

/// Stops every port; returns the first error.
fn stop_all(ports: &mut [Named<'_>]) -> Result<(), Failure> {
    let stopped: Vec<_> = ports.iter_mut().map(|named| named.port.stop()).collect();
    Ok(stopped.into_iter().collect::<Result<(), Error>>()?)
}

/// Control of the ports during forwarding.
struct Control<'a, 'n> {
    arguments: &'a Arguments,
    ports: &'a mut [Named<'n>],
    directions: &'a [Direction],
    stop: &'a Stop,
    link_changes: u64,
    resets: u64,
}

impl<'a> Control<'a, '_> {
    /// Runs each way on its own thread, and controls the ports until all have ended.
    fn run_workers(&mut self, forwarders: Vec<Forwarder<'a>>) -> Result<(), Failure> {
        let mut clock = Clock::new(self.arguments);
        let stop = self.stop;
        let work = |way: Forwarder<'a>| -> Work<'a, Failure> { Box::new(move || Ok(way.run()?)) };
        let workers = forwarders.into_iter().map(work).collect();
        program::run_workers(workers, stop, || self.control(&mut clock))
    }

    fn totals(&self) -> Totals {
        let mut sum = Totals::default();
        for direction in self.directions {
            sum += direction.totals();
        }
        sum
    }

    fn control(&mut self, clock: &mut Clock) -> Result<(), Failure> {
        let now = Instant::now();
        let count = self.arguments.count;
        if count > 0 && self.totals().frames >= count {
            self.stop.ask();
        }
        for Named { name, port } in self.ports.iter_mut() {
            if let Some(link) = port.tick()? {
                self.link_changes += 1;
                if self.arguments.verbose {
                    eprintln!("{name}: link {link}");
                }
            }
        }
        if let Some((what, _)) = clock.reset
            && now >= clock.next_reset
        {
            clock.passed_reset(now);
            self.reset(what)?;
        }
        if self.arguments.verbose && now >= clock.rated + SECOND {
            let totals = self.totals();
            let rate = Rate {
                totals: totals.since(clock.before),
                over: now - clock.rated,
            };
            eprintln!("{rate}");
            (clock.rated, clock.before) = (now, totals);
        }
        Ok(())
    }

    fn reset(&mut self, what: What) -> Result<(), Failure> {
        let Some(Named { port, .. }) = self.ports.last_mut() else {
            return Ok(());
        };
        let queues = self.arguments.queues;
        let which = match what {
            What::Link => vec![Reset::Link],
            What::Device => vec![Reset::Device],
            What::Rings => (0..queues)
                .flat_map(|q| [Reset::Tx(q), Reset::Rx(q)])
                .collect(),
        };
        for which in which {
            port.reset(which)?;
            self.resets += 1;
        }
        Ok(())
    }
}

/// When each periodic task was last done.
struct Clock {
    reset: Option<(What, Duration)>,
    next_reset: Instant,
    rated: Instant,
    before: Totals,
}

impl Clock {
    fn new(arguments: &Arguments) -> Clock {
        let every = Duration::from_millis(arguments.every.get());
        let now = Instant::now();
        Clock {
            reset: arguments.reset.map(|what| (what, every)),
            next_reset: now + every,
            rated: now,
            before: Totals::default(),
        }
    }

    fn passed_reset(&mut self, now: Instant) {
        if let Some((_, every)) = self.reset {
            self.next_reset = now + every;
        }
    }
}

/// Why the program failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The handler for Ctrl-C could not be installed.
    #[error("cannot handle Ctrl-C: {0}")]
    Signals(ctrlc::Error),
    /// A port failed.
    #[error(transparent)]
    Port(#[from] Error),
}
