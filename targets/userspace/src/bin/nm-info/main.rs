//! Shows information about a port.

mod arguments;
mod collect;
mod text;

use std::process::ExitCode;
use std::time::Duration;

use netmap_core::Link;
use netmap_userspace::program::{self, Failure, Stop, print, wait_for_link};
use netmap_userspace::{AnyPort, Error, Memory, PortConfig};

use arguments::Arguments;
use collect::Info;
use text::Text;

fn main() -> ExitCode {
    match program::parse::<Arguments>() {
        Ok(arguments) => program::run("nm-info", |stop| run(&arguments, stop)),
        Err(status) => status,
    }
}

fn run(arguments: &Arguments, stop: &Stop) -> Result<(), Failure> {
    /// How long a capture may take to arrive, so that the counters show it.
    const ARRIVAL: Duration = Duration::from_millis(250);
    let config = arguments.port.fit(PortConfig::default())?;
    let memory = Memory::for_ports([&config])?;
    let Some(mut port) = program::open(&arguments.port, &memory, config, stop)? else {
        return Ok(());
    };
    if arguments.stopped {
        return show(arguments, &look(arguments, &mut port, Link::Down));
    }
    port.start()?;
    let link = match wait_for_link(&mut port, arguments.wait_link, stop) {
        Ok(Some(link)) => link,
        Err(Error::NoLink { .. }) => Link::Down,
        Ok(None) => return Ok(port.stop()?),
        Err(error) => return Err(error.into()),
    };
    let arrived = match link {
        Link::Down => Ok(true),
        Link::Up { .. } => port.wait_for_replay(ARRIVAL),
    };
    let info = look(arguments, &mut port, link);
    let stopped = port.stop();
    let shown = show(arguments, &info);
    arrived?;
    stopped?;
    shown
}

fn look(arguments: &Arguments, port: &mut AnyPort, link: Link) -> Info {
    let mut info = Info::new(arguments.port.to_string(), port, link);
    if arguments.registers {
        info.registers = Some(collect::registers(port, arguments.all));
    }
    info
}

fn show(arguments: &Arguments, info: &Info) -> Result<(), Failure> {
    match arguments.json {
        true => print(serde_json::to_string_pretty(&info.json())? + "\n"),
        false => print(Text {
            info,
            all: arguments.all,
        }),
    }
}
