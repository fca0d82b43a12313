//! The shape of a NIC: how its rings work, and what else decides which names its spec has.

use std::ops::RangeInclusive;

use clap::{Args, ValueEnum};
use nicspecs::lifecycle::{DUMP, MESSAGES, PORT, PortSequence};

use super::Refusal;

/// Numbers of queues of a direction.
pub const QUEUES: RangeInclusive<i64> = 1..=1024;

/// The shape, as a command line states it.
#[derive(Args, Clone, Debug, Default)]
#[group(id = "shape", multiple = true, conflicts_with = "like")]
pub struct Flags {
    /// How new descriptors are handed over to the NIC
    #[arg(long, value_enum)]
    pub handover: Option<Handover>,
    /// How sent frames are reported, if the driver writes a tail index
    #[arg(long, value_enum)]
    pub completion: Option<Completion>,
    /// How the NIC finds the end of a ring
    #[arg(long, value_enum)]
    pub ring_end: Option<RingEnd>,
    /// Transmit queues
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(QUEUES))]
    pub tx_queues: Option<u32>,
    /// Receive queues
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(QUEUES))]
    pub rx_queues: Option<u32>,
    /// How the driver reaches the PHY
    #[arg(long, value_enum)]
    pub phy: Option<Phy>,
    /// Where the NIC counts
    #[arg(long, value_enum)]
    pub statistics: Option<Statistics>,
    /// Interrupt modes
    #[arg(long, value_enum)]
    pub interrupts: Option<Interrupts>,
}

/// How new descriptors are handed over.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Handover {
    /// The driver writes the index past the last descriptor to a tail register
    Tail,
    /// Descriptors have an owner bit, and a write to a register makes the NIC look at them
    Kick,
    /// Descriptors have an owner bit, and the NIC looks at them by itself
    Owner,
}

/// How the NIC reports sent frames of a ring with a tail index.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Completion {
    /// It sets a bit of the descriptor
    DoneBit,
    /// It also has a head register
    HeadRegister,
    /// It also writes its head to memory
    HeadWriteback,
}

/// How the NIC finds the end of a ring.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum RingEnd {
    /// A register has the length of the ring
    Length,
    /// A bit marks the last descriptor
    Mark,
}

/// How the driver reaches the PHY.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Phy {
    /// There is none, or the driver need not reach it
    None,
    /// By a register with the number of the PHY register and its data
    Command,
    /// Its registers are registers of the NIC
    Mapped,
}

/// Where the NIC counts.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Statistics {
    /// It has no counters
    None,
    /// In registers
    Registers,
    /// In a block of memory, which it writes on command
    Block,
}

/// Interrupt modes.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Interrupts {
    /// INTx
    Intx,
    /// INTx and MSI
    Msi,
    /// INTx, MSI and MSI-X
    Msix,
}

/// The whole shape.
pub struct Shape {
    handover: Handover,
    completion: Completion,
    ring_end: RingEnd,
    pub tx_queues: u32,
    pub rx_queues: u32,
    phy: Phy,
    statistics: Statistics,
    interrupts: Interrupts,
}

/// A register of a queue.
pub struct RingRegister {
    pub name: String,
    pub title: String,
    pub bits: u32,
    pub queues: u32,
    pub has_fields: bool,
}

impl Shape {
    /// What the flags state; where they state nothing, the simplest.
    pub fn new(flags: &Flags) -> Result<Self, Refusal> {
        let handover = flags.handover.ok_or(Refusal::NoShape)?;
        if flags.completion.is_some() && handover != Handover::Tail {
            return Err(Refusal::OwnerCompletes);
        }
        Ok(Self {
            handover,
            completion: flags.completion.unwrap_or(Completion::DoneBit),
            ring_end: flags.ring_end.unwrap_or(usual_end(handover)),
            tx_queues: flags.tx_queues.unwrap_or(1),
            rx_queues: flags.rx_queues.unwrap_or(1),
            phy: flags.phy.unwrap_or(Phy::None),
            statistics: flags.statistics.unwrap_or(Statistics::None),
            interrupts: flags.interrupts.unwrap_or(Interrupts::Intx),
        })
    }

    pub fn is_tail(&self) -> bool {
        self.handover == Handover::Tail
    }

    pub fn is_kick(&self) -> bool {
        self.handover == Handover::Kick
    }

    pub fn has_mark(&self) -> bool {
        self.ring_end == RingEnd::Mark
    }

    pub fn queues(&self) -> u32 {
        self.tx_queues.max(self.rx_queues)
    }

    pub fn has_arrays(&self) -> bool {
        self.queues() > 1
    }

    pub fn has_messages(&self) -> bool {
        self.interrupts == Interrupts::Msix
    }

    pub fn has_phy_command(&self) -> bool {
        self.phy == Phy::Command
    }

    pub fn has_phy(&self) -> bool {
        self.phy != Phy::None
    }

