//! Shows information about a port.

mod arguments;
mod collect;
mod text;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use netmap_core::Link;
use netmap_userspace::program::{self, Failure, Stop, wait_for_link};
use netmap_userspace::{AnyPort, Error, Memory, PortConfig};

use arguments::Arguments;
use collect::Info;
use text::Text;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    program::run("nm-info", |stop| run(&arguments, stop))
}

fn run(arguments: &Arguments, stop: &Stop) -> Result<(), Failure> {
    let config = PortConfig::default();
    let memory = Memory::create(config.buffers() + 2)?;
    let mut port = arguments.port.open(&memory, config)?;
    if arguments.stopped {
        let info = look(arguments, &mut port, Link::Down);
        return print(arguments, &info);
    }
    port.start()?;
    let info = match wait_for_link(&mut port, arguments.wait_link, stop) {
        Ok(Some(link)) => look(arguments, &mut port, link),
        Err(Error::NoLink { .. }) => look(arguments, &mut port, Link::Down),
        Ok(None) => return Ok(port.stop()?),
        Err(error) => return Err(error.into()),
    };
    port.stop()?;
    print(arguments, &info)
}

fn look(arguments: &Arguments, port: &mut AnyPort, link: Link) -> Info {
    let mut info = Info::new(arguments.port.to_string(), port, link);
    if arguments.registers {
        info.registers = Some(collect::registers(port, arguments.all));
    }
    info
}

fn print(arguments: &Arguments, info: &Info) -> Result<(), Failure> {
    let text = match arguments.json {
        true => serde_json::to_string_pretty(&info.json())? + "\n",
        false => Text {
            info,
            all: arguments.all,
        }
        .to_string(),
    };
    match io::stdout().write_all(text.as_bytes()) {
        // The reader has closed the pipe.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(format!("writing to standard output: {error}").into()),
        Ok(()) => Ok(()),
    }
}
