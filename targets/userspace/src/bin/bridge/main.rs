//! Forwards frames between two ports, with the option letters of netmap's `bridge`.

mod arguments;
mod forward;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{CommandFactory as _, error::ErrorKind};
use netmap_core::Reset;
use netmap_userspace::program::{
    self, Budget, Failure, Rates, Sent, Stop, Totals, Work, print, say, wait_for_link,
};
use netmap_userspace::{AnyPort, Error, Memory, PortConfig, PortName, Result};

use arguments::{Arguments, What};
use forward::{Direction, Forwarder};

fn main() -> ExitCode {
    let arguments: Arguments = match program::parse() {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    match arguments.ports() {
        Ok(names) => program::run("bridge", |stop| run(&arguments, names, stop)),
        Err(wrong) => {
            let kind = ErrorKind::WrongNumberOfValues;
            program::show(&Arguments::command().error(kind, wrong))
        }
    }
}

fn run(arguments: &Arguments, names: &[PortName], stop: &Stop) -> Result<(), Failure> {
    let configs = configured(arguments, names)?;
    let (first, last) = (names[0].nic(), names[names.len() - 1].nic());
    let direction = |from, to| Direction::new(format!("{from} -> {to}"), arguments.queues.get());
    let mut directions = vec![direction(&first, &last)];
    if !arguments.loopback {
        directions.push(direction(&last, &first));
    }
    let memory = Memory::for_ports(&configs)?;
    let mut ports = Vec::new();
    for (name, config) in names.iter().zip(configs) {
        match program::open(name, &memory, config, stop)? {
            Some(port) => ports.push(Named { name, port }),
            None => return report(&directions, Duration::ZERO, "0 link changes, 0 resets"),
        }
    }
    // Only now captures are replaced: all are open, and none is in use twice.
    for Named { port, .. } in &mut ports {
        port.start()?;
    }
    let waited = wait_for_links(&mut ports, arguments.wait_link, stop);
    let budget = Budget::new(arguments.count);
    let forwarders = forwarders(arguments, &mut ports, &directions, &budget, stop)?;

    let since = Instant::now();
    let mut control = Control {
        arguments,
        ports: &mut ports,
        directions: &directions,
        stop,
        link_changes: 0,
        resets: 0,
    };
    let worked = waited.and_then(|()| control.run_workers(forwarders));
    let over = since.elapsed();
    let (link_changes, resets) = (control.link_changes, control.resets);
    let stopped = stop_all(&mut ports);
    let mut last = format!("{link_changes} link changes, {resets} resets");
    for Named { name, port } in &mut ports {
        for note in port.notes() {
            last += &format!("; {}: {note}", name.nic());
        }
    }
    let printed = report(&directions, over, &last);
    worked?;
    stopped?;
    printed
}

/// Prints the last lines.
fn report(directions: &[Direction], over: Duration, last: &str) -> Result<(), Failure> {
    let mut lines = String::new();
    for direction in directions {
        lines += &format!("{}\n", direction.report(over));
    }
    print(format_args!("{lines}{last}\n"))
}

/// The configurations of the ports, which their NICs support.
fn configured(arguments: &Arguments, names: &[PortName]) -> Result<Vec<PortConfig>> {
    let limits: Vec<_> = names.iter().map(PortName::limits).collect::<Result<_>>()?;
    let most = limits
        .iter()
        .flatten()
        .map(|limits| limits.rx_frame_max)
        .max();
    let mut configs = Vec::new();
    for (name, limits) in names.iter().zip(limits) {
        let frame_max = arguments.frame_max.map(|wanted| match limits {
            // Frames that only the other port can receive are sent by this one.
            Some(limits) if most.is_some_and(|most| wanted <= most) => {
                wanted.min(limits.rx_frame_max)
            }
            _ => wanted,
        });
        let config = PortConfig {
            tx_slots: arguments.slots,
            rx_slots: arguments.slots,
            queues: arguments.queues.get(),
            frame_max,
            promiscuous: true,
            options: arguments.options.clone(),
            ..PortConfig::default()
        };
        let config = name.fit(config)?;
        for direction in [netmap_core::Direction::Tx, netmap_core::Direction::Rx] {
            name.check_queues(direction, config.queues)?;
        }
        configs.push(config);
    }
    Ok(configs)
}

/// A port and its name on the command line.
struct Named<'a> {
    name: &'a PortName,
    port: AnyPort,
}

