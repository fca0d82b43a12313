//! The command line.

use std::time::Duration;

use clap::Parser;
use netmap_userspace::PortName;
use netmap_userspace::program::{help, seconds, two_nics};

/// Shows a port's NIC, ring limits, link, counters and registers.
///
/// The device is started and then stopped again, so the registers show the driver's settings.
#[derive(Debug, Parser)]
#[command(name = "nm-info", version, after_help = examples(), max_term_width = 100)]
pub struct Arguments {
    /// Port: sim:NIC, sim:NIC/VARIANT or qemu:DEVICE
    pub port: PortName,

    /// Every register with its fields
    #[arg(short = 'r', long)]
    pub registers: bool,

    /// Also read registers that change when read, and show counters that are zero
    #[arg(short = 'a', long)]
    pub all: bool,

    /// One JSON object on standard output
    #[arg(short = 'j', long)]
    pub json: bool,

    /// Do not start the device
    #[arg(long)]
    pub stopped: bool,

    /// Seconds to wait for the link
    #[arg(short = 'w', long = "wait-link", value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub wait_link: Duration,
}

/// Examples with existing NICs.
fn examples() -> String {
    let [one, other] = two_nics();
    help(&format!(
        "\
Examples:
  nm-info sim:{one}                   a simulated NIC
  nm-info --registers sim:{other}     every register of another
  nm-info -r --stopped sim:{other}    registers with their power-on values
  nm-info --json -r qemu:DEVICE -w 10  one of QEMU's NICs, as JSON"
    ))
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
