//! Each violation of the hardware's rules is recorded, and nothing else is.

mod toy;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, Direction};
use netmap_sim::wire::Loopback;
use netmap_sim::{Device, RingName, Violation};
use toy::driver::{Toy, Tx, frame, stepped};

const ALL: u32 = 1000;
const TX: RingName = RingName {
    direction: Direction::Tx,
    queue: 0,
};
const RX: RingName = RingName {
    direction: Direction::Rx,
    queue: 0,
};
const ENABLE: u32 = 1 << 25;

/// The violations recorded during `act`.
fn violations_of(act: impl FnOnce(&Device, &Toy)) -> Vec<Violation> {
    let (device, toy) = stepped();
    device.plug(Loopback::new());
    act(&device, &toy);
    device.run(ALL);
    device.take_violations().iter().copied().collect()
}

/// Announces one descriptor with the words given.
fn violations_of_descriptor(words: impl FnOnce(&Toy) -> [u64; 2]) -> Vec<Violation> {
    violations_of(|device, toy| {
        let tx = toy.tx(0, 8);
        tx.put(0, words(toy));
        toy.bus.publish();
        toy.write("TDT", 0, 1);
        device.run(ALL);
    })
}

#[test]
fn accesses_outside_registers() {
    let found = violations_of(|_, toy| {
        toy.bus.read32(RegOffset(0x7000));
        toy.bus.write32(RegOffset(0x7000), 1);
        toy.bus.read16(RegOffset(0x8));
        toy.bus.write32(RegOffset(0x9), 1);
        toy.bus.read64(RegOffset(0x5400));
    });
    let none = Violation::NoRegister {
        offset: 0x7000,
        bytes: 4,
    };
    let part = |register, offset, bytes| Violation::PartOfRegister {
        register,
        offset,
        bytes,
    };
    assert_eq!(
        found,
        [
            none,
            none,
            part("STATUS", 0x8, 2),
            part("STATUS", 0x9, 4),
            part("RAH", 0x5400, 8),
        ]
    );
}

#[test]
fn accesses_of_the_wrong_kind() {
    let found = violations_of(|_, toy| {
        toy.write("STATUS", 0, 1);
        toy.write("ICR", 0, 1);
        toy.read("IMC", 0);
    });
    let written = |register| Violation::WriteOfReadOnly {
        register,
        element: 0,
        value: 1,
    };
    assert_eq!(
        found,
        [
            written("STATUS"),
            written("ICR"),
            Violation::ReadOfWriteOnly { register: "IMC" },
        ]
    );
}

#[test]
fn a_ring_enabled_with_invalid_settings() {
    let enable = |base: u32, bytes: u32, head: u32| {
        violations_of(|_, toy| {
            toy.write("TDBAL", 0, base);
            toy.write("TDBAH", 0, 1);
            toy.write("TDLEN", 0, bytes);
            toy.write("TDH", 0, head);
            toy.write("TDT", 0, 0);
            toy.write("TCTL", 0, 1 << 1);
            toy.write("TXDCTL", 0, ENABLE);
        })
    };
    assert_eq!(enable(0x80, 128, 0), []);
    assert_eq!(
        enable(0x40, 128, 0),
        [Violation::RingBase {
            ring: TX,
            base: 0x1_0000_0040,
            align: 128
        }]
    );
    // Not whole descriptors, too few, not a multiple of four, too many.
    for bytes in [120, 16, 6 * 16, 2048 * 16] {
        assert_eq!(
            enable(0x80, bytes, 0),
            [Violation::RingLength {
                ring: TX,
                bytes: bytes.into()
            }]
        );
    }
    assert_eq!(
        enable(0x80, 128, 8),
        [Violation::RingPosition {
            ring: TX,
            register: "TDH",
            value: 8,
            slots: 8
        }]
    );
}

