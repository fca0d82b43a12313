//! The configuration of a port, and its checks against the NIC's limits.

use netmap_core::{
    Completion, Driver, Filter, MacAddress, MulticastTable, Nic, Policy, RingLimits, Rss,
};

use super::Limits;
use crate::bus::UserBus;
use crate::{BUFFER_SIZE, Error, Result};

/// How a port is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortConfig {
    /// Slots of each transmit ring.
    pub tx_slots: u32,
    /// Slots of each receive ring.
    pub rx_slots: u32,
    /// The number of transmit rings and of receive rings.
    pub queues: u32,
    /// Longest frame in bytes, without CRC. A frame longer than a buffer takes several slots.
    pub frame_max: u32,
    /// Whether to receive frames to all addresses (promiscuous mode).
    pub promiscuous: bool,
    /// Whether to receive frames to all multicast addresses.
    pub all_multicast: bool,
    /// Multicast addresses to receive. NICs compare hashes of addresses, so frames to others may be received, too.
    pub multicast: Vec<MacAddress>,
    /// The MAC address; the device's own if `None`.
    pub mac: Option<MacAddress>,
    /// What happens to frames that are unsent at a reset.
    pub policy: Policy,
    /// The completion scheme of transmit rings; the NIC's default if `None`.
    pub completion: Option<Completion>,
    /// How received frames are distributed over queues. If `None`: over all queues, with both directions of a flow on
    /// the same one.
    pub rss: Option<Rss>,
    /// How the device interrupts.
    pub interrupts: InterruptMode,
    /// Values of the NIC's [options](Limits::options), by name; other options keep their defaults. 0 and 1 switch a
    /// boolean option off and on.
    pub options: Vec<(String, u32)>,
}

/// How the device of a port interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InterruptMode {
    /// One MSI-X message for each queue, as far as available, and one for the link. Without MSI-X on NIC or bus, the
    /// same as [`One`](Self::One).
    #[default]
    Best,
    /// This number of MSI-X messages: the last one reports the link, and queues share the others.
    Messages(u32),
    /// A single interrupt for everything.
    One,
}

impl InterruptMode {
    /// Sets up this mode on the device of `bus`. Returns the number of messages for queues.
    pub(super) fn choose<N: Driver, B: UserBus>(
        self,
        driver: &N,
        bus: &B,
        queues: u32,
    ) -> Result<u32> {
        let wanted = match self {
            InterruptMode::Best => (queues + 1).min(N::MESSAGES),
            InterruptMode::Messages(count) => count,
            InterruptMode::One => 0,
        };
        if wanted >= 2 && wanted <= N::MESSAGES && bus.set_message_count(wanted) {
            return Ok(wanted - 1);
        }
        if let InterruptMode::Messages(count) = self {
            let why = match N::MESSAGES {
                0 => "it has no MSI-X".to_owned(),
                most => format!("it has 2 to {most}; the bus may have fewer"),
            };
            return refused(driver, format!("{count} MSI-X messages"), why);
        }
        bus.set_message_count(0);
        Ok(0)
    }
}

impl Default for PortConfig {
    fn default() -> PortConfig {
        PortConfig {
            tx_slots: 512,
            rx_slots: 512,
            queues: 1,
            frame_max: 1514,
            promiscuous: false,
            all_multicast: false,
            multicast: Vec::new(),
            mac: None,
            policy: Policy::Resend,
            completion: None,
            rss: None,
            interrupts: InterruptMode::Best,
            options: Vec::new(),
        }
    }
}

impl PortConfig {
    /// Buffers that the port's rings allocate from its memory.
    pub fn buffers(&self) -> u32 {
        let slots = self.tx_slots.saturating_add(self.rx_slots);
        slots.saturating_mul(self.queues)
    }

