//! The `sysctl` nodes of a port: names for people, and numbers by which the kernel's half refers to them.

use core::ffi::c_char;
use core::fmt;

use netmap_nics::Modelled;

use crate::boundary::{CHOICE, NUMBER, RX, TEXT, TX, nmd_publish};
use crate::bus::Device;
use crate::device::Port;
use crate::failure::Line;
use crate::ring::COUNTERS;

/// The meaning of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    /// The total of a counter of the NIC's.
    Total(u32),
    /// A counter of a ring.
    Ring {
        /// `TX` or `RX`.
        direction: u32,
        queue: u32,
        counter: u32,
    },
    /// An option of the NIC's.
    Choice(u32),
    /// All registers, in words.
    Registers,
}

impl Node {
    const RINGS: u32 = 1 << 24;
    const CHOICES: u32 = 3 << 24;
    const REGISTERS: u32 = 4 << 24;

    fn number(self) -> u32 {
        match self {
            Node::Total(at) => at,
            Node::Ring {
                direction,
                queue,
                counter,
            } => Node::RINGS + (direction << 24) + (queue << 8) + counter,
            Node::Choice(at) => Node::CHOICES + at,
            Node::Registers => Node::REGISTERS,
        }
    }

    /// The node of that number.
    pub(crate) fn of(number: u32) -> Node {
        match number {
            ..Node::RINGS => Node::Total(number),
            Node::RINGS..Node::CHOICES => Node::Ring {
                direction: (number - Node::RINGS) >> 24,
                queue: number >> 8 & 0xffff,
                counter: number & 0xff,
            },
            Node::CHOICES..Node::REGISTERS => Node::Choice(number - Node::CHOICES),
            _ => Node::Registers,
        }
    }
}

/// Names and meanings of a ring's counters, in the order of `RingQueue::counters`; an empty name is a counter that the direction
/// does not have.
const OF_RINGS: [[(&str, &str); COUNTERS]; 2] = [
    [
        ("handed", "Frames given to the device"),
        ("sent", "Frames that the device has finished with"),
        ("dropped", "Frames dropped at a reset"),
        ("failed", "Frames that the device reports as not sent"),
        (
            "faults",
            "Impossible device states seen: a completion index that is not outstanding",
        ),
        ("refused", "Syncs refused"),
    ],
    [
        ("received", "Frames received"),
        ("", ""),
        ("", ""),
        ("errors", "Frames with errors"),
        (
            "faults",
            "Impossible device states seen: a completion index that is not outstanding",
        ),
        ("refused", "Syncs refused"),
    ],
];

/// Publishes all names of a port.
pub(crate) fn publish<D: Modelled>(port: &Port<D>) {
    let device = port.device();
    let variant = port.variant();
    for (at, statistic) in (0..).zip(D::STATISTICS) {
        if statistic.exists_on(variant) {
            let title = format_args!("{}", statistic.title);
            device.publish(
                format_args!("counters"),
                statistic.name,
                title,
                NUMBER,
                Node::Total(at),
            );
        }
    }
    for (direction, word) in [(TX, "tx"), (RX, "rx")] {
        for queue in 0..port.queues() {
            for (counter, (name, title)) in (0..).zip(OF_RINGS[direction as usize]) {
                let node = Node::Ring {
                    direction,
                    queue,
                    counter,
                };
                if !name.is_empty() {
                    let group = format_args!("{word}{queue}");
                    device.publish(group, name, format_args!("{title}"), NUMBER, node);
                }
            }
        }
    }
    for (at, choice) in (0..).zip(D::CHOICES) {
        let title = format_args!(
            "{}, at most {}; setting it resets the device",
            choice.title, choice.max
        );
        device.publish(
            format_args!("options"),
            choice.name,
            title,
            CHOICE,
            Node::Choice(at),
        );
    }
    let title = format_args!("All registers without read side effects, with their fields");
    device.publish(format_args!(""), "registers", title, TEXT, Node::Registers);
}

impl Device {
    fn publish(
        self,
        group: fmt::Arguments<'_>,
        name: &str,
        title: fmt::Arguments<'_>,
        shape: u32,
        node: Node,
    ) {
        let lines = [group, format_args!("{name}"), title].map(Line::of);
        let [group, name, title] = lines
            .each_ref()
            .map(|line| line.with_end().as_ptr().cast::<c_char>());
        // SAFETY: three texts that end in a zero and live until the function returns, and plain numbers.
        unsafe { nmd_publish(self.handle(), group, name, title, shape, node.number()) };
    }
}