#[test]
fn a_running_ring_that_is_moved() {
    let found = violations_of(|_, toy| {
        let _tx = toy.tx(0, 8);
        for register in ["TDBAL", "TDLEN", "TDH"] {
            toy.write(register, 0, 0);
        }
        toy.write("TXDCTL", 0, 0);
        toy.write("TDH", 0, 0);
    });
    let changed = |register| Violation::RingChanged { ring: TX, register };
    assert_eq!(found, [changed("TDBAL"), changed("TDLEN"), changed("TDH")]);
}

#[test]
fn a_doorbell_past_the_ring_or_before_a_barrier() {
    let found = violations_of(|device, toy| {
        let mut tx = toy.tx(0, 8);
        toy.bus.publish();
        toy.write("TDT", 0, 8);
        device.run(ALL);
        assert_eq!(toy.read("TDT", 0), 0);
        tx.push(&frame(0, 64));
        toy.write("TDT", 0, 1);
        // A barrier is valid for one doorbell, whatever is written in between.
        tx.push(&frame(0, 64));
        toy.bus.publish();
        toy.write("KEPT", 0, 0);
        toy.write("TDT", 0, 2);
        tx.push(&frame(0, 64));
        toy.write("TDT", 0, 3);
        device.run(ALL);
    });
    let unpublished = |tail| Violation::Unpublished { ring: TX, tail };
    assert_eq!(
        found,
        [
            Violation::RingPosition {
                ring: TX,
                register: "TDT",
                value: 8,
                slots: 8
            },
            unpublished(1),
            unpublished(3),
        ]
    );
}

#[test]
fn a_received_descriptor_used_again_before_a_barrier() {
    let found = violations_of(|device, toy| {
        let mut tx = toy.tx(0, 8);
        let mut rx = toy.rx(0, 8);
        let bus = toy.bus.of_memory(&rx.ring);
        // Twice around the ring and one descriptor more: a barrier after each completion of the first lap only.
        for number in 0..17 {
            assert!(tx.push(&frame(number, 64)));
            tx.doorbell();
            device.run(ALL);
            assert_eq!(tx.reclaim(), 1);
            if number < 8 {
                bus.observe();
            }
            assert_eq!(rx.drain(), [frame(number, 64)]);
        }
    });
    let unobserved = Violation::Unobserved { ring: RX, index: 0 };
    assert_eq!(found, [unobserved]);
}

#[test]
fn rules_of_order() {
    let found = violations_of(|_, toy| {
        toy.write("TDBAL", 0, 0);
        toy.write("TDBAH", 0, 0);
        toy.write("TDLEN", 0, 0);
        toy.write("TDH", 1, 0);
        toy.write("TDT", 0, 0);
        toy.write("TXDCTL", 0, ENABLE);
        // The field is already set: no new violation.
        toy.write("TXDCTL", 0, ENABLE);
        toy.write("RXDCTL", 0, ENABLE);
        // Every write of a whole register is an event, and so is a write of zero.
        toy.write("RDT", 0, 0);
        toy.write("RXDCTL", 1, 0);
        toy.write("RDT", 1, 0);
    });
    assert_eq!(
        found,
        [
            Violation::Order {
                first: "TDH",
                then: "TXDCTL",
                section: "4.1"
            },
            Violation::Order {
                first: "RXDCTL",
                then: "RDT",
                section: "4.2"
            },
        ]
    );
}

#[test]
fn a_reset_clears_the_record_of_writes() {
    let found = violations_of(|_, toy| {
        toy.write("CTRL", 0, 1 << 26);
        toy.write("RCTL", 0, 1 << 1);
    });
    assert_eq!(
        found,
        [Violation::Order {
            first: "MTA",
            then: "RCTL",
            section: "4.3"
        }]
    );
}

#[test]
fn required_values() {
    let found = violations_of(|device, toy| {
        toy.reset();
        toy.write("RXPIPE", 0, 2 << 4);
        let _rx = toy.rx(0, 8);
        let mut tx = toy.tx(0, 8);
        toy.write("TXDCTL", 0, ENABLE | 5 << 16);
        tx.push(&frame(0, 64));
        tx.doorbell();
        device.run(ALL);
    });
    let required = |ring, register, field, found, is, section| Violation::Required {
        ring,
        register,
        field,
        found,
        is,
        section,
    };
    assert_eq!(
        found,
        [
            required(TX, "RXPIPE", "MODE", 2, 1, "3.2"),
            required(TX, "TXDCTL", "WTHRESH", 5, 0, "3.1"),
        ]
    );
}

