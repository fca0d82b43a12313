//! Counters in registers and in memory.

use std::sync::atomic::AtomicU64;

use crate::device::TestBus;
use netmap_core::register::{Piece, RegOffset};
use netmap_core::{Source, Statistic};

const fn piece(first: u32, count: u32, offset: u32, stride: u32) -> Piece {
    Piece {
        first,
        count,
        offset: RegOffset(offset),
        stride,
    }
}

/// A bus whose register `n` is `1 << n`.
fn bus() -> TestBus {
    let bus = TestBus::default();
    for register in 0..8 {
        bus.set_register(RegOffset(register * 4), 1 << register);
    }
    bus
}

#[test]
fn a_counter_is_the_sum_of_all_elements_of_both_halves() {
    const ONE: &[Piece] = &[piece(0, 1, 0x4, 4)];
    const ARRAY: &[Piece] = &[piece(0, 3, 0x0, 8)];
    const PIECES: &[Piece] = &[piece(0, 2, 0x0, 4), piece(2, 2, 0x18, 4)];
    let read = |statistic: Statistic| statistic.read(&bus(), &[]);
    assert_eq!(read(Statistic::register("A", "a", ONE)), 0b10);
    assert_eq!(read(Statistic::register("A", "a", ARRAY)), 0b1_0101);
    assert_eq!(read(Statistic::register("A", "a", PIECES)), 0b1100_0011);
    let pair = read(Statistic::pair("A", "a", ONE, ARRAY));
    assert_eq!(pair, 0b1_0101 << 32 | 0b10);
    let pair = read(Statistic::pair("A", "a", PIECES, ONE));
    assert_eq!(pair, 0b10 << 32 | 0b1100_0011);
}

#[test]
fn a_counter_in_memory_has_its_own_bytes_only() {
    let block = [0x8877_6655_4433_2211, 0xffee_ddcc_bbaa_0099].map(AtomicU64::new);
    for (offset, bytes, expected) in [
        (0, 8, 0x8877_6655_4433_2211),
        (0, 4, 0x4433_2211),
        (4, 4, 0x8877_6655),
        (2, 2, 0x4433),
        (7, 1, 0x88),
        (8, 8, 0xffee_ddcc_bbaa_0099),
        (10, 2, 0xbbaa),
        // Past the end of the block.
        (16, 8, 0),
    ] {
        let statistic = Statistic::in_block("A", "a", offset, bytes);
        assert!(matches!(statistic.source, Source::Block { .. }));
        let value = statistic.read(&bus(), &block);
        assert_eq!(value, expected, "{bytes} bytes at {offset}");
    }
}

#[test]
fn a_counter_is_cleared_by_what_clears_it() {
    const ARRAY: &[Piece] = &[piece(0, 2, 0x0, 8)];
    for (counter, left) in [
        (Statistic::register("A", "a", ARRAY), [1, 2, 4, 8]),
        (
            Statistic::register("A", "a", ARRAY).cleared_by_reading(),
            [1, 2, 4, 8],
        ),
        (
            Statistic::register("A", "a", ARRAY).cleared_by_writing(),
            [0, 2, 0, 8],
        ),
    ] {
        let bus = bus();
        assert_eq!(counter.read(&bus, &[]), 0b101, "{:?}", counter.clearing);
        let registers = [0, 4, 8, 12].map(|at| bus.register(RegOffset(at)));
        assert_eq!(registers, left, "{:?}", counter.clearing);
    }
}

#[test]
fn a_counter_of_some_variants_exists_on_these_only() {
    let all = Statistic::register("A", "a", &[]);
    let some = all.only_on(&["one", "two"]);
    for variant in ["one", "two", "three", ""] {
        assert!(all.exists_on(variant));
        assert_eq!(some.exists_on(variant), variant.len() == 3, "{variant}");
    }
}
