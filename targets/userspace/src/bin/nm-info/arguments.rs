//! The command line.

use std::time::Duration;

use clap::Parser;
use netmap_nics::NAMES;
use netmap_userspace::PortName;

/// Shows what a port has: its NIC, what its rings may be, link, counters and registers.
///
/// The device is started for it and stopped again, so that registers show what a driver has made of them.
#[derive(Debug, Parser)]
#[command(name = "nm-info", version, after_help = examples(), max_term_width = 100)]
pub struct Arguments {
    /// Port: sim:NIC, sim:NIC/VARIANT or qemu:DEVICE
    pub port: PortName,

    /// Every register with its fields
    #[arg(short = 'r', long)]
    pub registers: bool,

    /// Read registers, too, that reading changes, and show counters that are zero
    #[arg(short = 'a', long)]
    pub all: bool,

    /// One JSON object on standard output
    #[arg(short = 'j', long)]
    pub json: bool,

    /// Leave the device as it is found
    #[arg(long)]
    pub stopped: bool,

    /// Seconds to wait for the link
    #[arg(short = 'w', long = "wait-link", value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub wait_link: Duration,
}

/// Examples with NICs that there are.
fn examples() -> String {
    let one = NAMES.first().unwrap_or(&"NIC");
    let other = NAMES.last().unwrap_or(&"NIC");
    format!(
        "\
Examples:
  nm-info sim:{one}                   what a simulated NIC has
  nm-info --registers sim:{other}     every register of another
  nm-info -r --stopped sim:{other}    as the device comes out of power-on
  nm-info --json -r qemu:DEVICE -w 10  a NIC of QEMU's, for other programs

NICs: {}
Exit status: 0 done, 1 an error, 2 wrong arguments, 130 stopped by Ctrl-C",
        NAMES.join(", ")
    )
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent_and_its_examples_parse() {
        Arguments::command().debug_assert();
        let examples = examples();
        let lines = examples
            .lines()
            .filter(|line| line.starts_with("  nm-info"));
        let commands = lines.map(|line| line.trim().split("  ").next().unwrap());
        let parsed = commands.map(|command| Arguments::try_parse_from(command.split(' ')).unwrap());
        assert_eq!(parsed.count(), 4);
    }
}
