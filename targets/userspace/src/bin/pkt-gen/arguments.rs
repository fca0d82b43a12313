//! The command line.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use netmap_core::MacAddress;
use netmap_userspace::PortName;
use netmap_userspace::program::{help, option, seconds, two_nics};

use crate::pace::Frequency;

/// Sends or receives frames as fast as a port allows.
///
/// Frames carry an IPv4 packet with UDP. The rate is printed once a second to standard error, the totals at the end to
/// standard output. Ctrl-C stops the device, cleans up and ends with status 130.
#[derive(Debug, Parser)]
#[command(name = "pkt-gen", version, after_help = examples(), max_term_width = 100)]
pub struct Arguments {
    /// Port: sim:NIC or qemu:DEVICE, with options like ?wire=loop
    #[arg(short = 'i', long = "interface", value_name = "PORT")]
    pub port: PortName,

    /// What to do
    #[arg(short = 'f', long, value_name = "FUNCTION", default_value = "rx")]
    pub function: Function,

    /// Frames to send or receive; 0 means until Ctrl-C
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 0)]
    pub count: u64,

    /// Bytes of a frame, without CRC; a frame longer than 2048 bytes takes several slots. rx: the longest frame, at
    /// least 1514 or what the NIC receives
    #[arg(short = 'l', long = "length", value_name = "BYTES", default_value_t = 60,
          value_parser = clap::value_parser!(u16).range(60..))]
    pub length: u16,

    /// Threads, each with its own ring
    #[arg(short = 'p', long, value_name = "THREADS", default_value = "1")]
    pub threads: NonZeroU32,

    /// Most frames in a batch
    #[arg(short = 'b', long, value_name = "FRAMES", default_value = "512")]
    pub batch: NonZeroU32,

    /// Most frames per second, of all threads together: 100000, 0.5, or 1/min, 30/h. The first frame is sent at once
    #[arg(short = 'R', long, value_name = "RATE")]
    pub rate: Option<Frequency>,

    /// tx: capture to send repeatedly, libpcap or pcapng, a file or a pipe; rx: capture to write received frames to
    #[arg(short = 'P', long = "pcap", value_name = "FILE")]
    pub capture: Option<PathBuf>,

    /// tx: refuse a capture with a frame that is cut, invalid or of an unsupported length, instead of sending it as
    /// captured or passing over it
    #[arg(long, requires = "capture")]
    pub strict: bool,

    /// Seconds to wait for the link
    #[arg(short = 'w', long = "wait-link", value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub wait_link: Duration,

    /// Destination address of frames sent
    #[arg(short = 'D', long, value_name = "MAC", default_value_t = MacAddress::BROADCAST)]
    pub destination: MacAddress,

    /// Source address of frames sent; the port's own by default
    #[arg(short = 'S', long, value_name = "MAC")]
    pub source: Option<MacAddress>,

    /// Slots of the ring; 512 by default, or as close to it as the NIC allows
    #[arg(long, value_name = "SLOTS")]
    pub slots: Option<u32>,

    /// Set an option of the NIC, such as strip_crc=0; nm-info lists them. May be repeated
    #[arg(short = 'o', long = "option", value_name = "NAME=VALUE", value_parser = option)]
    pub options: Vec<(String, u32)>,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Function {
    /// Send
    Tx,
    /// Receive
    Rx,
}

/// Examples with existing NICs.
fn examples() -> String {
    let [one, other] = two_nics();
    help(&format!(
        "\
Examples:
  pkt-gen -i sim:{one} -f tx -n 10000000              ten million frames into a simulated NIC
  pkt-gen -i sim:{one} -f tx -l 1514 -R 100000        100000 long frames per second
  pkt-gen -i sim:{one} -f tx -R 1/min                 one frame a minute
  pkt-gen -i 'sim:{one}?wire=source' -f rx            receive from a simulated wire
  pkt-gen -i sim:{other} -f tx -p 2                     two threads, each with its own ring
  pkt-gen -i sim:{one} -f tx -P in.pcap -n 100        the first 100 frames of a capture
  pkt-gen -i 'sim:{one}?replay=in.pcap' -f rx -P out.pcap
                                                      from one capture to another, through the NIC
  pkt-gen -i qemu:DEVICE -f tx -n 100000 -w 10        into one of QEMU's NICs"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent_and_its_examples_parse() {
        Arguments::command().debug_assert();
        for line in examples()
            .lines()
            .filter(|line| line.contains("pkt-gen -i"))
        {
            let command = line.split("  ").find(|part| !part.is_empty()).unwrap();
            let words = command.split(' ').map(|word| word.trim_matches('\''));
            Arguments::try_parse_from(words).unwrap();
        }
    }
}
