//! Derived facts of a NIC.
#![forbid(unsafe_code)]

#[path = "ui/toy.rs"]
#[expect(
    dead_code,
    reason = "some registers are there for what must not compile"
)]
mod toy;

use netmap_core::register::{Piece, RegOffset};
use netmap_core::{
    Completion, Doorbell, DoorbellWidth, MulticastHash, Nic as _, PciId, Restart, RingLimits,
    RssLimits, Source, Statistic, TxFormat,
};
use netmap_derive::Nic;
use toy::{Regs, Rx, Tx};

const STATISTICS: &[Statistic] = &[Statistic {
    name: "rx_good_frames",
    title: "Good Packets Received",
    source: Source::Registers {
        low: &[Piece {
            first: 0,
            count: 1,
            offset: RegOffset(0x4074),
            stride: 4,
        }],
        high: &[],
    },
    clearing: netmap_core::Clearing::Read,
    loses: false,
    only_on: &[],
}];

#[derive(Debug, Clone, Copy, Nic)]
#[nic(name = "toy", title = "Toy Controller", bar = 1, bar_size = 0x2_0000)]
#[nic(pci(0x8086:0x100e, 0x10ec:0x8139))]
#[nic(transmit(
    format = Tx,
    doorbell = tdt,
    restart = device,
    completions(done_bit),
    queues = 1,
    slots = 8..=4096,
    multiple = 8,
    align = 16,
    address_bits = 64,
))]
#[nic(receive(
    format = Rx,
    doorbell = rdt,
    restart = device,
    frame_max = 1518,
    queues = 4,
    slots = 16..1025,
    multiple = 16,
    align = 256,
    address_bits = 32,
    buffer_size = 2048,
))]
#[nic(registers = Regs, multicast(address_bits = 36..48), statistics = STATISTICS)]
#[nic(rss(queues = 4, entries = 64), statistics_block = 48)]
struct Toy;

/// Rings whose descriptors have an owner bit.
#[derive(Debug, Clone, Copy, Nic)]
#[nic(
    name = "kicked",
    title = "Kicked Controller",
    bar = 1,
    bar_size = 0x2_0000
)]
#[nic(pci(0x10ec:0x8169))]
#[nic(transmit(
    format = Tx,
    doorbell = bell,
    kick(0x40, again),
    restart = queue,
    completions(owner_bit, head_register, head_writeback),
    head = tdt,
    queues = 1,
    slots = 8..=4096,
    multiple = 8,
    align = 16,
    address_bits = 64,
))]
#[nic(receive(
    format = Rx,
    restart = queue,
    queues = 2,
    slots = 8..=4096,
    multiple = 8,
    align = 16,
    address_bits = 64,
    buffer_size = 2048,
    frame_max = 9000,
))]
#[nic(registers = Regs, multicast(crc32 = 26..32), statistics = STATISTICS)]
struct Kicked;

#[test]
fn a_doorbell_is_an_index_a_kick_or_none() {
    let kick = Doorbell::Kick {
        at: Regs::MAP.bell.offset(),
        width: DoorbellWidth::Bits8,
        value: 0x40,
        again: true,
    };
    assert_eq!(Kicked::tx_doorbell(0), Some(kick));
    assert_eq!(Kicked::tx_doorbell(1), None);
    assert_eq!(Kicked::rx_doorbell(1), Some(Doorbell::Unneeded));
    assert_eq!(Kicked::rx_doorbell(2), None);
}

#[test]
fn a_head_register_exists_if_a_scheme_uses_it() {
    assert_eq!(Kicked::tx_head(0), Some(Regs::MAP.tdt.offset()));
    assert_eq!(Kicked::tx_head(1), None);
    assert_eq!(Toy::tx_head(0), None);
    assert_eq!(Toy::COMPLETIONS, [Completion::DoneBit]);
    let schemes = [
        Completion::OwnerBit,
        Completion::HeadRegister,
        Completion::HeadWriteback,
    ];
    assert_eq!(Kicked::COMPLETIONS, schemes);
    assert_eq!((Toy::FRAME_MAX, Kicked::FRAME_MAX), (1518, 9000));
    assert_eq!(Toy::TX.restart, Restart::Device);
    assert_eq!(Kicked::RX.restart, Restart::Queue);
}

#[test]
fn facts_are_constants() {
    assert_eq!((Toy::NAME, Toy::TITLE), ("toy", "Toy Controller"));
    assert_eq!((Toy::BAR, Toy::BAR_SIZE), (Some(1), 0x2_0000));
    let ids = [(0x8086, 0x100e), (0x10ec, 0x8139)];
    assert_eq!(
        Toy::PCI_IDS,
        ids.map(|(vendor, device)| PciId { vendor, device })
    );
    assert_eq!(
        Toy::TX,
        RingLimits {
            queues: 1,
            min: 8,
            max: 4096,
            multiple: 8,
            align: 16,
            address_bits: 64,
            restart: Restart::Device,
        }
    );
    assert_eq!(
        Toy::RX,
        RingLimits {
            queues: 4,
            min: 16,
            max: 1024,
            multiple: 16,
            align: 256,
            address_bits: 32,
            restart: Restart::Device,
        }
    );
    assert_eq!(Toy::BUFFER_SIZE, 2048);
    assert_eq!(
        Toy::MULTICAST_HASH,
        Some(MulticastHash::AddressBits { low: 36, width: 12 })
    );
    assert_eq!(Toy::STATISTICS[0].name, "rx_good_frames");
    assert_eq!(<Toy as netmap_core::Nic>::Tx::MAX_LEN, 16288);
}

#[test]
fn a_single_doorbell_is_that_of_queue_0() {
    assert_eq!(
        Toy::tx_doorbell(0),
        Some(Doorbell::index(Regs::MAP.tdt.offset()))
    );
    assert_eq!(Toy::tx_doorbell(1), None);
}

#[test]
fn each_queue_has_its_element_of_an_array_of_doorbells() {
    assert_eq!(
        Toy::rx_doorbell(0),
        Some(Doorbell::index(RegOffset(0x1018)))
    );
    assert_eq!(
        Toy::rx_doorbell(3),
        Some(Doorbell::index(RegOffset(0xd058)))
    );
    assert_eq!(Toy::rx_doorbell(4), None);
}

#[test]
fn the_rss_table_and_the_counter_block_have_sizes() {
    let limits = RssLimits {
        queues: 4,
        entries: 64,
    };
    assert_eq!((Toy::RSS, Toy::STATISTICS_BLOCK), (Some(limits), 48));
}