#[test]
fn registers_with_an_invalid_power_on_value() {
    let found = violations_of(|device, toy| {
        toy.write("CTRL", 0, 1 << 26);
        toy.write("CTRL", 0, 1 << 6);
        toy.write("MTA", 5, 0);
        toy.write("RXPIPE", 0, 1 << 4);
        let mut tx = toy.tx(0, 8);
        tx.push(&frame(0, 64));
        tx.doorbell();
        device.run(ALL);
    });
    assert_eq!(
        found,
        [Violation::NeverWritten {
            ring: TX,
            register: "TIPG",
            section: "2"
        }]
    );
}

#[test]
fn invalid_descriptors() {
    let good = |toy: &Toy| Tx::words(64, toy.address(1));
    assert_eq!(violations_of_descriptor(good), []);
    let field = |field, found, expected| Violation::DescriptorField {
        ring: TX,
        index: 0,
        field,
        found,
        expected,
    };
    assert_eq!(
        violations_of_descriptor(|toy| [good(toy)[0], good(toy)[1] ^ 1 << 36]),
        [field("TYPE", 2, 3)]
    );
    assert_eq!(
        violations_of_descriptor(|toy| [good(toy)[0], good(toy)[1] ^ 1 << 48]),
        [field("TOTAL", 65, 64)]
    );
    // A done bit left over from the last round.
    assert_eq!(
        violations_of_descriptor(|toy| [good(toy)[0], good(toy)[1] | 1 << 32]),
        [Violation::DescriptorBits {
            ring: TX,
            index: 0,
            word: 1,
            bits: 1 << 32
        }]
    );
}

#[test]
fn frames_of_invalid_length() {
    for bytes in [0, 16, 9001] {
        assert_eq!(
            violations_of_descriptor(|toy| Tx::words(bytes, toy.address(1))),
            [Violation::FrameLength {
                ring: TX,
                index: 0,
                bytes: bytes as u32
            }]
        );
    }
}

#[test]
fn addresses_outside_memory() {
    let outside = |address, bytes| Violation::DmaOutside {
        ring: TX,
        address,
        bytes,
    };
    let (mut cut, mut past) = (0, 0);
    let found = violations_of_descriptor(|toy| {
        cut = toy.address(1) & 0xffff_ffff;
        Tx::words(64, cut)
    });
    assert_eq!(found, [outside(cut, 64)]);
    let found = violations_of_descriptor(|toy| {
        past = toy.address(toy.buffers) - 63;
        Tx::words(64, past)
    });
    assert_eq!(found, [outside(past, 64)]);

    // A ring that was freed while it ran.
    let mut base = 0;
    let found = violations_of(|_, toy| {
        use netmap_core::Dma;
        let mut tx = toy.tx(0, 8);
        base = tx.ring.address().0;
        tx.push(&frame(0, 64));
        tx.doorbell();
        drop(tx);
    });
    assert_eq!(found, [outside(base, 128)]);
}

#[test]
fn a_receive_buffer_outside_memory() {
    use netmap_core::Dma;
    use std::sync::atomic::Ordering::Relaxed;
    let found = violations_of(|device, toy| {
        let (rx, mut tx) = (toy.rx(0, 8), toy.tx(0, 8));
        rx.ring.words()[0].store(0x1234, Relaxed);
        rx.ring.words()[3].store(1, Relaxed);
        tx.push(&frame(0, 64));
        tx.push(&frame(1, 64));
        tx.doorbell();
        device.run(ALL);
    });
    assert_eq!(
        found,
        [
            Violation::DmaOutside {
                ring: RX,
                address: 0x1234,
                bytes: 64
            },
            Violation::DescriptorBits {
                ring: RX,
                index: 1,
                word: 1,
                bits: 1
            },
        ]
    );
}
