//! What a port is asked for, and whether its NIC can have it.

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
    /// Transmit and receive rings, as many of each.
    pub queues: u32,
    /// Longest frame in bytes, without CRC. One that is longer than a buffer takes several slots.
    pub frame_max: u32,
    /// Whether to receive frames to every address.
    pub promiscuous: bool,
    /// Whether to receive frames to every group address.
    pub all_multicast: bool,
    /// Group addresses to receive frames to. NICs compare hashes of addresses, so others may come, too.
    pub multicast: Vec<MacAddress>,
    /// The station address; the one that the device came with if there is none.
    pub mac: Option<MacAddress>,
    /// What becomes of frames that a reset finds unsent.
    pub policy: Policy,
    /// How it is learnt which frames were sent; the NIC's usual way if there is none.
    pub completion: Option<Completion>,
    /// How received frames are spread over queues; over all of them, both directions of a flow to the same one, if there
    /// is none.
    pub rss: Option<Rss>,
    /// How the device interrupts.
    pub interrupts: InterruptMode,
    /// What is chosen of the [options](Limits::options) of the NIC, by their names; the others have their defaults. 0 and 1
    /// turn a switch off and on.
    pub options: Vec<(String, u32)>,
}

/// How the device of a port interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InterruptMode {
    /// By a message of MSI-X for each queue, as far as there are so many, and one for the link; if NIC or bus do not have
    /// MSI-X, as [`One`](Self::One).
    #[default]
    Best,
    /// By so many messages of MSI-X: the last one tells of the link, and queues share the others.
    Messages(u32),
    /// By one interrupt for everything.
    One,
}

impl InterruptMode {
    /// Has the device of `bus` interrupt like this; how many messages tell of queues then.
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
        if wanted >= 2 && wanted <= N::MESSAGES && bus.give_messages(wanted) {
            return Ok(wanted - 1);
        }
        if let InterruptMode::Messages(count) = self {
            return Err(Error::Config {
                nic: N::NAME,
                variant: driver.variant(),
                what: format!("{count} messages"),
                why: match N::MESSAGES {
                    0 => "it has no MSI-X".to_owned(),
                    most => format!("it has 2 to {most}, and the bus may have fewer"),
                },
            });
        }
        bus.give_messages(0);
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
    /// Buffers that the rings of the port take from its memory.
    pub fn buffers(&self) -> u32 {
        (self.tx_slots + self.rx_slots) * self.queues
    }

    /// Refuses what the NIC that `driver` has found cannot do.
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
                    format!("such a frame takes {needed}, and one stays free"),
                );
            }
        }
        if let Some(completion) = self.completion
            && !N::COMPLETIONS.contains(&completion)
        {
            let names: Vec<_> = N::COMPLETIONS.iter().map(|known| known.name()).collect();
            return refuse(
                format!("completion by {}", completion.name()),
                format!("it knows {}", names.join(", ")),
            );
        }
        if let Some(rss) = &self.rss {
            let Some(known) = N::RSS else {
                return refuse("receive-side scaling".to_owned(), "it has none".to_owned());
            };
            let queues = self.queues.min(known.queues);
            if let Some(wrong) = (0..known.entries).find(|&entry| rss.entry(entry) >= queues) {
                return refuse(
                    format!("queue {} in entry {wrong} of its table", rss.entry(wrong)),
                    format!("its table may name the first {queues} queues of the port"),
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

    /// The driver with the options that are wanted.
    pub(super) fn choose<N: Driver>(&self, driver: N) -> Result<N> {
        let mut options = self.options.iter();
        options.try_fold(driver, |driver, (name, value)| choose(driver, name, *value))
    }

    /// Which frames are received besides those to the port's MAC address.
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

    /// How received frames are spread over queues.
    pub(super) fn spread<N: Nic>(&self) -> Rss {
        self.rss.unwrap_or(Rss::over_queues_of::<N>(self.queues))
    }
}

/// What a configuration asks for is not what the NIC can do.
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
            format!("an option {name:?}"),
            match names.is_empty() {
                true => "it has no options".to_owned(),
                false => format!("it has {}", names.join(", ")),
            },
        );
    };
    let max = options[at].max;
    if value > max {
        return refuse(
            format!("{value} as {name}"),
            format!("it is 0 to {max}: {}", options[at].title),
        );
    }
    Ok(driver.choose(at, value))
}
