//! The limits of a port's NIC.

use netmap_core::{
    Choice, Choices, Completion, Crc, Direction, Nic, NicLimits, RingLimits, RssLimits,
    TxFormat as _,
};

use super::{InterruptMode, PortConfig};
use crate::{BUFFER_SIZE, Error, Result};

/// The limits of a variant of a NIC with the buffers of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The NIC's name.
    pub nic: &'static str,
    /// The variant.
    pub variant: &'static str,
    /// Limits of transmit rings.
    pub tx: RingLimits,
    /// Limits of receive rings.
    pub rx: RingLimits,
    /// Shortest frame sent, in bytes without CRC.
    pub frame_min: u32,
    /// Longest frame sent and received, in bytes without CRC.
    pub frame_max: u32,
    /// Longest frame sent; receiving may have a lower limit.
    pub tx_frame_max: u32,
    /// Longest frame received; sending may have a lower limit.
    pub rx_frame_max: u32,
    /// Most slots of a sent frame.
    pub tx_frame_slots: u32,
    /// Most bytes of a frame in one transmit slot.
    pub tx_slot_bytes: u32,
    /// Bytes that the NIC may write into the buffer of one receive slot.
    pub rx_slot_bytes: u32,
    /// Completion schemes, the default first.
    pub completions: &'static [Completion],
    /// Limits of receive-side scaling.
    pub rss: Option<RssLimits>,
    /// MSI-X messages, the last one for everything except queues; 0 without MSI-X.
    pub messages: u32,
    /// Its options.
    pub options: &'static [Choice],
}

/// The rings of one direction of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingSize {
    /// The number of rings.
    pub rings: u32,
    /// Slots of each.
    pub slots: u32,
}

impl Limits {
    /// The limits of a variant of NIC `N` whose device has the limits `limits`.
    pub fn of<N: Nic + Choices>(variant: &'static str, limits: NicLimits) -> Limits {
        let NicLimits {
            tx,
            rx,
            frames,
            rss,
            messages,
        } = limits;
        let tx_slot_bytes = BUFFER_SIZE.min(N::Tx::MAX_LEN as u32);
        let tx_frame_max = frames.sent_from(tx_slot_bytes);
        Limits {
            nic: N::NAME,
            variant,
            tx,
            rx,
            frame_min: frames.shortest,
            frame_max: tx_frame_max.min(frames.received),
            tx_frame_max,
            rx_frame_max: frames.received,
            tx_frame_slots: frames.slots,
            tx_slot_bytes,
            rx_slot_bytes: N::BUFFER_SIZE,
            completions: N::COMPLETIONS,
            rss,
            messages,
            options: N::CHOICES,
        }
    }

    /// Most queues of a port in either direction. A direction with fewer ones has fewer rings.
    pub fn queues(&self) -> u32 {
        self.tx.queues.max(self.rx.queues)
    }

    /// The rings of a port with that configuration, unless it names their sizes: as close to
    /// [`PortConfig::SLOTS`] as the NIC allows.
    pub fn rings(&self, config: &PortConfig) -> [RingSize; 2] {
        let of = |limits: RingLimits, slots: Option<u32>| RingSize {
            rings: config.queues.min(limits.queues),
            slots: slots.unwrap_or(limits.nearest(PortConfig::SLOTS)),
        };
        [of(self.tx, config.tx_slots), of(self.rx, config.rx_slots)]
    }

    /// The longest frame that a port with that configuration receives, in bytes without CRC and VLAN tag.
    pub fn longest_received(&self, config: &PortConfig) -> u32 {
        let usual = PortConfig::FRAME_MAX.min(self.rx_frame_max);
        config.frame_max.unwrap_or(usual)
    }

    /// Refuses a program that uses `wanted` queues of one direction.
    ///
    /// # Errors
    /// The NIC has fewer.
    pub fn check_queues(&self, direction: Direction, wanted: u32) -> Result<()> {
        let queues = match direction {
            Direction::Tx => self.tx.queues,
            Direction::Rx => self.rx.queues,
        };
        match wanted <= queues {
            true => Ok(()),
            false => self.refuse(
                format!("{wanted} {} queues", direction.name()),
                format!("it has 1 to {queues}"),
            ),
        }
    }