    /// Registers of the NIC that are registers of the PHY: the number there, the name and the title.
    pub fn phy_registers(&self) -> &'static [(u8, &'static str, &'static str)] {
        match self.phy {
            Phy::Mapped => &[
                (0, "PHYCTL", "PHY Control"),
                (1, "PHYSTS", "PHY Status"),
                (4, "PHYADV", "PHY Auto-Negotiation Advertisement"),
            ],
            Phy::None | Phy::Command => &[],
        }
    }

    pub fn counts_in_registers(&self) -> bool {
        self.statistics == Statistics::Registers
    }

    pub fn counts_in_block(&self) -> bool {
        self.statistics == Statistics::Block
    }

    /// The roles of the registers of a ring, each with the end of its name, and what it holds.
    fn roles(&self, direction: &str) -> Vec<(&'static str, &'static str, &'static str)> {
        let has_head = direction == "T" && self.completion == Completion::HeadRegister;
        let roles = [
            (true, ("base_low", "DBAL", "Descriptor Base Address Low")),
            (true, ("base_high", "DBAH", "Descriptor Base Address High")),
            (!self.has_mark(), ("bytes", "DLEN", "Descriptor Length")),
            (has_head, ("head", "DH", "Descriptor Head")),
            (self.is_tail(), ("tail", "DT", "Descriptor Tail")),
        ];
        let there = roles.into_iter().filter(|(is_there, _)| *is_there);
        there.map(|(_, role)| role).collect()
    }

    /// `base_low: TDBAL, base_high: TDBAH`, for transmit `T` or receive `R`.
    pub fn registers_of(&self, direction: &str) -> String {
        let roles = self.roles(direction).into_iter();
        let roles: Vec<_> = roles
            .map(|(role, end, _)| format!("{role}: {direction}{end}"))
            .collect();
        roles.join(", ")
    }

    /// The registers of the rings of both directions.
    pub fn rings(&self) -> Vec<RingRegister> {
        let mut registers = Vec::new();
        for (direction, word, queues) in [
            ("T", "Transmit", self.tx_queues),
            ("R", "Receive", self.rx_queues),
        ] {
            let mut add = |name: &str, title: &str, bits, has_fields, queues| {
                registers.push(RingRegister {
                    name: format!("{direction}{name}"),
                    title: format!("{word} {title}"),
                    bits,
                    queues,
                    has_fields,
                });
            };
            for (_, end, title) in self.roles(direction) {
                add(end, title, 32, false, queues);
            }
            if direction == "T" && self.completion == Completion::HeadWriteback {
                add("DWBAL", "Head Write-Back Address Low", 32, true, queues);
                add("DWBAH", "Head Write-Back Address High", 32, false, queues);
            }
            if direction == "T" && self.is_kick() {
                add("KICK", "Kick", 8, true, queues);
            }
        }
        registers
    }

    pub fn tx_doorbell(&self) -> &'static str {
        match self.handover {
            Handover::Tail => "{ register: TDT, kind: index }",
            Handover::Kick => "{ register: TKICK, kind: kick, set: TODO }",
            Handover::Owner => "{ kind: none }",
        }
    }

    pub fn rx_doorbell(&self) -> &'static str {
        match self.handover {
            Handover::Tail => "{ register: RDT, kind: index }",
            Handover::Kick | Handover::Owner => "{ kind: none }",
        }
    }

    /// The register of a kick for received frames: that for frames to send if it has an element for each queue.
    pub fn rx_kick(&self) -> &'static str {
        match self.rx_queues <= self.tx_queues {
            true => "TKICK",
            false => "RKICK",
        }
    }

    /// The scheme with a bit of the descriptor.
    pub fn bit_scheme(&self) -> &'static str {
        match self.is_tail() {
            true => "done_bit",
            false => "owner_bit",
        }
    }

    /// The name of that bit.
    pub fn bit(&self) -> &'static str {
        match self.is_tail() {
            true => "DONE",
            false => "OWN",
        }
    }

    /// The schemes of the transmit rings.
    pub fn schemes(&self) -> String {
        let bit = format!(
            "{{ scheme: {}, format: tx, field: {} }}",
            self.bit_scheme(),
            self.bit()
        );
        match self.completion {
            Completion::DoneBit => bit,
            Completion::HeadRegister => format!("{bit}, {{ scheme: head_register }}"),
            Completion::HeadWriteback => format!(
                "{bit}, {{ scheme: head_writeback, low: TDWBAL, high: TDWBAH, enable: TODO }}"
            ),
        }
    }

    pub fn modes(&self) -> &'static str {
        match self.interrupts {
            Interrupts::Intx => "intx",
            Interrupts::Msi => "intx, msi",
            Interrupts::Msix => "intx, msi, msix",
        }
    }

    /// The sequences that a port calls on such a NIC.
    pub fn sequences(&self) -> impl Iterator<Item = &'static PortSequence> {
        PORT.iter().filter(|sequence| {
            let of_messages = MESSAGES.contains(&sequence.name) && self.has_messages();
            let of_block = sequence.name == DUMP && self.counts_in_block();
            !sequence.optional || of_messages || of_block
        })
    }
}

/// Rings with a tail index usually have a length, and those with owner bits a mark.
pub fn usual_end(handover: Handover) -> RingEnd {
    match handover {
        Handover::Tail => RingEnd::Length,
        Handover::Kick | Handover::Owner => RingEnd::Mark,
    }
}