impl Named<'_> {
    /// Waits for the link, at most for `within`; false after a stop request.
    fn wait(&mut self, within: Duration, stop: &Stop) -> Result<bool> {
        let title = self.port.identity().title;
        match wait_for_link(&mut self.port, within, stop) {
            Ok(None) => return Ok(false),
            Ok(Some(link)) => say(format_args!("{}: {title}, link {link}", self.name)),
            Err(Error::NoLink { .. }) => {
                say(format_args!(
                    "{}: {title}, no link; starting without it",
                    self.name
                ));
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }
}

/// Waits for the link of each port, at most for `within`, or until a stop request.
fn wait_for_links(ports: &mut [Named<'_>], within: Duration, stop: &Stop) -> Result<()> {
    for named in ports {
        if !named.wait(within, stop)? {
            break;
        }
    }
    Ok(())
}

/// The threads' state, one for each queue in each direction.
fn forwarders<'a>(
    arguments: &Arguments,
    ports: &mut [Named<'_>],
    directions: &'a [Direction],
    budget: &'a Budget,
    stop: &'a Stop,
) -> Result<Vec<Forwarder<'a>>> {
    let last = ports.len() - 1;
    let mut forwarders = Vec::new();
    for (direction, (from, to)) in directions.iter().zip([(0, last), (last, 0)]) {
        for queue in 0..arguments.queues.get() {
            let tx = ports[to].port.tx(queue)?;
            forwarders.push(Forwarder {
                rx: ports[from].port.rx(queue)?,
                sent: Sent::through(&tx),
                tx,
                limits: ports[to].port.limits(),
                copy: arguments.copy,
                batch: arguments.batch.get(),
                budget,
                direction,
                queue: queue as usize,
                stop,
            });
        }
    }
    Ok(forwarders)
}

/// Stops every port; returns the first error.
fn stop_all(ports: &mut [Named<'_>]) -> Result<()> {
    let stopped: Vec<_> = ports.iter_mut().map(|named| named.port.stop()).collect();
    stopped.into_iter().collect()
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
    fn run_workers(&mut self, forwarders: Vec<Forwarder<'a>>) -> Result<()> {
        let mut clock = Clock {
            last_reset: Instant::now(),
            rates: Rates::start(),
        };
        let stop = self.stop;
        let work = |way: Forwarder<'a>| -> Work<'a, Error> { Box::new(move || way.run()) };
        let workers = forwarders.into_iter().map(work).collect();
        program::run_workers(workers, stop, || self.control(&mut clock))
    }

    fn totals(&self) -> Totals {
        self.directions.iter().map(Direction::totals).sum()
    }

    fn control(&mut self, clock: &mut Clock) -> Result<()> {
        let now = Instant::now();
        for Named { name, port } in self.ports.iter_mut() {
            if let Some(link) = port.tick()? {
                self.link_changes += 1;
                if self.arguments.verbose {
                    say(format_args!("{name}: link {link}"));
                }
            }
        }
        if let Some(what) = self.arguments.reset
            && now - clock.last_reset >= Duration::from_millis(self.arguments.every.get())
        {
            clock.last_reset = now;
            self.reset(what)?;
        }
        if self.arguments.verbose
            && let Some(rate) = clock.rates.next(|| self.totals())
        {
            say(rate);
        }
        Ok(())
    }

    fn reset(&mut self, what: What) -> Result<()> {
        let Some(Named { port, .. }) = self.ports.last_mut() else {
            return Ok(());
        };
        let queues = self.arguments.queues.get();
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

/// When the periodic tasks were done last.
struct Clock {
    last_reset: Instant,
    rates: Rates,
}