    /// Refuses a configuration that the NIC detected by `driver` does not support.
    pub(super) fn check<N: Driver>(&self, driver: &N) -> Result<()> {
        let refuse = |what, why| refused(driver, what, why);
        for (direction, slots, limits) in
            [("tx", self.tx_slots, N::TX), ("rx", self.rx_slots, N::RX)]
        {
            let RingLimits {
                queues,
                min,
                max,
                multiple,
                ..
            } = limits;
            if self.queues == 0 || self.queues > queues {
                return refuse(
                    format!("{} {direction} queues", self.queues),
                    format!("it has 1 to {queues}"),
                );
            }
            if !limits.allows(slots) {
                return refuse(
                    format!("{slots} {direction} slots"),
                    format!("a ring has {min} to {max}, a multiple of {multiple}"),
                );
            }
        }
        let limits = Limits::of::<N>(driver.frame_limits());
        if self.frame_max == 0 || self.frame_max > limits.frame_max {
            return refuse(
                format!("frames of {} bytes", self.frame_max),
                format!(
                    "it sends up to {} bytes and receives up to {}",
                    limits.tx_frame_max, limits.rx_frame_max
                ),
            );
        }
        for (direction, slots, needed) in [
            ("tx", self.tx_slots, limits.tx_slots_of(self.frame_max)),
            ("rx", self.rx_slots, limits.rx_slots_of(self.frame_max)),
        ] {
            // One slot of a ring stays free.
            if needed >= slots {
                return refuse(
                    format!(
                        "frames of {} bytes in {slots} {direction} slots",
                        self.frame_max
                    ),
                    format!("such a frame takes {needed} slots, and one slot stays free"),
                );
            }
        }
        if let Some(completion) = self.completion
            && !N::COMPLETIONS.contains(&completion)
        {
            let names: Vec<_> = N::COMPLETIONS.iter().map(|known| known.name()).collect();
            return refuse(
                format!("the completion scheme {}", completion.name()),
                format!("it supports {}", names.join(", ")),
            );
        }
        if let Some(rss) = &self.rss {
            let Some(known) = N::RSS else {
                return refuse("receive-side scaling".to_owned(), "it has none".to_owned());
            };
            let queues = self.queues.min(known.queues);
            if let Some(wrong) = (0..known.entries).find(|&entry| rss.entry(entry) >= queues) {
                return refuse(
                    format!(
                        "queue {} in entry {wrong} of the RSS table",
                        rss.entry(wrong)
                    ),
                    format!("the port has queues 0 to {} for RSS", queues - 1),
                );
            }
        }
        if N::BUFFER_SIZE > BUFFER_SIZE {
            return refuse(
                format!("buffers of {BUFFER_SIZE} bytes"),
                format!("it writes up to {}", N::BUFFER_SIZE),
            );
        }
        Ok(())
    }

    /// The driver with the chosen options.
    pub(super) fn choose<N: Driver>(&self, driver: N) -> Result<N> {
        let mut options = self.options.iter();
        options.try_fold(driver, |driver, (name, value)| choose(driver, name, *value))
    }

    /// The receive filter: frames to accept besides those to the port's MAC address.
    pub(super) fn filter<N: Nic>(&self) -> Filter {
        let mut multicast = MulticastTable::EMPTY;
        for &group in &self.multicast {
            multicast.insert(group, N::MULTICAST_HASH);
        }
        Filter {
            promiscuous: self.promiscuous,
            all_multicast: self.all_multicast,
            multicast,
        }
    }

    /// How received frames are distributed over queues.
    pub(super) fn spread<N: Nic>(&self) -> Rss {
        self.rss.unwrap_or(Rss::over_queues_of::<N>(self.queues))
    }
}

/// The error for a setting that the NIC does not support.
fn refused<N: Driver, T>(driver: &N, what: String, why: String) -> Result<T> {
    Err(Error::Config {
        nic: N::NAME,
        variant: driver.variant(),
        what,
        why,
    })
}

/// The driver with another value of one of its options.
pub(super) fn choose<N: Driver>(driver: N, name: &str, value: u32) -> Result<N> {
    let refuse = |what, why| refused(&driver, what, why);
    let options = N::CHOICES;
    let Some(at) = options.iter().position(|option| option.name == name) else {
        let names: Vec<_> = options.iter().map(|option| option.name).collect();
        return refuse(
            format!("the option {name:?}"),
            match names.is_empty() {
                true => "it has no options".to_owned(),
                false => format!("its options are {}", names.join(", ")),
            },
        );
    };
    let max = options[at].max;
    if value > max {
        return refuse(
            format!("{name}={value}"),
            format!("its values are 0 to {max} ({})", options[at].title),
        );
    }
    Ok(driver.choose(at, value))
}
