//! The command line.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use clap::{Parser, ValueEnum};
use netmap_userspace::PortName;
use netmap_userspace::program::{help, option, seconds, two_nics};

/// Forwards frames between two ports, both forwarders, without copying them.
///
/// Each queue of each direction has its own thread. Frames that a port cannot send are dropped and counted. Frames wait
/// while a link is down. Ctrl-C sends the frames already taken, prints the totals, stops the devices and ends with
/// status 130.
#[derive(Debug, Parser)]
#[command(name = "bridge", version, after_help = examples(), max_term_width = 100)]
pub struct Arguments {
    /// Port: sim:NIC or qemu:DEVICE, with options like ?wire=loop; two ports, or one with -L
    #[arg(short = 'i', long = "interface", value_name = "PORT")]
    pub interfaces: Vec<PortName>,

    /// The ports, without -i
    #[arg(value_name = "PORT", conflicts_with = "interfaces")]
    pub ports: Vec<PortName>,

    /// Send the frames of a single port back out of the same port
    #[arg(short = 'L', long = "loopback")]
    pub loopback: bool,

    /// Copy frames instead of exchanging buffers
    #[arg(short = 'c', long)]
    pub copy: bool,

    /// Most frames in a batch
    #[arg(short = 'b', long, value_name = "FRAMES", default_value = "1024")]
    pub batch: NonZeroU32,

    /// Seconds to wait for each link before starting without it
    #[arg(short = 'w', long = "wait-link", value_name = "SECONDS", default_value = "4", value_parser = seconds)]
    pub wait_link: Duration,

    /// Rings for each port and direction
    #[arg(short = 'q', long, value_name = "QUEUES", default_value = "1")]
    pub queues: NonZeroU32,

    /// Frames to forward, over all directions and queues together; 0 means until Ctrl-C
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 0)]
    pub count: u64,

    /// Slots of each ring; 512 by default, or as close to it as the NIC allows
    #[arg(long, value_name = "SLOTS")]
    pub slots: Option<u32>,

    /// Longest frame received, in bytes without CRC; 1514 by default, or what the NIC receives if that is less. A frame
    /// longer than 2048 bytes takes several slots
    #[arg(long, value_name = "BYTES")]
    pub frame_max: Option<u32>,

    /// Set an option of both NICs, such as strip_crc=0; nm-info lists them. May be repeated
    #[arg(short = 'o', long = "option", value_name = "NAME=VALUE", value_parser = option)]
    pub options: Vec<(String, u32)>,

    /// Print rates once a second, and link changes
    #[arg(short = 'v', long)]
    pub verbose: bool,

    /// Repeatedly reset this part of the last port, as a stress test
    #[arg(long, value_name = "WHAT")]
    pub reset: Option<What>,

    /// Milliseconds between two resets
    #[arg(long, value_name = "MS", default_value = "50", requires = "reset")]
    pub every: NonZeroU64,
}

/// What to reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// The link
    Link,
    /// Each ring in turn
    Rings,
    /// The device
    Device,
}

/// Examples with existing NICs.
fn examples() -> String {
    let [one, other] = two_nics();
    help(&format!(
        "\
Examples:
  bridge -i 'sim:{one}?replay=in.pcap' -i 'sim:{other}?record=out.pcap' -n 300
              the first 300 frames of a capture, through two NICs, into another capture
  bridge -i 'sim:{one}?replay=in.pcap' -i 'sim:{other}?record=out.pcap' --reset link --every 50
              the same, with a link reset of the second port every 50 ms
  bridge -L -i 'sim:{one}?wire=source' -v
              all frames back out of the same port, with rates
  bridge -q 4 -i sim:{other} -i sim:{other}
              four rings and four threads in each direction
  bridge -w 20 qemu:DEVICE sim:{one}
              between one of QEMU's NICs and a simulated one"
    ))
}

impl Arguments {
    /// The ports: two, or one with `-L`.
    ///
    /// # Errors
    /// Why the number of ports is invalid.
    pub fn ports(&self) -> Result<&[PortName], &'static str> {
        let given = match self.ports.is_empty() {
            true => &self.interfaces[..],
            false => &self.ports[..],
        };
        match (given, self.loopback) {
            ([_, _], false) | ([_], true) => Ok(given),
            ([], _) => Err("no port; give one with -i"),
            ([_], false) => {
                Err("only one port: give a second port, or -L (there is no host stack)")
            }
            (_, true) => Err("-L takes a single port"),
            (_, false) => Err("more than two ports"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parse(line: &str) -> Arguments {
        let words = line.split(' ').map(|word| word.trim_matches('\''));
        Arguments::try_parse_from(words).unwrap()
    }

    #[test]
    fn the_command_line_is_consistent_and_its_examples_parse() {
        Arguments::command().debug_assert();
        let examples = examples();
        let lines: Vec<_> = examples
            .lines()
            .filter(|line| line.starts_with("  bridge "))
            .collect();
        assert_eq!(lines.len(), 5);
        for line in lines {
            parse(line.trim()).ports().unwrap();
        }
    }

    #[test]
    fn there_are_two_ports_or_one_loopback() {
        for (line, ports) in [
            ("bridge -i sim:a -i sim:b", Some(2)),
            ("bridge sim:a sim:b", Some(2)),
            ("bridge -L sim:a", Some(1)),
            ("bridge", None),
            ("bridge sim:a", None),
            ("bridge -L sim:a sim:b", None),
            ("bridge sim:a sim:b sim:c", None),
        ] {
            assert_eq!(parse(line).ports().ok().map(<[_]>::len), ports, "{line}");
        }
    }
}