    /// Refuses a configuration that the NIC does not support.
    ///
    /// # Errors
    /// The first setting that is out of range, and the range.
    pub fn check(&self, config: &PortConfig) -> Result<()> {
        if let Some(mac) = config.mac.filter(|mac| !mac.is_assignable()) {
            let why = "an address of a port is neither zero nor a group's".to_owned();
            return self.refuse(format!("the MAC address {mac}"), why);
        }
        if config.queues == 0 || config.queues > self.queues() {
            return self.refuse(
                format!("{} queues", config.queues),
                format!("it has 1 to {}", self.queues()),
            );
        }
        let [tx, rx] = self.rings(config);
        self.check_ring("tx", tx.slots, self.tx)?;
        self.check_ring("rx", rx.slots, self.rx)?;
        if self.rx_slot_bytes > BUFFER_SIZE {
            return self.refuse(
                format!("buffers of {BUFFER_SIZE} bytes"),
                format!("it writes up to {}", self.rx_slot_bytes),
            );
        }
        let longest = self.longest_received(config);
        if longest == 0 || longest > self.rx_frame_max {
            return self.refuse(
                format!("received frames of {longest} bytes"),
                format!("it receives up to {} bytes", self.rx_frame_max),
            );
        }
        let needed = self.rx_slots_of(longest);
        self.check_frame("rx", longest, needed, rx.slots)?;
        if let Some(completion) = config.completion
            && !self.completions.contains(&completion)
        {
            let names: Vec<_> = self.completions.iter().map(|known| known.name()).collect();
            return self.refuse(
                format!("the completion scheme {}", completion.name()),
                format!("it supports {}", names.join(", ")),
            );
        }
        if let Some(rss) = &config.rss {
            let Some(known) = self.rss else {
                return self.refuse("receive-side scaling".to_owned(), "it has none".to_owned());
            };
            let queues = config.queues.min(known.queues).min(self.rx.queues);
            if let Some(wrong) = (0..known.entries).find(|&entry| rss.entry(entry) >= queues) {
                return self.refuse(
                    format!(
                        "queue {} in entry {wrong} of the RSS table",
                        rss.entry(wrong)
                    ),
                    format!("the port has queues 0 to {} for RSS", queues - 1),
                );
            }
        }
        if let InterruptMode::Messages(count) = config.interrupts
            && !(2..=self.messages).contains(&count)
        {
            return self.refuse_messages(count);
        }
        for (name, value) in &config.options {
            self.option(name, *value)?;
        }
        Ok(())
    }

    /// Refuses frames of `len` bytes that a port with that configuration cannot send.
    ///
    /// # Errors
    /// The NIC sends no frame of that length, or the ring is too short.
    pub fn check_sent(&self, len: u32, config: &PortConfig) -> Result<()> {
        let [tx, _] = self.rings(config);
        if len < self.frame_min || len > self.tx_frame_max {
            return self.refuse(
                format!("sent frames of {len} bytes"),
                format!("it sends {} to {} bytes", self.frame_min, self.tx_frame_max),
            );
        }
        self.check_frame("tx", len, self.tx_slots_of(len), tx.slots)
    }

    /// The index in [`options`](Self::options) of the option `name`, which may have `value`.
    ///
    /// # Errors
    /// The NIC has no such option, or the value is out of range.
    pub(super) fn option(&self, name: &str, value: u32) -> Result<usize> {
        let Some(at) = self.options.iter().position(|option| option.name == name) else {
            let names: Vec<_> = self.options.iter().map(|option| option.name).collect();
            return self.refuse(
                format!("the option {name:?}"),
                match names.is_empty() {
                    true => "it has no options".to_owned(),
                    false => format!("its options are {}", names.join(", ")),
                },
            );
        };
        let Choice { title, max, .. } = self.options[at];
        if value > max {
            return self.refuse(
                format!("{name}={value}"),
                format!("its values are 0 to {max} ({title})"),
            );
        }
        Ok(at)
    }

    fn check_ring(&self, direction: &str, slots: u32, limits: RingLimits) -> Result<()> {
        let RingLimits {
            min, max, multiple, ..
        } = limits;
        if !limits.allows(slots) {
            return self.refuse(
                format!("{slots} {direction} slots"),
                format!("a ring has {min} to {max}, a multiple of {multiple}"),
            );
        }
        Ok(())
    }

    fn check_frame(&self, direction: &str, len: u32, needed: u32, slots: u32) -> Result<()> {
        // One slot of a ring stays free.
        if needed >= slots {
            return self.refuse(
                format!("frames of {len} bytes in {slots} {direction} slots"),
                format!("such a frame takes {needed} slots, and one slot stays free"),
            );
        }
        Ok(())
    }

    pub(super) fn refuse_messages<T>(&self, count: u32) -> Result<T> {
        let why = match self.messages {
            0 => "it has no MSI-X".to_owned(),
            most => format!("it has 2 to {most}; the bus may have fewer"),
        };
        self.refuse(format!("{count} MSI-X messages"), why)
    }

    /// The error for a setting that the NIC does not support.
    fn refuse<T>(&self, what: String, why: String) -> Result<T> {
        Err(Error::Config {
            nic: self.nic,
            variant: self.variant,
            what,
            why,
        })
    }

    /// Slots of a sent frame of `len` bytes.
    pub const fn tx_slots_of(&self, len: u32) -> u32 {
        len.div_ceil(self.tx_slot_bytes)
    }

    /// Most slots of a received frame of `len` bytes: a NIC that does not strip the CRC needs room for it, too.
    pub const fn rx_slots_of(&self, len: u32) -> u32 {
        len.saturating_add(Crc::Kept.bytes() as u32)
            .div_ceil(self.rx_slot_bytes)
    }
}
